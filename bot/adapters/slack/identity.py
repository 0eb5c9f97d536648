"""Who we are in Slack: asked once, since a token keeps its workspace and bot."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.failures import telling


class Identity:
    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._known: tuple[str, str] | None = None

    async def team(self) -> str:
        team, _ = await self._ask()
        return team

    async def bot_user(self) -> str:
        _, user = await self._ask()
        return user

    async def _ask(self) -> tuple[str, str]:
        if self._known is None:
            with telling("say who the bot is"):
                response = await self._client.auth_test()
            self._known = response["team_id"], response["user_id"]
        return self._known
