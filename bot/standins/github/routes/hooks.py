"""Webhooks of repositories, organizations and apps: what was delivered, and once more please."""

from typing import Final

from bot.standins.github.call import MOST_A_PAGE, Answer, Call, Route
from bot.standins.github.callers import Need, UserCaller
from bot.standins.github.hooks import Delivery, Hook
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.views import hooks

READ: Final = Need("repository_hooks", open_if_public=False)
WRITE: Final = Need("repository_hooks", "write", open_if_public=False)


def listed(call: Call) -> Answer:
    return call.page([hooks.hook(one, call.urls) for one in call.repository.hooks])


def listed_of_organization(call: Call) -> Answer:
    return call.page([hooks.hook(one, call.urls) for one in _organization_hooks(call)])


def config(call: Call) -> Answer:
    return Answer(body=_config(_app_hook(call)))


def repository_deliveries(call: Call) -> Answer:
    return _deliveries(call, _hook(call))


def app_deliveries(call: Call) -> Answer:
    return _deliveries(call, _app_hook(call))


def organization_deliveries(call: Call) -> Answer:
    return _deliveries(call, _organization_hook(call))


def organization_delivery(call: Call) -> Answer:
    hook = _organization_hook(call)
    return Answer(body=hooks.full(_delivery(call, hook), hook))


def organization_redeliver(call: Call) -> Answer:
    return _redeliver(call, _organization_hook(call))


def repository_delivery(call: Call) -> Answer:
    hook = _hook(call)
    return Answer(body=hooks.full(_delivery(call, hook), hook))


def app_delivery(call: Call) -> Answer:
    hook = _app_hook(call)
    return Answer(body=hooks.full(_delivery(call, hook), hook))


def repository_redeliver(call: Call) -> Answer:
    return _redeliver(call, _hook(call))


def app_redeliver(call: Call) -> Answer:
    return _redeliver(call, _app_hook(call))


def _deliveries(call: Call, hook: Hook) -> Answer:
    """List the newest first; the cursor is the id of the first one of the page."""
    kept = [one for one in reversed(_remembered(call, hook)) if _has_status(call, one)]
    cursor = call.query.get("cursor")
    if cursor:
        places = [place for place, one in enumerate(kept) if str(one.id) == cursor]
        if not places:
            raise RefusalError(422, "Invalid cursor")
        kept = kept[places[0] :]
    text = call.query.get("per_page", "30")
    size = min(int(text) if text.isdecimal() else 30, MOST_A_PAGE)
    more = kept[size:]
    link = f'<{call.link(cursor=more[0].id)}>; rel="next"' if more else None
    return Answer(
        body=[hooks.listed(one) for one in kept[:size]], headers={"Link": link} if link else {}
    )


def _has_status(call: Call, delivery: Delivery) -> bool:
    wished = call.query.get("status")
    if wished is None:
        return True
    return (delivery.status == "OK") == (wished == "success")


def _redeliver(call: Call, hook: Hook) -> Answer:
    delivery = _delivery(call, hook)
    call.outbox.again(hook, delivery)
    call.count("redeliver", delivery.id)
    return Answer(status=202, body={})


def _remembered(call: Call, hook: Hook) -> list[Delivery]:
    world = call.hub.world
    oldest = world.now() - world.limits.delivery_memory
    sent = [one for one in hook.deliveries if one.status != "pending"]
    return [one for one in sent if one.delivered_at >= oldest]


def _delivery(call: Call, hook: Hook) -> Delivery:
    number = call.number("delivery_id")
    for found in _remembered(call, hook):
        if found.id == number:
            return found
    raise not_found()


def _hook(call: Call) -> Hook:
    number = call.number("hook_id")
    for found in call.repository.hooks:
        if found.id == number:
            return found
    raise not_found()


def _organization_hooks(call: Call) -> list[Hook]:
    """Return the hooks of an organization, which only a token made for them sees."""
    caller = call.caller
    allowed = isinstance(caller, UserCaller) and "admin:org_hook" in (caller.scopes or ())
    if not allowed:
        raise not_found()
    every = call.hub.organization_hooks
    return [
        one for one in every if one.organization and one.organization.login == call.parts["org"]
    ]


def _organization_hook(call: Call) -> Hook:
    number = call.number("hook_id")
    for found in _organization_hooks(call):
        if found.id == number:
            return found
    raise not_found()


def _app_hook(call: Call) -> Hook:
    if call.app.hook is None:
        raise not_found()
    return call.app.hook


def _config(hook: Hook) -> dict[str, object]:
    return {
        "content_type": hook.content_type,
        "insecure_ssl": "0",
        "secret": "********",
        "url": hook.url,
    }


OF_REPOSITORY: Final = "/repos/{owner}/{repo}/hooks"
ONE: Final = OF_REPOSITORY + "/{hook_id}/deliveries"
OF_ORGANIZATION: Final = "/orgs/{org}/hooks"
ONE_OF_ORGANIZATION: Final = OF_ORGANIZATION + "/{hook_id}/deliveries"
OF_APP: Final = "/app/hook/deliveries"
ROUTES: Final = (
    Route(method="GET", path=OF_REPOSITORY, answer=listed, need=READ),
    Route(method="GET", path=ONE, answer=repository_deliveries, need=READ),
    Route(method="GET", path=ONE + "/{delivery_id}", answer=repository_delivery, need=READ),
    Route(
        method="POST",
        path=ONE + "/{delivery_id}/attempts",
        answer=repository_redeliver,
        need=WRITE,
    ),
    Route(method="GET", path=OF_ORGANIZATION, answer=listed_of_organization),
    Route(method="GET", path=ONE_OF_ORGANIZATION, answer=organization_deliveries),
    Route(
        method="GET",
        path=ONE_OF_ORGANIZATION + "/{delivery_id}",
        answer=organization_delivery,
    ),
    Route(
        method="POST",
        path=ONE_OF_ORGANIZATION + "/{delivery_id}/attempts",
        answer=organization_redeliver,
    ),
    Route(method="GET", path="/app/hook/config", answer=config),
    Route(method="GET", path=OF_APP, answer=app_deliveries),
    Route(method="GET", path=OF_APP + "/{delivery_id}", answer=app_delivery),
    Route(method="POST", path=OF_APP + "/{delivery_id}/attempts", answer=app_redeliver),
)
