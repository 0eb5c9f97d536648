"""Button "Full log": the whole redacted log, to the asker alone."""

from bot.domain.press import Press
from bot.messages.answers import full_log, log_too_large
from bot.messages.views import Answer
from handlers.interactions import target_of
from handlers.services import Services


async def handle(press: Press, services: Services) -> Answer:
    log = await services.logs.full_log(target_of(press).incident)
    if not log.body:
        return log_too_large(log.url, job=log.job)
    return full_log(log.file_name, log.body, redacted=log.redacted, job=log.job)
