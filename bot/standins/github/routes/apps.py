"""What an app may ask about itself, and its tokens."""

from collections.abc import Mapping
from typing import Final

from bot.standins.github.apps import Installation
from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import InstallationCaller
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.views import apps, repositories
from bot.standins.github.views.urls import moment


def me(call: Call) -> Answer:
    return Answer(body=apps.app(call.app, call.urls))


def installations(call: Call) -> Answer:
    return call.page([apps.installation(one, call.urls) for one in call.app.installations])


def installation(call: Call) -> Answer:
    return Answer(body=apps.installation(_installation(call), call.urls))


def of_repository(call: Call) -> Answer:
    found = call.hub.installation_in(call.app, call.repository)
    return Answer(body=apps.installation(found, call.urls))


def make_token(call: Call) -> Answer:
    """Make an installation token, for all the app was given or for less."""
    into = _installation(call)
    if into.suspended_at:
        raise RefusalError(403, "This installation has been suspended")
    token, caller = call.hub.tokens.of_installation(
        into,
        permissions=_permissions(call, into),
        repositories=_repositories(call, into),
    )
    call.count("access-token", into.id)
    selected = into.repositories is not None or caller.repositories is not None
    body: dict[str, object] = {
        "token": token,
        "expires_at": moment(caller.expires_at),
        "permissions": caller.permissions,
        "repository_selection": "selected" if selected else "all",
    }
    if caller.repositories is not None:
        chosen = [call.hub.find_by_id(number) for number in caller.repositories]
        body["repositories"] = [repositories.long(one, call.urls) for one in chosen]
    return Answer(status=201, body=body)


def reachable(call: Call) -> Answer:
    """List the repositories that an installation token reaches."""
    caller = call.caller
    if not isinstance(caller, InstallationCaller):
        raise RefusalError(403, "You must authenticate with an installation access token")
    found = [
        repositories.long(one, call.urls)
        for one in call.hub.repositories
        if not one.deleted
        and caller.installation.covers(one)
        and (caller.repositories is None or one.id in caller.repositories)
    ]
    return call.page(found, key="repositories")


def _installation(call: Call) -> Installation:
    number = call.number("installation_id")
    for found in call.app.installations:
        if found.id == number:
            return found
    raise not_found()


def _permissions(call: Call, into: Installation) -> Mapping[str, str]:
    wished = call.body.get("permissions")
    if not wished or not isinstance(wished, dict):
        return into.permissions
    given = into.permissions
    if any(given.get(name) not in {level, "write", "admin"} for name, level in wished.items()):
        raise RefusalError(422, "The permissions requested are not granted to this installation.")
    return wished


def _repositories(call: Call, into: Installation) -> list[int] | None:
    names, numbers = call.body.get("repositories"), call.body.get("repository_ids")
    if not names and not numbers:
        return None
    wished = {
        *(names if isinstance(names, list) else []),
        *(numbers if isinstance(numbers, list) else []),
    }
    found = [
        one.id
        for one in call.hub.repositories
        if into.covers(one) and (one.name in wished or one.id in wished)
    ]
    if len(found) != len(wished):
        raise RefusalError(
            422,
            "There is at least one repository that does not exist or is not accessible to the "
            "parent installation.",
        )
    return found


ROUTES: Final = (
    Route(method="GET", path="/app", answer=me),
    Route(method="GET", path="/app/installations", answer=installations),
    Route(method="GET", path="/app/installations/{installation_id}", answer=installation),
    Route(
        method="POST",
        path="/app/installations/{installation_id}/access_tokens",
        answer=make_token,
    ),
    Route(method="GET", path="/repos/{owner}/{repo}/installation", answer=of_repository),
    Route(method="GET", path="/installation/repositories", answer=reachable),
)
