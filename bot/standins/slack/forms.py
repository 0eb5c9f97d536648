"""Using a control: what Slack reports of it, and what a form holds when it is sent."""

from bot.standins.slack.errors import CannotError
from bot.standins.slack.model import Json, View
from bot.standins.slack.reading import Control, controls


def find_control(blocks: list[Json], action_id: str) -> Control:
    found = next((each for each in controls(blocks) if each.action_id == action_id), None)
    if found is None:
        labels = ", ".join(f"{each.action_id} [{each.label}]" for each in controls(blocks))
        msg = f"no control {action_id} here; there are: {labels or 'none'}"
        raise CannotError(msg)
    return found


def used(control: Control, choice: str | None) -> Json:
    """Return what Slack reports when *control* is used, with *choice* made in a menu."""
    element = control.element
    action = {
        "type": element["type"],
        "action_id": control.action_id,
        "block_id": control.block_id,
    }
    if element["type"] == "button":
        value = {"value": element["value"]} if "value" in element else {}
        return {**action, **value, "text": element["text"]}
    if choice is None:
        msg = f"{control.action_id} is a menu: say which option"
        raise CannotError(msg)
    return {**action, **entered(element, choice)}


def form_values(view: View, filled: Json) -> Json:
    """Return the state of *view* with *filled*, a value for each action id.

    Raises:
        CannotError: There is no such field, or a required one is empty, so that Slack
            itself would not send the form.
    """
    inputs = {control.action_id: control for control in controls(view.body["blocks"])}
    unknown = filled.keys() - inputs.keys()
    if unknown:
        msg = f"no field {', '.join(sorted(unknown))}; there are: {', '.join(inputs)}"
        raise CannotError(msg)
    values: Json = {}
    required = {
        block["block_id"]
        for block in view.body["blocks"]
        if block["type"] == "input" and not block.get("optional")
    }
    for name, control in inputs.items():
        if control.element["type"] in ("button", "overflow"):
            continue
        content = entered(control.element, filled.get(name, _initial(control.element)))
        if control.block_id in required and not any(content.values()):
            msg = f"field {name} is required"
            raise CannotError(msg)
        state = {"type": control.element["type"], **content}
        values.setdefault(control.block_id, {})[name] = state
    return values


def entered(element: Json, value: object) -> Json:
    """Return how Slack reports *value* in *element*."""
    kind = str(element["type"])
    if kind in ("static_select", "radio_buttons", "overflow"):
        return {"selected_option": _option(element, value)}
    if kind in ("checkboxes", "multi_static_select"):
        chosen = value if isinstance(value, list) else []
        return {"selected_options": [_option(element, each) for each in chosen]}
    if kind.startswith("multi_"):
        return {_key(kind): value or []}
    return {_key(kind): value}


def _key(kind: str) -> str:
    """Return under which name Slack reports what was chosen in an element of *kind*."""
    names = {
        "external_select": "selected_option",
        "users_select": "selected_user",
        "channels_select": "selected_channel",
        "conversations_select": "selected_conversation",
        "datepicker": "selected_date",
        "timepicker": "selected_time",
        "datetimepicker": "selected_date_time",
    }
    several = names.get(kind.removeprefix("multi_"))
    if kind.startswith("multi_") and several:
        return f"{several}s"
    return names.get(kind, "value")


def _initial(element: Json) -> object:
    """Return what *element* holds before anyone touches it."""
    for key, value in element.items():
        if key.startswith("initial_option"):
            return [each["value"] for each in value] if isinstance(value, list) else value["value"]
        if key.startswith("initial_"):
            return value
    return None


def _option(element: Json, value: object) -> Json | None:
    if value is None:
        return None
    groups = [group["options"] for group in element.get("option_groups", ())]
    options = [option for group in (element.get("options", ()), *groups) for option in group]
    for option in options:
        if option.get("value") == value:
            return dict(option)
    offered = ", ".join(str(option.get("value")) for option in options)
    msg = f"no option {value}; there are: {offered}"
    raise CannotError(msg)
