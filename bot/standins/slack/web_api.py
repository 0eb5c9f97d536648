"""The Web API over HTTP: tokens, rates, scopes, then the method; refusals are status 200."""

from dataclasses import dataclass, field

from aiohttp import web

from bot.standins.slack.arguments import Arguments, arguments_of
from bot.standins.slack.call import Call
from bot.standins.slack.errors import RateLimitedError, SlackError
from bot.standins.slack.interactions import Interactions
from bot.standins.slack.ledger import Exchange, Ledger
from bot.standins.slack.limits import Limits
from bot.standins.slack.methods import METHODS, Method
from bot.standins.slack.model import Json
from bot.standins.slack.rates import Rates
from bot.standins.slack.sockets import Sockets
from bot.standins.slack.workspace import Workspace

OPEN_SOCKET = "apps.connections.open"


@dataclass(slots=True, kw_only=True)
class WebApi:
    workspace: Workspace
    limits: Limits
    interactions: Interactions
    ledger: Ledger
    rates: Rates
    sockets: Sockets
    base_url: str = ""
    revoked: set[str] = field(default_factory=set)
    """Tokens that were once good."""

    async def serve(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        args = Arguments({})
        status, headers = 200, {"x-oauth-scopes": ",".join(sorted(self.workspace.app.scopes))}
        try:
            args = await arguments_of(request)
            answer = self._answer(name, args, _token(request, args))
        except SlackError as refusal:
            answer = refusal.body()
        except RateLimitedError as refusal:
            status, answer = 429, {"ok": False, "error": "ratelimited"}
            headers["Retry-After"] = str(refusal.wait_seconds)
        exchange = Exchange(name=name, request=args.values, status=status, answer=answer)
        self.ledger.note(exchange)
        return web.json_response(answer, status=status, headers=headers)

    def _answer(self, name: str, args: Arguments, token: str) -> Json:
        app = self.workspace.app
        expected = app.app_token if name == OPEN_SOCKET else app.bot_token
        self._check_token(token, expected)
        if name == OPEN_SOCKET:
            return self._open_socket()
        method = METHODS.get(name)
        if method is None:
            code = "unknown_method"
            raise SlackError(code, req_method=name)
        return self._run(name, method, args)

    def _run(self, name: str, method: Method, args: Arguments) -> Json:
        if self.limits.rated:
            self.rates.take(name, most=method.tier, window=self.limits.rate_window)
        call = Call(
            args=args,
            workspace=self.workspace,
            scopes=self.workspace.app.scopes,
            limits=self.limits,
            interactions=self.interactions,
            rates=self.rates,
            base_url=self.base_url,
        )
        if method.scope:
            call.require(method.scope)
        return method.run(call)

    def _check_token(self, token: str, expected: str) -> None:
        if token == expected and token not in self.revoked:
            return
        app = self.workspace.app
        if not token:
            code = "not_authed"
        elif token in self.revoked:
            code = "token_revoked"
        elif token in (app.bot_token, app.app_token):
            code = "not_allowed_token_type"
        else:
            code = "invalid_auth"
        raise SlackError(code)

    def _open_socket(self) -> Json:
        if "connections:write" not in self.workspace.app.app_scopes:
            code = "missing_scope"
            raise SlackError(code, needed="connections:write", provided="")
        if self.limits.rated:
            most, window = self.limits.socket_opens, self.limits.rate_window
            self.rates.take(OPEN_SOCKET, most=most, window=window)
        address = self.base_url.replace("http", "ws", 1)
        return {"ok": True, "url": f"{address}/link/?ticket={self.sockets.new_ticket()}"}


def _token(request: web.Request, args: Arguments) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind.lower() == "bearer" else args.text("token")
