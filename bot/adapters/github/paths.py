"""Addresses in GitHub's API, safe whatever a branch, tag or login is called."""

import re
from typing import Final
from urllib.parse import quote

from bot.domain.errors import NotFoundError

FULL_NAME: Final = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


def of_repository(full_name: str, *parts: str | int) -> str:
    """Return the path below a repository; slashes in the parts stay.

    >>> of_repository("acme/app", "git/ref/heads", "fix #1")
    '/repos/acme/app/git/ref/heads/fix%20%231'

    Raises:
        NotFoundError: No repository, branch or person can have such a name.
    """
    path = "/".join(quote(str(part), safe="/") for part in ("repos", full_name, *parts))
    # Between here and GitHub, "a/../b" would become "b".
    if not FULL_NAME.fullmatch(full_name) or {".", "..", ""} & set(path.split("/")):
        named = "/".join(map(str, (full_name, *parts)))
        msg = f"Nothing on GitHub can be called {named[:100]!r}."
        raise NotFoundError(msg)
    return f"/{path}"
