"""The repository itself and what somebody may do in it."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need, UserCaller
from bot.standins.github.refusal import RefusalError
from bot.standins.github.repository import ROLES
from bot.standins.github.views.accounts import account
from bot.standins.github.views.repositories import full, long

LEGACY: Final = {"triage": "read", "maintain": "write"}


def repository(call: Call) -> Answer:
    return Answer(body=full(call.repository, call.urls))


def mine(call: Call) -> Answer:
    """List what a person's token sees: what they own or were let into."""
    caller = call.caller
    if not isinstance(caller, UserCaller):
        raise RefusalError(403, "Resource not accessible by integration")
    login = caller.account.login
    found = [
        one
        for one in call.hub.repositories
        if not one.deleted
        and caller.sees(one)
        and (login in one.roles or one.owner is caller.account)
    ]
    return call.page([long(one, call.urls) for one in found])


def permission(call: Call) -> Answer:
    """Say what a person may do; `permission` knows four levels, `role_name` all."""
    login = call.parts["username"]
    person = call.hub.world.accounts.get(login)
    if person is None:
        raise RefusalError(404, f"{login} is not a user")
    role = call.repository.role_of(person)
    level = ROLES.index(role)
    may = {
        "admin": level >= ROLES.index("admin"),
        "maintain": level >= ROLES.index("maintain"),
        "push": level >= ROLES.index("write"),
        "triage": level >= ROLES.index("triage"),
        "pull": level >= ROLES.index("read"),
    }
    user = account(person, call.urls) | {"permissions": may, "role_name": role}
    return Answer(body={"permission": LEGACY.get(role, role), "role_name": role, "user": user})


ROUTES: Final = (
    Route(method="GET", path="/user/repos", answer=mine),
    Route(method="GET", path="/repos/{owner}/{repo}", answer=repository, need=Need("metadata")),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/collaborators/{username}/permission",
        answer=permission,
        need=Need("metadata", open_if_public=False),
    ),
)
