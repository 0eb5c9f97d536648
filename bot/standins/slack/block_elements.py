"""The shapes of interactive elements: buttons, menus, inputs."""

from bot.standins.slack.block_checks import Check, among, flag, items, number, record, string
from bot.standins.slack.limits import BlockLimits


def plain_text(most: int) -> Check:
    return record({"type": among("plain_text"), "text": string(most)}, {"emoji": flag})


def any_text(most: int) -> Check:
    """Check a text object of either sort."""
    return record(
        {"type": among("plain_text", "mrkdwn"), "text": string(most)},
        {"emoji": flag, "verbatim": flag},
    )


def option(limit: BlockLimits) -> Check:
    return record(
        {"text": any_text(limit.option_text), "value": string(limit.option_value)},
        {"description": any_text(limit.option_text), "url": string(limit.url)},
    )


def confirm(limit: BlockLimits) -> Check:
    button = plain_text(limit.confirm_button)
    return record(
        {
            "title": plain_text(limit.confirm_title),
            "text": any_text(limit.confirm_text),
            "confirm": button,
            "deny": button,
        },
        {"style": among("primary", "danger")},
    )


def _menus(limit: BlockLimits, shared: dict[str, Check]) -> dict[str, Check]:
    """Return the select menus, each alone and as `multi_`."""
    one = option(limit)
    options = items(one, most=limit.select_options)
    group = record({"label": plain_text(limit.option_text), "options": options})
    static = {"options": options, "option_groups": items(group, most=limit.option_groups)}
    name = string(limit.identifier)
    kinds: dict[str, tuple[str, Check, dict[str, Check]]] = {
        "static_select": ("option", one, static),
        "external_select": ("option", one, {"min_query_length": number}),
        "users_select": ("user", name, {}),
        "channels_select": ("channel", name, {"response_url_enabled": flag}),
        "conversations_select": (
            "conversation",
            name,
            {"response_url_enabled": flag, "default_to_current_conversation": flag},
        ),
    }
    menus = {}
    for kind, (what, initial, own) in kinds.items():
        common = {**shared, **own, "placeholder": plain_text(limit.placeholder)}
        menus[kind] = record({"type": among(kind)}, {**common, f"initial_{what}": initial})
        menus[f"multi_{kind}"] = record(
            {"type": among(f"multi_{kind}")},
            {
                **common,
                f"initial_{what}s": items(initial, most=limit.select_options),
                "max_selected_items": number,
            },
        )
    return menus


def _choices(limit: BlockLimits, shared: dict[str, Check]) -> dict[str, Check]:
    one = option(limit)
    options = items(one, most=limit.choice_options)
    return {
        "overflow": record(
            {"type": among("overflow"), "options": items(one, most=limit.overflow_options)}, shared
        ),
        "radio_buttons": record(
            {"type": among("radio_buttons"), "options": options}, {**shared, "initial_option": one}
        ),
        "checkboxes": record(
            {"type": among("checkboxes"), "options": options},
            {**shared, "initial_options": options},
        ),
    }


def _fields(limit: BlockLimits, shared: dict[str, Check]) -> dict[str, Check]:
    """Return what one types into."""
    value = string(limit.input_value, least=0)
    hint = {**shared, "placeholder": plain_text(limit.placeholder)}
    dispatch = record({"trigger_actions_on": items(string(limit.identifier), most=2)})
    typed = {**hint, "initial_value": value, "dispatch_action_config": dispatch}
    return {
        "plain_text_input": record(
            {"type": among("plain_text_input")},
            {**typed, "multiline": flag, "min_length": number, "max_length": number},
        ),
        "number_input": record(
            {"type": among("number_input"), "is_decimal_allowed": flag},
            {**typed, "min_value": value, "max_value": value},
        ),
        "email_text_input": record({"type": among("email_text_input")}, typed),
        "url_text_input": record({"type": among("url_text_input")}, typed),
        "datepicker": record({"type": among("datepicker")}, {**hint, "initial_date": value}),
        "timepicker": record(
            {"type": among("timepicker")}, {**hint, "initial_time": value, "timezone": value}
        ),
        "datetimepicker": record(
            {"type": among("datetimepicker")}, {**shared, "initial_date_time": number}
        ),
    }


def elements(limit: BlockLimits) -> dict[str, Check]:
    """Return the shape of each interactive element by its type."""
    shared = {
        "action_id": string(limit.identifier),
        "confirm": confirm(limit),
        "focus_on_load": flag,
    }
    button = record(
        {"type": among("button"), "text": plain_text(limit.button_text)},
        {
            "action_id": string(limit.identifier),
            "confirm": confirm(limit),
            "url": string(limit.url),
            "value": string(limit.button_value),
            "style": among("primary", "danger"),
            "accessibility_label": string(limit.button_text),
        },
    )
    return {
        "button": button,
        **_choices(limit, shared),
        **_menus(limit, shared),
        **_fields(limit, shared),
    }
