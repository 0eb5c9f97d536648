"""Apps and installations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.accounts import account
from bot.standins.github.views.urls import Json, Urls, moment, node

if TYPE_CHECKING:
    from bot.standins.github.apps import App, Installation


def app(shown: App, urls: Urls) -> Json:
    return {
        "id": shown.id,
        "slug": shown.slug,
        "client_id": f"Iv23li{shown.id:014}",
        "node_id": node("Integration", shown.id),
        "owner": account(shown.owner, urls),
        "name": shown.slug,
        "description": None,
        "external_url": f"{urls.web}/apps/{shown.slug}",
        "html_url": f"{urls.web}/apps/{shown.slug}",
        "created_at": moment(shown.created_at),
        "updated_at": moment(shown.created_at),
        "permissions": shown.permissions,
        "events": list(shown.events),
        "installations_count": len(shown.installations),
    }


def installation(shown: Installation, urls: Urls) -> Json:
    owner = shown.account
    return {
        "id": shown.id,
        "account": account(owner, urls),
        "repository_selection": "all" if shown.repositories is None else "selected",
        "access_tokens_url": f"{urls.api}/app/installations/{shown.id}/access_tokens",
        "repositories_url": f"{urls.api}/installation/repositories",
        "html_url": f"{urls.web}/organizations/{owner.login}/settings/installations/{shown.id}",
        "app_id": shown.app.id,
        "app_slug": shown.app.slug,
        "target_id": owner.id,
        "target_type": owner.kind,
        "permissions": shown.permissions,
        "events": list(shown.app.events),
        "created_at": moment(shown.created_at),
        "updated_at": moment(shown.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": account(owner, urls) if shown.suspended_at else None,
        "suspended_at": moment(shown.suspended_at),
    }
