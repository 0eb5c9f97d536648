"""What is counted, in Prometheus' terms; only this package knows that library."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from bot.domain.work import DueKind
from bot.ports.finding import Finding
from bot.ports.overview import Overview
from bot.ports.running import Process

# Seconds, from a row read from memory to GitHub's longest log.
SPANS: Final = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """All that `/metrics` shows, in a registry of its own."""

    def __init__(self, process: Process) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self._info = Info("smokejumper", "Which program this is.", registry=self.registry)
        self._info.info({"version": process.version, "roles": ",".join(process.roles)})
        self._received = self._counter(
            "deliveries_received", "Deliveries that GitHub posted.", "event", "answer"
        )
        self._events = self._counter(
            "events_processed", "Deliveries that were opened and handled.", "event"
        )
        self._presses = self._counter(
            "presses_processed", "Buttons and commands that were handled.", "press"
        )
        self._work = self._counter("work", "Due rows that were worked on.", "kind", "outcome")
        self._work_seconds = self._histogram("work", "How long a due row took.", "kind")
        self._calls = self._counter("chat_calls", "Calls of chats.", "chat", "call", "outcome")
        self._call_seconds = self._histogram("chat_call", "How long a call took.", "chat", "call")
        self._reruns = self._counter("reruns", "Re-runs that GitHub was asked for.", "outcome")
        self._answers = self._counter("github_answers", "What GitHub answered.", "status")
        self._limited = self._counter("rate_limited", "Chats' refusals for asking too often.", "of")
        self._up = self._gauge("dependency_up", "1 where what we depend on works.", "dependency")
        self._leads = self._gauge("leads", "1 where this process leads the chats.")
        self._due = self._gauge("due_rows", "Due rows by state.", "kind", "state")
        self._oldest = self._gauge(
            "due_oldest_age_seconds", "How long the longest waiting row is overdue.", "kind"
        )
        self._set_aside = self._gauge("deliveries_set_aside", "Deliveries that were given up.")
        self._open = self._gauge("incidents_open", "Incidents that have not ended.")
        self._unconfirmed = self._gauge(
            "incidents_unconfirmed", "Open ones that GitHub could not be asked about."
        )
        self._remaining = self._gauge("budget_remaining", "Requests that are left.", "budget")
        self._newest = self._gauge(
            "newest_delivery_timestamp_seconds", "When the newest delivery came."
        )

    # Counted as it happens

    def delivery(self, event: str, answer: str) -> None:
        self._received.labels(event, answer).inc()

    def event(self, name: str) -> None:
        self._events.labels(name).inc()

    def press(self, name: str) -> None:
        self._presses.labels(name).inc()

    def worked(self, kind: DueKind, outcome: str, lasted: timedelta) -> None:
        self._work.labels(kind, outcome).inc()
        self._work_seconds.labels(kind).observe(lasted.total_seconds())

    def called(self, chat: str, call: str, outcome: str, lasted: timedelta) -> None:
        self._calls.labels(chat, call, outcome).inc()
        self._call_seconds.labels(chat, call).observe(lasted.total_seconds())
        if outcome == "limited":
            self._limited.labels(chat).inc()

    def reran(self, outcome: str) -> None:
        self._reruns.labels(outcome).inc()

    def answered(self, status: int) -> None:
        """Count an answer of GitHub; 0 is none at all."""
        self._answers.labels(str(status or "lost")).inc()

    # Looked up when somebody asks

    def show(
        self,
        overview: Overview | None,
        findings: Mapping[str, Finding],
        *,
        leads: bool,
        now: datetime,
    ) -> None:
        self._leads.set(leads)
        for name, finding in findings.items():
            self._up.labels(name).set(finding.ok)
        if overview is None:
            return
        self._show_waiting(overview, now)
        self._set_aside.set(overview.deliveries_set_aside)
        self._open.set(overview.open_incidents)
        self._unconfirmed.set(overview.unconfirmed_incidents)
        for name, budget in overview.budgets.items():
            if budget.remaining is not None:
                self._remaining.labels(name).set(budget.remaining)
        if overview.newest_delivery:
            self._newest.set(overview.newest_delivery.timestamp())

    def _show_waiting(self, overview: Overview, now: datetime) -> None:
        self._due.clear()
        self._oldest.clear()
        for waiting in overview.waiting:
            self._due.labels(waiting.kind, "due").set(waiting.due)
            self._due.labels(waiting.kind, "later").set(waiting.later)
            self._due.labels(waiting.kind, "set_aside").set(waiting.set_aside)
            age = now - waiting.oldest if waiting.oldest else timedelta(0)
            self._oldest.labels(waiting.kind).set(age.total_seconds())

    def page(self) -> bytes:
        return generate_latest(self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"smokejumper_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"smokejumper_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(
            f"smokejumper_{name}_seconds", what, labels, buckets=SPANS, registry=self.registry
        )
