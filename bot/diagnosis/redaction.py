"""Scrub secrets from what is stored or sent; say how many, and of what kind."""

import math
import re
import unicodedata
from collections import Counter
from typing import Final

MARK: Final = "[redacted: {}]"
KINDS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    # An underscore before a token, as in test_adds_ghp_..., does not make it another word.
    (kind, re.compile(rf"(?<![A-Za-z0-9])(?:{pattern})"))
    for kind, pattern in (
        (
            "private key",
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*|MII[A-Za-z0-9+/]{60,}={0,2}",
        ),
        (
            "GitHub token",
            r"(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{22,255})",
        ),
        (
            "GitLab token",
            r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{20,}",
        ),
        (
            "Slack token",
            r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}",
        ),
        (
            "Slack webhook",
            r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{12,}",
        ),
        (
            "Discord webhook",
            r"https://(?:\w+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d+/[\w-]+",
        ),
        (
            "Discord token",
            r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,45}",
        ),
        ("AWS key", r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}\b"),
        ("npm token", r"npm_[A-Za-z0-9]{36}\b"),
        ("PyPI token", r"pypi-[A-Za-z0-9_-]{40,}"),
        (
            "Google key",
            r"AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}",
        ),
        ("Stripe key", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
        (
            "API key",
            r"sk-(?:[a-z]+-)?[A-Za-z0-9_-]{32,}|hf_[A-Za-z0-9]{30,}",
        ),
        ("SendGrid key", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
        ("Docker token", r"dckr_(?:pat|oat)_[\w-]{20,}"),
        ("JWT", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
        ("Telegram token", r"\d{8,10}:AA[A-Za-z0-9_-]{32,}"),
    )
)
URL: Final = re.compile(
    r"(?<=://)([^\s/:@'\"]{0,100}):([^\s/@'\"]{1,300})(?=@)|(?<=://)([\w-]{20,300})(?=@)"
)
BEARER: Final = re.compile(
    r"(?i)\b(?:bearer|basic|authorization: *token|x-api-key:|private-token:)"
    r" +([A-Za-z0-9+/_.~-]{8,}=*)"
)
NAMED: Final = re.compile(
    r"(?i)(?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|apikey|access[_-]?key|auth[_-]?key"
    r"|credentials?|private[_-]?key|client[_-]?secret|signature|_auth)"
    r"[\w-]{0,20}[\"']?\s{0,3}(?:[:=]|=>|\s)\s{0,3}[\"']?([^\s\"',;&<>(){}\[\]]{8,400})"
)
SHOWN: Final = re.compile(r"\*{3}|\[MASKED\]|\[redacted|\[secure\]|\$\{?\w|%\w+%|…")
# Ways to write a secret that are known by their place alone.
PLACED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[?&]sig=([^&\s\"']{16,})",  # a signed address of Azure's storage, GitHub's own too
        r"(?i)\bAccountKey=([A-Za-z0-9+/]{40,}={0,2})",
        r"(?i)\"(?:auth|identitytoken)\"\s*:\s*\"([^\"]{8,})\"",
        r"(?i)\"(?:\w*passw(?:or)?d|\w*secret|\w*token|api_?key)\"\s*:\s*\"([^\"]{8,})\"",
        r"\b(?:curl|wget|http)\b.{0,200}?\s(?:-u|--user)[ =]['\"]?[^\s:'\"]+:([^\s'\"]{4,})",
        r"\bmysql\w*\b.{0,200}?\s-p([^\s'\"]{6,})",
        r"(?i)\bpassword for \S+?:\s+(\S{6,})",
        r"\b(?:dop|doo|dor)_v1_([a-f0-9]{40,})",
        r"\bwhsec_([A-Za-z0-9+/=_-]{16,})",
    )
)
DANGLING: Final = re.compile(
    r"(?i)(?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key)[\w-]{0,20}[\"']?"
    r"\s{0,3}[:=]\s*[\"']?$"
)
FIRST_WORD: Final = re.compile(r"[^\s\"',;]{8,400}")
UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f…\ufffd]")  # or what is shown in their place
FLAGS: Final = re.compile(r"(?i)(?:--?(?:password|token|secret|api-key|pass))[ =]([^\s\"']{4,200})")
KEY_BEGINS: Final = "-----BEGIN"
KEY_ENDS: Final = "-----END"
BASE64_LINE: Final = re.compile(r"\s*[A-Za-z0-9+/=]{16,}\s*$")
WRITTEN: Final = re.compile(r"[\d.:/-]+|.*\.(?:py|js|ts|go|rs|java|rb|php|c|cpp|h)(?::\d+)?")
# A whole line as long as those of a key, in capitals, small letters and digits: no hash has all.
KEY_BODY: Final = re.compile(
    r"(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=\D*\d)\s*[A-Za-z0-9+/]{60,76}={0,2}\s*"
)
INVISIBLE: Final = dict.fromkeys(
    sign for sign in range(0x2000, 0x2100) if unicodedata.category(chr(sign)) == "Cf"
) | {0xAD: None, 0xFEFF: None}
ENTROPY_BITS: Final = 3.0
TOKEN_CHARS: Final = 400


def redact(text: str) -> tuple[str, int]:
    """Return *text* without its secrets, and how many there were."""
    redactor = Redactor()
    lines = [redactor.line(line) for line in text.split("\n")]
    return "\n".join(lines), redactor.count


class Redactor:
    """Scrubs line after line; it remembers a secret, and a private key that is not over yet."""

    def __init__(self) -> None:
        self.count = 0
        self._in_key = False
        self._in_body = False
        self._dangling = False
        self._cut: set[str] = set()  # lines whose last token was cut, and counted
        self._known: dict[str, str] = {}

    def line(self, text: str) -> str:
        """Return one line without its secrets."""
        if self._in_key or (KEY_BEGINS in text and "PRIVATE KEY" in text):
            return self._key_line(text)
        if hidden := self._key_material(text):
            return hidden
        if not text.isascii():
            text = text.translate(INVISIBLE)
        if UNSEEN.search(text):
            text = _joined(text)
        if self._dangling:
            text = FIRST_WORD.sub(self._alone, text, count=1)
        self._dangling = bool(DANGLING.search(text))
        for kind, pattern in KINDS:
            text = pattern.sub(lambda found, kind=kind: self._hide(found[0], kind), text)  # type: ignore[misc]  # mypy cannot type the default
        text = URL.sub(self._url, text)
        text = BEARER.sub(lambda found: self._part(found, "credential"), text)
        text = FLAGS.sub(lambda found: self._part(found, "credential"), text)
        text = NAMED.sub(self._named, text)
        for placed in PLACED:
            text = placed.sub(lambda found: self._part(found, "credential"), text)
        for secret, kind in self._known.items():
            if secret in text:
                text = text.replace(secret, MARK.format(kind))
                self.count += 1
        return text

    def between(self, before: str, text: str, after: str) -> str:
        """Return one line without its secrets, of which parts may stand in its neighbours."""
        self._dangling = bool(DANGLING.search(before))
        whole, below = text, _across(text, after)
        above = _across(before, text)
        if below:
            text = text[: below[0]] + self._hide("", below[2])
            self._cut.add(whole)
        if above:
            if before not in self._cut:
                self.count += 1
            text = MARK.format(above[2]) + text[above[1] :]
        return self.line(text)

    def _key_material(self, text: str) -> str:
        """Hide what looks like the inside of a key whose beginning is out of sight."""
        inside = KEY_BODY.fullmatch(text) or (self._in_body and BASE64_LINE.match(text))
        self._in_body = bool(inside)
        return self._hide("", "key") if inside else ""

    def _key_line(self, text: str) -> str:
        before, begins, _ = text.partition(KEY_BEGINS)
        self._in_key = KEY_ENDS not in text
        if begins:
            self.count += 1
            return before + MARK.format("private key")
        if not (BASE64_LINE.match(text) or not self._in_key):
            self._in_key = False
            return self.line(text)
        return MARK.format("private key")

    def _hide(self, secret: str, kind: str) -> str:
        self.count += 1
        if len(secret) >= 12 and len(self._known) < 50:  # noqa: PLR2004 - short words are not unique, and a bound
            self._known[secret] = kind
        return MARK.format(kind)

    def _part(self, found: re.Match[str], kind: str) -> str:
        secret = found[1]
        if SHOWN.search(secret):
            return found[0]
        return found[0].replace(secret, self._hide(secret, kind))

    def _url(self, found: re.Match[str]) -> str:
        user, password, lone = found[1], found[2], found[3]
        if lone is not None:
            return self._hide(lone, "credential") if _random(lone) else lone
        if SHOWN.search(password):
            return found[0]
        return f"{user}:{self._hide(password, 'credential')}"

    def _alone(self, found: re.Match[str]) -> str:
        """Hide a value whose name stands on the line before."""
        return self._hide(found[0], "secret") if _random(found[0]) else found[0]

    def _named(self, found: re.Match[str]) -> str:
        secret = found[1]
        if SHOWN.search(secret) or not _random(secret):
            return found[0]
        return found[0][: -len(secret)] + self._hide(secret, "secret")


def _joined(text: str) -> str:
    """Drop what stands for signs that nobody sees, where they split a secret in two."""
    joined = UNSEEN.sub("", text)
    patterns = (*(pattern for _, pattern in KINDS), NAMED)
    split = any(pattern.search(joined) and not pattern.search(text) for pattern in patterns)
    return joined if split or (joined != text and NAMED.search(joined)) else text


def _across(first: str, second: str) -> tuple[int, int, str] | None:
    """Find a token that a line break cut: where it starts, where it ends, and its kind."""
    head, tail = first.rstrip(), second.lstrip()
    if not head or not tail:
        return None
    for kind, pattern in KINDS:
        for found in pattern.finditer(head[-TOKEN_CHARS:] + tail[:TOKEN_CHARS]):
            border = min(len(head), TOKEN_CHARS)
            if found.start() < border < found.end() and _goes_on(found[0], border - found.start()):
                start = len(head) - border + found.start()
                return start, len(second) - len(tail) + found.end() - border, kind
    return None


def _goes_on(token: str, cut: int) -> bool:
    """Whether the second piece is drawn by lot too, and no word that only stands below."""
    head, rest = token[:cut], token[cut:]
    whole = any(pattern.fullmatch(head) for _, pattern in KINDS)
    drawn = any(sign.isdigit() for sign in rest) and any(sign.isalpha() for sign in rest)
    return drawn or not whole


def _random(text: str) -> bool:
    """Say whether *text* looks drawn by lot, not written by a person."""
    if len(set(text)) < 6 or text.isalpha():  # noqa: PLR2004 - too few signs to be random
        return False
    digits = sum(sign.isdigit() for sign in text)
    if not digits and not re.search(r"[a-z][A-Z].*[a-z][A-Z]", text):
        return False
    total = len(text)
    bits = -sum(n / total * math.log2(n / total) for n in Counter(text).values())
    return bits >= ENTROPY_BITS and not WRITTEN.fullmatch(text)
