"""Pull requests and releases."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.refusal import not_found
from bot.standins.github.views import pulls


def pull(call: Call) -> Answer:
    number = call.number("pull_number")
    for found in call.repository.pulls:
        if found.number == number:
            return Answer(body=pulls.full(found, call.urls))
    raise not_found()


def listed(call: Call) -> Answer:
    """List pull requests; as on GitHub, a `head` without an owner filters nothing."""
    state = call.query.get("state", "open")
    owner, colon, name = call.query.get("head", "").partition(":")
    base = call.query.get("base")
    found = [
        one
        for one in reversed(call.repository.pulls)
        if state in {"all", one.state}
        and (not colon or (one.head_repository.owner.login, one.head) == (owner, name))
        and base in {None, one.base}
    ]
    return call.page([pulls.listed(one, call.urls) for one in found])


def release(call: Call) -> Answer:
    for found in call.repository.releases:
        if found.tag == call.parts["tag"]:
            return Answer(body=pulls.release(found, call.urls))
    raise not_found()


ROUTES: Final = (
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/pulls",
        answer=listed,
        need=Need("pull_requests"),
    ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/pulls/{pull_number}",
        answer=pull,
        need=Need("pull_requests"),
    ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/releases/tags/{tag:.+}",
        answer=release,
        need=Need("contents"),
    ),
)
