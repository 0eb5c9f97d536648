"""No secret leaves the engine, and nothing else is hidden."""

import pytest

from bot.diagnosis import diagnose, redact

GITHUB = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"using {GITHUB} now", GITHUB),
        ("github_pat_11ABCDEFG0aBcDeFgHiJkLmN_opqrst", "github_pat_11ABCDEFG0aBcDeFgHiJkLmN"),
        ("xoxb-123456789012-abcdefABCDEF", "xoxb-123456789012"),
        ("https://hooks.slack.com/services/T000/B000/abcDEF123456", "abcDEF123456"),
        ("https://discord.com/api/webhooks/123456/abc-DEF_123", "abc-DEF_123"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("npm_" + "a1B2" * 9, "npm_a1B2"),
        ("pypi-" + "AgEIcHlwaS5vcmc" * 4, "AgEIcHlwaS5vcmc"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123", "eyJzdWIiOiIxIn0"),
        ("https://bot:hunter2x@git.example/a.git", "hunter2x"),
        ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
        ("DB_PASSWORD=x9Kq2LmP7wZt", "x9Kq2LmP7wZt"),
        ('"client_secret": "q8Wn3-Tz5_Lk2Vb9"', "q8Wn3-Tz5_Lk2Vb9"),
        ("--password hunter22", "hunter22"),
    ],
)
def test_secrets_are_scrubbed_and_counted(text: str, secret: str) -> None:
    clean, count = redact(text)
    assert secret not in clean
    assert "[redacted: " in clean
    assert count >= 1


@pytest.mark.parametrize(
    "text",
    [
        "token: ***",
        "error: unexpected token '}' in JSON at position 12",
        "https://gitlab-ci-token:[MASKED]@git.example/a.git",
        "passwords do not match: expected 'secret'",
        "FAILED tests/test_token.py::test_secret_is_hidden",
        "invalid access_key: none",
        "sha256:1f895c7b8f0c1f895c7b8f0c1f895c7b8f0c1f895c7b8f0c",
        "-----BEGIN CERTIFICATE-----",
        "TypeError: keyword argument 'password' is missing at app/models/user.rb:12",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == (text, 0)


def test_a_private_key_is_one_secret() -> None:
    text = (
        "before\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdefgh0123456789\n"
        "-----END RSA PRIVATE KEY-----\nafter"
    )
    clean, count = redact(text)
    assert clean.startswith("before\n[redacted: private key]")
    assert clean.endswith("\nafter")
    assert "MIIE" not in clean
    assert count == 1


def test_a_secret_split_over_two_lines() -> None:
    """A terminal of 80 columns breaks a token in two; neither half may leak."""
    head, tail = GITHUB[:17], GITHUB[17:]
    diagnosis = diagnose([f"error: cannot log in with {head}\n{tail} was refused\n".encode()])
    text = "\n".join(line.text for line in diagnosis.excerpt)
    assert head not in text
    assert tail not in text
    assert diagnosis.redacted == 1


def test_a_secret_split_over_two_lines_of_which_one_is_shown() -> None:
    clean = diagnose([f"{GITHUB[:17]}\n{GITHUB[17:]} error: refused\n\n".encode()])
    assert all(GITHUB[17:] not in line.text for line in clean.excerpt)


def test_reason_and_names_are_scrubbed_too() -> None:
    diagnosis = diagnose([f"fatal: couldn't find remote ref refs/{GITHUB}\n".encode()])
    assert GITHUB not in repr(diagnosis)
