"""The card's second line: must I act, who has it, since when."""

from bot.domain.incident import Incident, State
from bot.domain.retry import LIVE, Retry, RetryState
from bot.messages.blindness import unknown_state
from bot.messages.facts import CardFacts, is_diagnosed
from bot.messages.text import Mention, Moment, Text, TimeStyle, join, say


def action_line(facts: CardFacts) -> Text:
    """Answer: must I act, who has it, since when."""
    incident = facts.incident
    if facts.unknown and incident.unconfirmed_since:
        outlook = unknown_state(incident.unconfirmed_since)
    else:
        outlook = _outlook(facts)
    return join([outlook, _holder(incident), _since(incident)])


def _outlook(facts: CardFacts) -> Text:
    incident, retry = facts.incident, facts.retry
    if incident.green_run:
        return say("It is green again; I am checking that the broken job really ran.")
    if retry and retry.state in LIVE:
        return _retrying(facts, retry)
    if incident.log_wait:
        return _waiting(incident)
    if incident.early:
        return say("Nothing to do yet: the run has not ended.")
    if not is_diagnosed(incident) or not incident.outlook:
        return say("I am reading the log.")
    return say("Please look: I do not retry this by myself, because {why}.", why=incident.outlook)


def _waiting(incident: Incident) -> Text:
    why = say("{why}", why=incident.log_wait)
    if incident.log_wait_until is None:
        return why
    return say("{why} I read it at about {at}.", why=why, at=Moment(incident.log_wait_until))


def _retrying(facts: CardFacts, retry: Retry) -> Text:
    if retry.state is not RetryState.WAITING:
        return _running(retry)
    if facts.incident.early:
        return say("{who} asked for a retry; I start it when the run ends.", who=_who(retry))
    if retry.tries or retry.outcome:
        return say("GitHub has not taken the retry yet; I keep trying.")
    if retry.by:
        return say("{who} asked for a retry; it starts now.", who=_who(retry))
    at = Moment(retry.due_at)
    return say("Nothing to do yet: I retry at {at} and call you if it fails.", at=at)


def _running(retry: Retry) -> Text:
    attempt = retry.attempt + 1
    if retry.state is RetryState.DONE_ELSEWHERE:
        return say("Nothing to do yet: attempt {n} runs, started on GitHub.", n=attempt)
    return say("Nothing to do yet: {who} retried it, attempt {n} runs.", who=_who(retry), n=attempt)


def _who(retry: Retry) -> Mention | str:
    return Mention(retry.by.key, retry.by.name) if retry.by else "the bot"


def _holder(incident: Incident) -> Text:
    if incident.state is State.ACKNOWLEDGED and incident.owner:
        return say("{owner} has it.", owner=Mention(incident.owner.key, incident.owner.name))
    return say("Nobody has taken it.")


def _since(incident: Incident) -> Text:
    broken = say("It broke {at}", at=Moment(incident.red_since, TimeStyle.AGO))
    if incident.streak > 1:
        broken = say("{broken}, {n} runs in a row", broken=broken, n=incident.streak)
    if incident.last_green_at is None:
        return say("{broken}.", broken=broken)
    green = Moment(incident.last_green_at, TimeStyle.AGO)
    return say("{broken}, last green {green}.", broken=broken, green=green)
