"""Who somebody is, and what is left of the hour."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import UserCaller
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.views.accounts import profile


def myself(call: Call) -> Answer:
    if not isinstance(call.caller, UserCaller):
        anonymous = call.caller.budget == "anonymous"
        raise (
            RefusalError(401, "Requires authentication")
            if anonymous
            else RefusalError(403, "Resource not accessible by integration")
        )
    return Answer(body=profile(call.caller.account, call.urls))


def user(call: Call) -> Answer:
    found = call.hub.world.accounts.get(call.parts["username"])
    if found is None:
        raise not_found()
    return Answer(body=profile(found, call.urls))


def rate_limit(call: Call) -> Answer:
    hour = call.budgets.hour(call.caller.budget)
    core = {
        "limit": hour.limit,
        "used": hour.used,
        "remaining": hour.remaining,
        "reset": hour.reset,
    }
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": hour.reset}
    return Answer(body={"resources": {"core": core, "search": search}, "rate": core})


ROUTES: Final = (
    Route(method="GET", path="/user", answer=myself),
    Route(method="GET", path="/users/{username}", answer=user),
    Route(method="GET", path="/rate_limit", answer=rate_limit),
)
