"""Webhooks and the log of their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.urls import Json, Urls, moment

if TYPE_CHECKING:
    from bot.standins.github.hooks import Delivery, Hook


def hook(shown: Hook, urls: Urls) -> Json:
    owner = _owner(shown, urls)
    mine = f"{owner}/hooks/{shown.id}"
    body: Json = {
        "type": _type(shown),
        "id": shown.id,
        "name": "web",
        "active": True,
        "events": sorted(shown.events),
        "config": {
            "content_type": shown.content_type,
            "insecure_ssl": "0",
            "secret": "********",
            "url": shown.url,
        },
        "created_at": moment(shown.created_at),
        "updated_at": moment(shown.created_at),
        "deliveries_url": f"{mine}/deliveries",
    }
    if shown.organization:
        return body | {"url": mine, "ping_url": f"{mine}/pings"}
    if shown.repository:
        return body | {
            "url": mine,
            "test_url": f"{mine}/test",
            "ping_url": f"{mine}/pings",
            "last_response": _last_response(shown),
        }
    return body | {"app_id": shown.app.id if shown.app else None}


def _type(shown: Hook) -> str:
    if shown.organization:
        return "Organization"
    return "Repository" if shown.repository else "App"


def _owner(shown: Hook, urls: Urls) -> str:
    if shown.organization:
        return f"{urls.api}/orgs/{shown.organization.login}"
    return urls.repo(shown.repository) if shown.repository else f"{urls.api}/app"


def listed(shown: Delivery) -> Json:
    return {
        "id": shown.id,
        "guid": shown.guid,
        "delivered_at": moment(shown.delivered_at),
        "redelivery": shown.redelivery,
        "duration": round(shown.seconds, 2),
        "status": shown.status,
        "status_code": shown.status_code,
        "event": shown.event,
        "action": shown.action,
        "installation_id": shown.installation_id,
        "repository_id": shown.repository_id,
        "throttled_at": None,
    }


def full(shown: Delivery, of: Hook) -> Json:
    return listed(shown) | {
        "url": of.url,
        "request": {"headers": shown.request_headers, "payload": shown.payload},
        "response": {"headers": shown.response_headers, "payload": shown.response},
    }


def _last_response(shown: Hook) -> Json:
    if not shown.deliveries:
        return {"code": None, "status": "unused", "message": None}
    last = shown.deliveries[-1]
    status = "active" if last.status == "OK" else "failed"
    return {"code": last.status_code, "status": status, "message": last.status}
