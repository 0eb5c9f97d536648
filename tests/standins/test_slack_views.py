"""Modals and Home tabs by the Web API: stacks, hashes, limits."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.standins.slack import CannotError, Limits, SlackServer
from tests.standins.slack_world import ANA, BO, card, client_of, section, served

Json = dict[str, object]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with served(limits=Limits(rated=False, view_stack=2)) as server:
        yield server


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    return client_of(slack)


def modal(**parts: object) -> Json:
    title = {"type": "plain_text", "text": "Incident 12"}
    return {"type": "modal", "title": title, "blocks": [section("a")], **parts}


def trigger(slack: SlackServer) -> str:
    return slack.interactions.begin(ANA).trigger_id


async def refusal(call: object) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc] # any method of the client
    messages = caught.value.response.get("response_metadata", {}).get("messages", [])
    return " ".join([caught.value.response["error"], *messages])


async def test_modals_lie_on_each_other(slack: SlackServer, client: AsyncWebClient) -> None:
    first = (await client.views_open(trigger_id=trigger(slack), view=modal()))["view"]
    second = (await client.views_push(trigger_id=trigger(slack), view=modal()))["view"]
    third = client.views_push(trigger_id=trigger(slack), view=modal())

    assert (second["root_view_id"], second["previous_view_id"]) == (first["id"], first["id"])
    assert await refusal(third) == "push_limit_reached"
    await slack.close(ANA, slack.workspace.stacks[ANA][-1])
    assert [view.id for view in slack.workspace.stacks[ANA]] == [first["id"]]


async def test_nothing_to_push_onto(slack: SlackServer, client: AsyncWebClient) -> None:
    push = client.views_push(trigger_id=trigger(slack), view=modal())

    assert await refusal(push) == "view_not_found"


async def test_update_by_id_or_name_and_hash(slack: SlackServer, client: AsyncWebClient) -> None:
    opened = await client.views_open(trigger_id=trigger(slack), view=modal(external_id="m"))
    view = opened["view"]
    changed = modal(external_id="m", blocks=[section("b")])
    updated = (await client.views_update(external_id="m", view=changed))["view"]
    stale = client.views_update(view_id=view["id"], hash=view["hash"], view=changed)
    gone = client.views_update(view_id="V0", view=changed)

    assert updated["blocks"][0]["text"]["text"] == "b"
    assert await refusal(stale) == "hash_conflict"
    assert await refusal(gone) == "not_found"


async def test_home_is_drawn_for_one_person(slack: SlackServer, client: AsyncWebClient) -> None:
    home = {"type": "home", "blocks": card()}
    first = (await client.views_publish(user_id=ANA, view=home))["view"]
    again = await client.views_publish(user_id=ANA, hash=first["hash"], view=home)
    stale = client.views_publish(user_id=ANA, hash=first["hash"], view=home)

    assert again["view"]["id"] == first["id"]
    assert await refusal(stale) == "hash_conflict"
    with pytest.raises(CannotError):
        await slack.press_in_view(BO, slack.workspace.homes[ANA], action_id="retry")


@pytest.mark.parametrize(
    ("view", "words"),
    [
        pytest.param(
            modal(title={"type": "plain_text", "text": "a" * 25}),
            "must be less than 25 characters [json-pointer:/view/title/text]",
            id="title",
        ),
        pytest.param(modal(private_metadata="a" * 3_001), "/view/private_metadata]", id="metadata"),
        pytest.param(
            modal(blocks=[{"type": "divider"}] * 101), "no more than 100 items", id="blocks"
        ),
        pytest.param({"type": "modal", "blocks": []}, "missing required field: title", id="frame"),
        pytest.param({"type": "home", "blocks": []}, "must be a valid enum value", id="kind"),
        pytest.param(
            modal(
                blocks=[
                    {
                        "type": "input",
                        "label": {"type": "plain_text", "text": "a"},
                        "element": {"type": "plain_text_input", "action_id": "a"},
                    }
                ]
            ),
            "missing required field: submit",
            id="submit",
        ),
    ],
)
async def test_wrong_view_is_refused(
    slack: SlackServer, client: AsyncWebClient, view: Json, words: str
) -> None:
    refused = await refusal(client.views_open(trigger_id=trigger(slack), view=view))

    assert refused.startswith("invalid_arguments")
    assert words in refused
    assert slack.workspace.views == {}
