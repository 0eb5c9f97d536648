"""Methods about people, groups, the bot itself and its team."""

from bot.standins.slack.call import Call, paged
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Json, UserGroup
from bot.standins.slack.shown import bot_json


def auth_test(call: Call) -> Json:
    app, workspace = call.workspace.app, call.workspace
    return {
        "ok": True,
        "url": f"https://{workspace.domain}.slack.example/",
        "team": workspace.domain,
        "user": app.name,
        "team_id": workspace.team_id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def users_info(call: Call) -> Json:
    user = call.user()
    shown = user.json(with_email=_may_see_email(call))
    if call.args.flag("include_locale"):
        shown["locale"] = user.locale
    return {"ok": True, "user": shown}


def users_list(call: Call) -> Json:
    page, cursor = call.page(list(call.workspace.users.values()))
    shown = [user.json(with_email=_may_see_email(call)) for user in page]
    return {"ok": True, "members": shown, **paged(cursor)}


def lookup_by_email(call: Call) -> Json:
    email = call.args.need("email").lower()
    everyone = call.workspace.users.values()
    user = next((each for each in everyone if each.email.lower() == email), None)
    if user is None or user.deleted:
        code = "users_not_found"
        raise SlackError(code)
    return {"ok": True, "user": user.json(with_email=True)}


def usergroups_list(call: Call) -> Json:
    disabled, with_users = call.args.flag("include_disabled"), call.args.flag("include_users")
    groups = [each for each in call.workspace.groups.values() if disabled or not each.disabled]
    shown = [_group(call, each, with_users=with_users) for each in groups]
    return {"ok": True, "usergroups": shown}


def usergroups_users(call: Call) -> Json:
    group = call.workspace.groups.get(call.args.need("usergroup"))
    if group is None:
        code = "no_such_subteam"
        raise SlackError(code)
    return {"ok": True, "users": list(group.users)}


def bots_info(call: Call) -> Json:
    if call.args.text("bot") not in ("", call.workspace.app.bot_id):
        code = "bot_not_found"
        raise SlackError(code)
    return {"ok": True, "bot": bot_json(call.workspace)}


def team_info(call: Call) -> Json:
    workspace = call.workspace
    team = {"id": workspace.team_id, "name": workspace.domain, "domain": workspace.domain}
    return {"ok": True, "team": team}


def _may_see_email(call: Call) -> bool:
    return "users:read.email" in call.scopes


def _group(call: Call, group: UserGroup, *, with_users: bool) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": call.workspace.team_id,
        "is_usergroup": True,
        "handle": group.handle,
        "name": group.name or group.handle,
        "user_count": len(group.users),
        "date_delete": int(group.disabled),
    }
    return shown | ({"users": list(group.users)} if with_users else {})
