"""Which database a question is put to."""

from bot.adapters.storage.engine import database_file, database_url
from bot.domain.errors import PermanentError


def require_database(url: str) -> None:
    """Look for the SQLite file of a bot, whose path is relative to the folder that we are in.

    Raises:
        PermanentError: DATABASE_URL names a file that is not there.
    """
    file = database_file(database_url(url))
    if file is not None and not file.exists():
        msg = (
            f"There is no database {file.absolute()}. Go to the folder that the bot is started "
            "from, set DATABASE_URL, or start `smokejumper serve` once."
        )
        raise PermanentError(msg)
