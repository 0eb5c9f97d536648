"""A real browser takes the pictures."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.domain.errors import PermanentError

if TYPE_CHECKING:
    from playwright.sync_api import Page

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
INSTALL: Final = (
    "Pictures need Chromium, and fonts for Chinese: apt-get install chromium fonts-noto-cjk "
    "fonts-noto-color-emoji"
)
INSTALL_PLAYWRIGHT: Final = 'Pictures need Playwright: uv pip install ".[cards]" in the checkout'


def find_browser() -> str:
    """Return where Chromium is.

    Raises:
        PermanentError: There is none; the message says what to install.
    """
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise PermanentError(INSTALL)


@contextmanager
def a_page(*, width: int, height: int = 800) -> Iterator["Page"]:
    """Open an empty page; two device pixels a pixel, as on a phone.

    Raises:
        PermanentError: The browser, or what drives it, is not installed.
    """
    browser_path = find_browser()
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        raise PermanentError(INSTALL_PLAYWRIGHT) from error
    # Chromium refuses to sandbox what root starts, as in a container.
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=[*QUIET, *as_root])
        try:
            yield browser.new_page(
                viewport={"width": width, "height": height}, device_scale_factor=2
            )
        finally:
            browser.close()


def picture(page: "Page", html: str, *, file: Path) -> None:
    """Draw *html* and keep what its first chat shows."""
    page.set_content(html)
    page.locator(".chat").first.screenshot(path=file)
