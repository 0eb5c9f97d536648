"""Someone pressed a button."""

from bot.domain.errors import UserError
from bot.domain.press import Press, Target


def target_of(press: Press) -> Target:
    """Return what the pressed card showed.

    Raises:
        UserError: The button carries nothing that we know.
    """
    if press.target is None:
        msg = "I do not know what that button belongs to. Try /build incidents."
        raise UserError(msg)
    return press.target
