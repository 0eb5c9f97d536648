"""The whole log as it is sent: no secret gets through, wherever the log hides it."""

import gzip

import pytest

from bot.diagnosis.redaction import Redactor
from bot.services.logs import CUT_AFTER_BYTES, _Packer

STAMP = "2026-11-24T12:00:00.0000000Z "
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
BODY = [
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAAAAdzc2gtcn" + str(n) for n in "123"
]
KEY = ["-----BEGIN OPENSSH PRIVATE KEY-----", *BODY, "-----END OPENSSH PRIVATE KEY-----"]


def packed(data: bytes, *, block: int = 4_096) -> tuple[str, int]:
    packer = _Packer()
    for start in range(0, len(data), block):
        packer.take(data[start : start + block])
    return gzip.decompress(packer.finish()).decode(), packer.redacted


def test_a_private_key_over_stamped_lines_is_scrubbed_whole() -> None:
    text, count = packed("".join(f"{STAMP}{line}\n" for line in KEY).encode())
    assert count == 1
    assert not any(line in text for line in BODY)


def test_a_colour_before_a_token_does_not_hide_it() -> None:
    text, count = packed(f"{STAMP}\x1b[36;1m{TOKEN}\x1b[0m\n".encode())
    assert (count, text) == (1, f"{STAMP}[redacted: GitHub token]\n")


@pytest.mark.parametrize("shift", range(-60, 1, 5))
def test_a_token_over_the_cut_of_a_long_line_is_scrubbed(shift: int) -> None:
    words = b"word " * (CUT_AFTER_BYTES // 5)
    data = words[: CUT_AFTER_BYTES + shift] + b" " + TOKEN.encode() + b" end\n"
    text, _ = packed(data)
    assert TOKEN not in text
    assert TOKEN[:20] not in text


def test_lines_keep_their_order_and_their_stamps() -> None:
    data = "".join(f"{STAMP}line {number}\r\n" for number in range(100)).encode()
    assert packed(data, block=7) == (data.decode(), 0)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"test_adds_{TOKEN}", id="behind-an-underscore"),
        pytest.param(f"{TOKEN[:9]}\u200b{TOKEN[9:]}", id="with-a-sign-that-nobody-sees"),
        pytest.param(
            f"    {'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAA'}", id="key"
        ),
    ],
)
def test_secrets_are_known_out_of_their_place(line: str) -> None:
    text, count = packed(f"{STAMP}{line}\n".encode())
    assert count == 1
    assert "[redacted" in text
    assert TOKEN[10:] not in text


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("GET https://x.blob.example/a?sv=2021&sig=Zm9vYmFyYmF6cXV4MTIz%3D&se=1", "Zm9vYmFy"),
        (f"AccountKey={'aB3' * 28}==", "aB3aB3"),
        ('{"auths":{"ghcr.io":{"auth":"Ym9iOmh1bnRlcjI="}}}', "Ym9iOmh1"),
        ('{"password": "Tr0ub4dor&3xyz!Q9k"}', "Tr0ub4dor"),
        ("curl -u bob:Hunter2Secret99 https://x.example", "Hunter2"),
        ("mysql -u root -pS3cr3tPw99x shop", "S3cr3tPw"),
        ("Password for bob: hunter2secretPW99", "hunter2"),
    ],
)
def test_secrets_are_known_by_their_place(line: str, secret: str) -> None:
    text, count = packed(line.encode())
    assert count == 1
    assert secret not in text


def test_what_only_looks_like_a_password_stays() -> None:
    lines = "docker run -u 1000:1000 app\ngit push -u origin main\nPassword for bob: ***\n"
    assert packed(lines.encode()) == (lines, 0)


@pytest.mark.parametrize("below", ["refused by server", "FAILED tests/a.py::t - x", "1 failed"])
def test_a_whole_token_at_the_end_of_a_line_takes_nothing_from_the_next(below: str) -> None:
    redactor = Redactor()
    redactor.between("", f"clone with {TOKEN}", below)
    assert redactor.between(f"clone with {TOKEN}", below, "") == below
    assert redactor.count == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("secret=\nZq8Lm2Xw9Rt4Vy7KpQQ11\n", id="on-the-next-line"),
        pytest.param("token=Zq8Lm2Xw9…Rt4Vy7KpQQ11\n", id="with-something-left-out-inside"),
    ],
)
def test_a_named_secret_is_found_in_pieces(text: str) -> None:
    shown, count = packed(text.encode())
    assert count == 1
    assert "Zq8Lm" not in shown
    assert "KpQQ11" not in shown
