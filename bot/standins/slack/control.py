"""The control side: what people do in Slack, and what they see of it."""

from collections.abc import Callable
from datetime import timedelta

from bot.standins.slack.changes import Changes
from bot.standins.slack.delivery import Kind
from bot.standins.slack.dispatch import Dispatch
from bot.standins.slack.errors import CannotError, SlackError, UndeliveredError
from bot.standins.slack.forms import find_control, form_values, used
from bot.standins.slack.interactions import Interaction, Interactions
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Channel, Json, Message, View
from bot.standins.slack.payloads import Payloads
from bot.standins.slack.reading import calls, text_of
from bot.standins.slack.replies import reply
from bot.standins.slack.seen import PATIENCE, Seen
from bot.standins.slack.views import checked_view, close_modal, push_modal, replace_view
from bot.standins.slack.workspace import Workspace


class ControlSide:
    """People at work in one workspace."""

    def __init__(self, workspace: Workspace, limits: Limits, dispatch: Dispatch) -> None:
        self.workspace = workspace
        self.limits = limits
        self.dispatch = dispatch
        self.changes = Changes()
        self.interactions = Interactions(workspace, limits)
        self.payloads = Payloads(workspace, "")

    def channel(self, channel: str) -> Channel:
        return self.workspace.channels[channel]

    def user_sees(self, user: str, channel: str) -> list[Message]:
        """Return what *user* sees in *channel*, with what only they see, oldest first."""
        return self.workspace.seen_by(user, self.channel(channel))

    def text_of(self, message: Message) -> str:
        return text_of(message, self.workspace.names())

    def calls(self, message: Message) -> set[str]:
        """Return whom *message* notifies."""
        return calls(message)

    async def until(self, condition: Callable[[], object], *, within: timedelta = PATIENCE) -> None:
        """Wait until *condition* holds; it is asked again after each thing that happens."""
        await self.changes.until(condition, within=within)

    async def press(
        self, user: str, *, channel: str, ts: str, action_id: str, option: str | None = None
    ) -> Seen:
        """Use a button, or *option* of a menu, on a message as it is now.

        Raises:
            CannotError: The message is not there for *user*, or has no such control.
        """
        message = self._message(user, channel, ts)
        action = used(find_control(message.blocks, action_id), option)
        interaction = self.interactions.begin(user, channel=channel, message=message)
        payload = self.payloads.message_action(interaction, message, action)
        seen, _ = await self._ask(Kind.INTERACTIVE, interaction, payload)
        return seen

    async def press_in_view(
        self, user: str, view: View, *, action_id: str, option: str | None = None
    ) -> Seen:
        """Use a control of a modal or of the Home tab."""
        action = used(find_control(self._open(user, view).body["blocks"], action_id), option)
        interaction = self.interactions.begin(user)
        payload = self.payloads.view_action(interaction, view, action)
        seen, _ = await self._ask(Kind.INTERACTIVE, interaction, payload)
        return seen

    async def suggestions(
        self, user: str, *, channel: str, ts: str, action_id: str, typed: str
    ) -> list[Json]:
        """Type into an external menu and return the options it offers."""
        message = self._message(user, channel, ts)
        control = find_control(message.blocks, action_id)
        asked = {"action_id": action_id, "block_id": control.block_id, "value": typed}
        interaction = self.interactions.begin(user)
        payload = self.payloads.suggestion(interaction, message, asked)
        _, answer = await self._ask(Kind.INTERACTIVE, interaction, payload)
        return list(answer.get("options", ()))

    async def command(
        self, user: str, channel: str, command: str, text: str = "", *, thread_ts: str | None = None
    ) -> Seen:
        """Type a slash command."""
        place = self._visible(user, channel)
        interaction = self.interactions.begin(user, channel=channel)
        app = self.workspace.app
        if command not in app.commands or "commands" not in app.scopes:
            return self._seen(interaction, warning=f"{command} is not a valid command.")
        if thread_ts:
            words = f"{command} is not supported in threads. Sorry!"
            return self._seen(interaction, warning=words)
        payload = self.payloads.command(interaction, place, command, text)
        seen, answer = await self._ask(Kind.COMMAND, interaction, payload)
        if answer.get("text") or answer.get("blocks"):
            self._reply(seen, answer)
        return seen

    async def submit(self, user: str, view: View, values: Json | None = None) -> Seen:
        """Fill a modal, a value for each action id, and send it."""
        self._open(user, view).values = form_values(view, values or {})
        interaction = self.interactions.begin(user)
        payload = self.payloads.view_end("view_submission", interaction, view)
        seen, answer = await self._ask(Kind.INTERACTIVE, interaction, payload)
        if not seen.warning:
            self._after_submit(seen, view, answer)
        return seen

    async def close(self, user: str, view: View) -> None:
        """Close a modal by its cross; the app hears of it only if it asked to."""
        close_modal(self.workspace, self._open(user, view))
        if view.body.get("notify_on_close"):
            interaction = self.interactions.begin(user)
            payload = self.payloads.view_end("view_closed", interaction, view)
            await self._ask(Kind.INTERACTIVE, interaction, payload)

    def open_home(self, user: str) -> None:
        """Open the app's Home tab; what it shows then is in `workspace.homes`."""
        home = self.workspace.direct(user)
        event = {"type": "app_home_opened", "user": user, "channel": home.id, "tab": "home"}
        self.emit(event)

    def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Write a message; the app hears of it where it is a member."""
        place = self._visible(user, channel)
        ts = self.workspace.next_ts()
        message = Message(ts=ts, channel=channel, user=user, text=text, thread_ts=thread_ts)
        self.workspace.post(message)
        if self.workspace.is_member(place):
            told = {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts}
            self.emit(told | ({"thread_ts": thread_ts} if thread_ts else {}))
        return message

    def invite_app(self, channel: str, *, by: str) -> None:
        app = self.workspace.app
        self.channel(channel).members.add(app.bot_user)
        event = {"type": "member_joined_channel", "user": app.bot_user, "channel": channel}
        self.emit({**event, "inviter": by, "team": self.workspace.team_id})

    def emit(self, event: Json) -> None:
        """Tell the app of an event, if it subscribes to its type; again and again if need be."""
        if event["type"] in self.workspace.app.events:
            self.dispatch.emit(self.payloads.event(event))

    async def _ask(self, kind: Kind, interaction: Interaction, payload: Json) -> tuple[Seen, Json]:
        seen = self._seen(interaction)
        try:
            answer = await self.dispatch.ask(kind, payload)
        except UndeliveredError as error:
            seen.warning, answer = error.code, {}
        self.changes.fire()
        return seen, answer

    def _seen(self, interaction: Interaction, *, warning: str | None = None) -> Seen:
        return Seen(
            interaction=interaction,
            workspace=self.workspace,
            changes=self.changes,
            since=self.workspace.next_ts(),
            warning=warning,
        )

    def _after_submit(self, seen: Seen, view: View, answer: Json) -> None:
        try:
            self._follow(seen, view, answer)
        except SlackError as refusal:
            # The person reads "We had some trouble connecting"; the app is not told.
            seen.warning = refusal.code

    def _follow(self, seen: Seen, view: View, answer: Json) -> None:
        match answer.get("response_action"):
            case "errors":
                seen.errors = dict(answer["errors"])
            case "update":
                body = checked_view(answer["view"], kind="modal", limits=self.limits)
                seen.interaction.view = replace_view(view, body)
            case "push":
                body = checked_view(answer["view"], kind="modal", limits=self.limits)
                most = self.limits.view_stack
                seen.interaction.view = push_modal(self.workspace, view.user, body, most=most)
            case "clear":
                for each in list(self.workspace.stacks[view.user]):
                    close_modal(self.workspace, each)
            case _:
                close_modal(self.workspace, view)

    def _reply(self, seen: Seen, answer: Json) -> None:
        try:
            reply(self.workspace, seen.interaction, answer, self.limits)
        except SlackError as refusal:
            seen.warning = refusal.code
        self.changes.fire()

    def _visible(self, user: str, channel: str) -> Channel:
        place = self.channel(channel)
        if not self.workspace.can_see(user, place):
            msg = f"{user} cannot see {channel}"
            raise CannotError(msg)
        return place

    def _message(self, user: str, channel: str, ts: str) -> Message:
        place = self._visible(user, channel)
        for message in self.workspace.seen_by(user, place):
            if message.ts == ts:
                return message
        msg = f"{user} sees no message {ts} in {channel}"
        raise CannotError(msg)

    def _open(self, user: str, view: View) -> View:
        open_views = (*self.workspace.stacks.get(user, ()), self.workspace.homes.get(user))
        if view not in open_views:
            msg = f"{user} does not have view {view.id} open"
            raise CannotError(msg)
        return view
