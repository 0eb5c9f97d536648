"""Check embeds and write them as they are kept."""

from typing import Final

from bot.standins.discord.form import Form
from bot.standins.discord.refusal import Json
from bot.standins.discord.rules import Rules

BIGGEST_COLOUR: Final = 0xFFFFFF


def check_embeds(form: Form, rules: Rules, value: object) -> None:
    """Note every error in a body's `embeds`, and count their size if they are otherwise right.

    Raises:
        RefusalError: 50035 with what is wrong so far.
    """
    embeds = form.rows("embeds", value)
    form.size("embeds", embeds, most=rules.embeds)
    for index, embed in enumerate(embeds):
        _check(form, rules, f"embeds.{index}", embed)
    form.check()
    if sum(_chars(embed) for embed in embeds) > rules.embed_chars_in_all:
        message = f"Embed size exceeds maximum size of {rules.embed_chars_in_all}"
        form.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", message)


def _check(form: Form, rules: Rules, place: str, embed: Json) -> None:
    form.text(f"{place}.title", embed.get("title"), longest=rules.embed_title_chars)
    longest = rules.embed_description_chars
    form.text(f"{place}.description", embed.get("description"), longest=longest)
    footer = form.mapping(f"{place}.footer", embed.get("footer"))
    form.text(f"{place}.footer.text", footer.get("text"), longest=rules.embed_footer_chars)
    author = form.mapping(f"{place}.author", embed.get("author"))
    if author:
        most = rules.embed_author_chars
        form.text(f"{place}.author.name", author.get("name"), longest=most, shortest=1)
    if embed.get("url"):
        form.url(f"{place}.url", embed["url"])
    for part in ("image", "thumbnail"):
        picture = form.mapping(f"{place}.{part}", embed.get(part))
        if picture:
            schemes = ("http", "https", "attachment")
            form.url(f"{place}.{part}.url", picture.get("url"), schemes=schemes)
    _check_colour(form, f"{place}.color", embed.get("color"))
    _check_fields(form, rules, f"{place}.fields", embed.get("fields"))


def _check_colour(form: Form, place: str, value: object) -> None:
    if not 0 <= form.number(place, value) <= BIGGEST_COLOUR:
        form.wrong(place, "NUMBER_TYPE_MAX", f"int value should be between 0 and {BIGGEST_COLOUR}.")


def _check_fields(form: Form, rules: Rules, place: str, value: object) -> None:
    fields = form.rows(place, value)
    form.size(place, fields, most=rules.embed_fields)
    for index, field in enumerate(fields):
        here = f"{place}.{index}"
        name, text = field.get("name"), field.get("value")
        form.text(f"{here}.name", name, longest=rules.embed_field_name_chars, shortest=1)
        form.text(f"{here}.value", text, longest=rules.embed_field_value_chars, shortest=1)


def _chars(embed: Json) -> int:
    # Only asked of embeds whose parts have the right shape.
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if text)


def kept_embed(embed: Json) -> Json:
    """Return *embed* as Discord keeps it: rich, without nulls, `inline` filled in."""
    kept: Json = {name: value for name, value in embed.items() if value is not None}
    kept["type"] = "rich"
    if "fields" in kept:
        kept["fields"] = [
            {"name": f["name"], "value": f["value"], "inline": bool(f.get("inline"))}
            for f in kept["fields"]
        ]
    for part in ("image", "thumbnail"):
        if part in kept:
            url = kept[part]["url"]
            kept[part] = {"url": url, "proxy_url": url, "width": 0, "height": 0}
    return kept
