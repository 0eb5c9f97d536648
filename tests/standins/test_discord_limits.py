"""What Discord refuses in a body, and where it says so."""

from typing import Any

import pytest

from bot.standins.discord import RefusalError, Rules
from bot.standins.discord.bodies import Draft, check
from bot.standins.discord.form import Form
from bot.standins.discord.modals import check_modal

BUTTON = {"type": 2, "style": 1, "label": "Retry", "custom_id": "retry"}
INPUT = {"type": 4, "style": 1, "label": "Why", "custom_id": "why"}


def _row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def _rows(count: int) -> list[dict[str, Any]]:
    return [_row(BUTTON | {"custom_id": f"{n}"}) for n in range(count)]


def _places(tree: dict[str, Any], place: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        if key == "_errors":
            found[place] = value[0]["code"]
        else:
            found |= _places(value, f"{place}.{key}" if place else key)
    return found


def _embed(**parts: object) -> dict[str, Any]:
    return {"embeds": [parts]}


BAD = [
    pytest.param({"content": "x" * 2001}, "content", id="content"),
    pytest.param({"content": "x", "nonce": "n" * 26}, "nonce", id="nonce"),
    pytest.param({"embeds": [{"title": "x"}] * 11}, "embeds", id="eleven-embeds"),
    pytest.param(_embed(title="x" * 257), "embeds.0.title", id="title"),
    pytest.param(_embed(description="x" * 4097), "embeds.0.description", id="description"),
    pytest.param(_embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", id="footer"),
    pytest.param(_embed(author={"name": "x" * 257}), "embeds.0.author.name", id="author"),
    pytest.param(_embed(fields=[{"name": "x", "value": "x"}] * 26), "embeds.0.fields", id="fields"),
    pytest.param(
        _embed(fields=[{"name": "x", "value": "x" * 1025}]),
        "embeds.0.fields.0.value",
        id="field-value",
    ),
    pytest.param(
        _embed(fields=[{"name": "", "value": "x"}]), "embeds.0.fields.0.name", id="empty-field-name"
    ),
    pytest.param(_embed(color="red"), "embeds.0.color", id="a-colour-in-words"),
    pytest.param(_embed(title="x", url="javascript:1"), "embeds.0.url", id="embed-link"),
    pytest.param({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", id="6000-over-all"),
    pytest.param({"components": _rows(6)}, "components", id="six-rows"),
    pytest.param(
        {"components": [_row(*(BUTTON | {"custom_id": f"{n}"} for n in range(6)))]},
        "components.0.components",
        id="six-buttons",
    ),
    pytest.param({"components": [_row()]}, "components.0.components", id="empty-row"),
    pytest.param({"components": [BUTTON]}, "components.0.type", id="a-button-outside-a-row"),
    pytest.param(
        {"components": [_row(BUTTON), _row(BUTTON)]},
        "components.1.components.0.custom_id",
        id="custom-id-twice",
    ),
    pytest.param(
        {"components": [_row(BUTTON | {"custom_id": "x" * 101})]},
        "components.0.components.0.custom_id",
        id="custom-id",
    ),
    pytest.param(
        {"components": [_row(BUTTON | {"label": "x" * 81})]},
        "components.0.components.0.label",
        id="label",
    ),
    pytest.param(
        {"components": [_row({"type": 2, "style": 5, "label": "Open"})]},
        "components.0.components.0.url",
        id="link-without-address",
    ),
    pytest.param(
        {"components": [_row({"type": 3, "custom_id": "m", "options": []})]},
        "components.0.components.0.options",
        id="menu-without-options",
    ),
    pytest.param({"content": 5}, "content", id="content-is-no-text"),
    pytest.param({"content": "x", "flags": "loud"}, "flags", id="flags-are-no-number"),
    pytest.param({"content": "x", "embeds": "x"}, "embeds", id="embeds-are-no-list"),
    pytest.param(_embed(footer="x"), "embeds.0.footer", id="footer-is-no-object"),
    pytest.param({"content": "x", "attachments": 5}, "attachments", id="attachments-are-no-list"),
    pytest.param({"content": "x", "allowed_mentions": "all"}, "allowed_mentions", id="mentions"),
    pytest.param(
        {"content": "x", "allowed_mentions": {"parse": "all"}}, "allowed_mentions", id="parse"
    ),
    pytest.param(
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        id="parse-and-list",
    ),
]


@pytest.mark.parametrize(("body", "place"), BAD)
def test_a_bad_body_is_refused_at_its_place(body: dict[str, Any], place: str) -> None:
    with pytest.raises(RefusalError) as refused:
        check(Rules(), Draft(body=body))

    assert refused.value.body()["code"] == 50035
    assert list(_places(refused.value.errors or {})) == [place]


def test_the_biggest_body_passes() -> None:
    fields = [{"name": "x" * 40, "value": "x" * 160}] * 25
    body = {
        "content": "x" * 2000,
        "embeds": [{"title": "x" * 256, "description": "x" * 744, "fields": fields}],
        "components": _rows(5),
        "nonce": "n" * 25,
    }
    check(Rules(), Draft(body=body))


BAD_FORMS = [
    pytest.param({"title": "x" * 46}, "title", id="title"),
    pytest.param({"components": []}, "components", id="no-inputs"),
    pytest.param({"components": [_row(INPUT)] * 6}, "components", id="six-rows"),
    pytest.param({"components": [_row(BUTTON)]}, "components.0.components.0.type", id="a-button"),
]


@pytest.mark.parametrize(("change", "place"), BAD_FORMS)
def test_a_bad_form_is_refused_at_its_place(change: dict[str, Any], place: str) -> None:
    form = {"custom_id": "f", "title": "Note", "components": [_row(INPUT)]}
    check_modal(Rules(), form)
    with pytest.raises(RefusalError) as refused:
        check_modal(Rules(), form | change)

    assert place in _places(refused.value.errors or {})


def test_every_error_is_told_at_once() -> None:
    form = Form()
    form.wrong("a.0.b", "ONE", "one")
    form.wrong("a.1.b", "TWO", "two")
    with pytest.raises(RefusalError) as refused:
        form.check()

    assert _places(refused.value.errors or {}) == {"a.0.b": "ONE", "a.1.b": "TWO"}
