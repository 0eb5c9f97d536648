"""Users and organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.standins.github.views.urls import Json, Urls, node

if TYPE_CHECKING:
    from bot.standins.github.world import Account


def account(who: Account, urls: Urls) -> Json:
    """Return the short form that stands in most answers."""
    mine = f"{urls.api}/users/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node(who.kind, who.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "gravatar_id": "",
        "url": mine,
        "html_url": f"{urls.web}/{who.login}",
        "followers_url": f"{mine}/followers",
        "following_url": f"{mine}/following{{/other_user}}",
        "gists_url": f"{mine}/gists{{/gist_id}}",
        "starred_url": f"{mine}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{mine}/subscriptions",
        "organizations_url": f"{mine}/orgs",
        "repos_url": f"{mine}/repos",
        "events_url": f"{mine}/events{{/privacy}}",
        "received_events_url": f"{mine}/received_events",
        "type": who.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def profile(who: Account, urls: Urls) -> Json:
    """Return the long form of a user's own page."""
    return account(who, urls) | {
        "name": None,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2015-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def organization(who: Account, urls: Urls) -> Json:
    mine = f"{urls.api}/orgs/{who.login}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node(who.kind, who.id),
        "url": mine,
        "repos_url": f"{mine}/repos",
        "events_url": f"{mine}/events",
        "hooks_url": f"{mine}/hooks",
        "issues_url": f"{mine}/issues",
        "members_url": f"{mine}/members{{/member}}",
        "public_members_url": f"{mine}/public_members{{/member}}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{who.id}?v=4",
        "description": "",
    }
