"""The whole log of a failed job, redacted, for the one who asked."""

import asyncio
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.diagnosis.redaction import Redactor
from bot.diagnosis.text import without_escapes, without_stamp
from bot.domain.errors import NotFoundError, TransientError, UserError
from bot.domain.ids import IncidentId, JobId
from bot.messages.text import sentence
from bot.ports.code_host import CodeHost
from bot.ports.rows import DiagnosisRows, IncidentRows, JobDiagnosis, RepositoryRows, RunRows
from bot.ports.store import Store

MOST_BYTES: Final = 8_000_000  # compressed; Discord takes 10 MiB
CUT_AFTER_BYTES: Final = 1_000_000  # a longer line is passed on in pieces
LEFT_OUT: Final = "…".encode()


class LogTx(RepositoryRows, RunRows, IncidentRows, DiagnosisRows, Protocol):
    """Rows that say which log is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullLog:
    job: str
    url: str
    """Where to read it on GitHub."""
    body: bytes
    """gzip; empty where the log is too large to be sent."""
    redacted: int

    @property
    def file_name(self) -> str:
        safe = "".join(sign if sign.isalnum() else "-" for sign in self.job)
        return f"{safe.strip('-')[:60] or 'job'}.log.gz"


class Logs:
    def __init__(self, store: Store[LogTx], code_host: CodeHost) -> None:
        self._store = store
        self._code_host = code_host

    async def full_log(self, incident_id: IncidentId) -> FullLog:
        """Fetch the log of the job that the card's proof is from.

        Raises:
            UserError: There is no log, or GitHub does not give it now.
        """
        async with self._store.read() as tx:
            incident = await tx.incident(incident_id)
            repo = await tx.repository(incident.lane.repo) if incident else None
            if incident is None or repo is None:
                msg = f"There is no incident #{incident_id}. Try /build incidents."
                raise UserError(msg)
            run = await tx.run(incident.run, incident.attempt)
            found = await tx.diagnoses(incident.run, incident.attempt)
        job = _proven(found)
        if job is None:
            msg = "No log was read for this incident yet. Open the run on GitHub."
            raise UserError(msg)
        packer = _Packer()
        try:
            async with self._code_host.job_log(repo, JobId(job.job)) as blocks:
                async for block in blocks:
                    await asyncio.to_thread(packer.take, block)
                    if packer.too_large:
                        break
        except NotFoundError as error:
            msg = f"GitHub has no log of {job.job_name} (any more)."
            raise UserError(msg) from error
        except TransientError as error:
            msg = f"I could not get the log: {sentence(error)} Please try again in a minute."
            raise UserError(msg) from error
        return FullLog(
            job=job.job_name,
            url=run.url if run else "",
            body=await asyncio.to_thread(packer.finish),
            redacted=packer.redacted,
        )


class _Packer:
    """Redacts line by line and compresses, holding no more than the compressed log."""

    def __init__(self) -> None:
        self._redactor = Redactor()
        self._rest = b""
        self._out = io.BytesIO()
        self._zip = gzip.GzipFile(fileobj=self._out, mode="wb", compresslevel=6)

    @property
    def redacted(self) -> int:
        return self._redactor.count

    @property
    def too_large(self) -> bool:
        return self._out.tell() > MOST_BYTES

    def take(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            self._write(line + b"\n")
        while len(self._rest) > CUT_AFTER_BYTES:
            # A cut goes through no word, since half a secret is not known as one.
            cut = self._rest.rfind(b" ", 0, CUT_AFTER_BYTES) + 1 or CUT_AFTER_BYTES
            piece, self._rest = self._rest[:cut], self._rest[cut:]
            # A word of a million characters is nothing to read, and may be anything.
            self._write(piece if b" " in piece[-1:] else LEFT_OUT)

    def finish(self) -> bytes:
        self._write(self._rest)
        self._zip.close()
        return b"" if self.too_large else self._out.getvalue()

    def _write(self, line: bytes) -> None:
        """Scrub what the tool said: its stamp and colours would hide where a secret begins."""
        said = without_stamp(line)
        stamp = line[: len(line) - len(said)]
        text = without_escapes(said).decode("utf-8", "replace")
        body, end = text.rstrip("\r\n"), text[len(text.rstrip("\r\n")) :]
        self._zip.write(stamp + (self._redactor.line(body) + end).encode())


def _proven(found: Sequence[JobDiagnosis]) -> JobDiagnosis | None:
    """Return the job whose lines the card shows: the first of the largest group."""
    read = [one for one in found if one.diagnosis]
    if not read:
        return found[0] if found else None
    sizes: dict[str, int] = {}
    for one in read:
        fingerprint = one.diagnosis.fingerprint if one.diagnosis else ""
        sizes[fingerprint] = sizes.get(fingerprint, 0) + 1
    return max(read, key=lambda one: sizes[one.diagnosis.fingerprint] if one.diagnosis else 0)
