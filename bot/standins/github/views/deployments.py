"""Deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.accounts import account
from bot.standins.github.views.urls import Json, Urls, moment, node

if TYPE_CHECKING:
    from bot.standins.github.deployments import Deployment


def deployment(shown: Deployment, urls: Urls) -> Json:
    repository = shown.repository
    mine = f"{urls.repo(repository)}/deployments/{shown.id}"
    made = moment(shown.created_at)
    return {
        "id": shown.id,
        "node_id": node("Deployment", shown.id),
        "url": mine,
        "sha": shown.sha,
        "ref": shown.ref,
        "task": "deploy",
        "payload": {},
        "original_environment": shown.environment,
        "environment": shown.environment,
        "description": None,
        "creator": account(repository.world.account("github-actions[bot]", "Bot"), urls),
        "created_at": made,
        "updated_at": made,
        "statuses_url": f"{mine}/statuses",
        "repository_url": urls.repo(repository),
        "transient_environment": False,
        "production_environment": False,
        "performed_via_github_app": None,
    }
