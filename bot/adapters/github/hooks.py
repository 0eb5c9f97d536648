"""The logs of our webhooks: the App's own, a repository's, an organization's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.adapters.github import answers
from bot.adapters.github.api import MOST_PAGES, PAGE
from bot.adapters.github.asking import Asking, target_of
from bot.adapters.github.credentials import Target
from bot.adapters.github.paths import of_repository
from bot.adapters.github.payloads import repo_of
from bot.adapters.github.wording import moment, one_line
from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.events import Delivery
from bot.domain.hearing import Hook, LoggedDelivery
from bot.domain.ids import DeliveryId, RepoId
from bot.domain.run import Repository

APP: Final = "app"
OUR_DOOR: Final = "/github"  # how the address of our hook ends, whatever stands before it
MOST_PLACES: Final = 300  # that are looked at for hooks, one request each
FEW_PAGES: Final = 20  # of what arrived: a busy log is longer than anybody wants to read
NO_RIGHTS: Final = (
    "GitHub does not let us read the logs of webhooks, so lost deliveries are only found by asking "
    "for the runs. Give the token the permission Webhooks (admin:repo_hook), or use a GitHub App."
)


async def candidates(asking: Asking, repos: Sequence[Repository]) -> Sequence[Hook]:
    """Return the hooks of repositories and organizations that lead to a door like ours.

    Raises:
        OperatorError: We may not look at any.
    """
    found: list[Hook] = []
    allowed, odd = False, None
    owners = {repo.full_name.split("/", maxsplit=1)[0]: repo for repo in repos}
    places = [(owner, f"/orgs/{owner}/hooks", repo) for owner, repo in owners.items()]
    places += [(repo.full_name, of_repository(repo.full_name, "hooks"), repo) for repo in repos]
    for name, path, repo in places[:MOST_PLACES]:
        try:
            pages = await asking.pages_of(
                target_of(repo), path, shape=list[answers.Hook], what=f"webhooks of {name}"
            )
        except (NotFoundError, OperatorError):
            continue
        except PermanentError as error:
            odd = error  # as of one repository that is blocked; the others are looked at
            continue
        allowed = True
        hooks = [hook for page in pages for hook in page if _is_like_ours(hook)]
        found.extend(Hook(name=f"{name}/{hook.id}", certain=False) for hook in hooks)
    if places and not allowed:
        raise odd or OperatorError(NO_RIGHTS)
    return found


def _is_like_ours(hook: answers.Hook) -> bool:
    url = hook.config.url if hook.config else None
    return hook.active is not False and (url or "").rstrip("/").endswith(OUR_DOOR)


async def logged(
    asking: Asking, hook: Hook, *, since: datetime, failed: bool, now: datetime
) -> Sequence[LoggedDelivery]:
    target, path = _where(hook)
    query = {"per_page": PAGE} | ({"status": "failure"} if failed else {})
    found: list[LoggedDelivery] = []
    for _ in range(MOST_PAGES if failed else FEW_PAGES):
        page = await asking.page(
            target,
            path,
            shape=list[answers.LoggedDelivery],
            what=f"log of the webhook {hook.name}",
            **query,
        )
        read = [_logged(raw, now) for raw in page.value] if page else []
        found.extend(one for one in read if one.at >= since)
        if page is None or not page.more or not read or read[-1].at < since:
            break
        path, query = page.more, {}
    return found


async def logged_delivery(
    asking: Asking, hook: Hook, one: LoggedDelivery, *, now: datetime
) -> Delivery:
    target, path = _where(hook)
    raw = await asking.one(
        target,
        f"{path}/{one.number}",
        shape=answers.LoggedDeliveryWithPayload,
        what=f"delivery {one.number} of the webhook {hook.name}",
    )
    body = bytes(raw.request.payload)
    return Delivery(id=one.id, event=one.event, repo=repo_of(body), received_at=now, body=body)


async def redeliver(asking: Asking, hook: Hook, one: LoggedDelivery) -> None:
    target, path = _where(hook)
    what = f"delivery {one.number} of the webhook {hook.name}"
    await asking.wish(target, f"{path}/{one.number}/attempts", what=what)


def _where(hook: Hook) -> tuple[Target, str]:
    """Return whom we are to the hook's owner, and where its log is."""
    if hook.name == APP:
        return Target(name="", itself=True), "/app/hook/deliveries"
    match hook.name.split("/"):
        case [owner, repo, id] if id.isdecimal():
            name = f"{owner}/{repo}"
            return Target(name=name), of_repository(name, "hooks", id, "deliveries")
        case [owner, id] if id.isdecimal():
            return Target(name=""), f"/orgs/{owner}/hooks/{id}/deliveries"
        case _:
            msg = f'"{hook.name}" names no webhook; it is "owner/repository/id" or "owner/id".'
            raise PermanentError(msg)


def _logged(raw: answers.LoggedDelivery, now: datetime) -> LoggedDelivery:
    return LoggedDelivery(
        number=raw.id,
        id=DeliveryId(raw.guid),
        event=raw.event,
        action=raw.action or "",
        at=moment(raw.delivered_at, latest=now) or now,
        status=raw.status_code or 0,
        said=one_line(raw.status),
        again=raw.redelivery is True,
        repo=RepoId(raw.repository_id) if raw.repository_id else None,
    )
