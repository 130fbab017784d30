"""Passwords and one-time codes: the vectors of the standards, and what is refused."""

from __future__ import annotations

import pytest

from auditor.accounts import totp
from auditor.accounts.password_rules import password_faults
from auditor.proof.passwords import fits, hash_password

RFC_6238 = (
    # seconds, algorithm, code of eight digits (appendix B)
    (59, "sha1", "94287082"), (59, "sha256", "46119246"), (59, "sha512", "90693936"),
    (1_111_111_109, "sha1", "07081804"), (1_111_111_111, "sha1", "14050471"), (1_234_567_890, "sha1", "89005924"),
    (2_000_000_000, "sha1", "69279037"), (20_000_000_000, "sha1", "65353130"), (20_000_000_000, "sha512", "47863826"),
)  # fmt: skip
SECRETS = {"sha1": 20, "sha256": 32, "sha512": 64}


@pytest.mark.parametrize(("seconds", "algorithm", "code"), RFC_6238)
def test_codes_are_those_of_the_standard(seconds: int, algorithm: str, code: str) -> None:
    secret = (b"1234567890" * 7)[: SECRETS[algorithm]]
    assert totp.code_at(secret, seconds // 30, digits=8, algorithm=algorithm) == code


def test_a_code_is_good_one_step_around_and_no_further() -> None:
    secret, now = b"12345678901234567890", 1_111_111_111.0
    step = int(now) // 30
    taken = [totp.step_of(secret, totp.code_at(secret, step + away), now) for away in (-2, -1, 0, 1, 2)]
    assert taken == [None, step - 1, step, step + 1, None]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12345\x00", "🙂" * 6])
def test_what_is_no_code_is_of_no_step(code: str) -> None:
    assert totp.step_of(b"12345678901234567890", code, 59.0) is None


def test_the_address_of_a_secret_names_login_and_issuer() -> None:
    address = totp.secret_address(b"12345678901234567890", "a b&c", "正版")
    assert address.startswith("otpauth://totp/%E6%AD%A3%E7%89%88:a%20b%26c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Correct-Horse-42!", True),
        ("一段足够长的中文口令加上Abc1", True),
        ("a long passphrase of words alone", True),
        ("Short-1a", False),
        ("alllowercase1", False),  # two kinds
        ("Password-2026!", False),  # common
        ("Aa1-Aa1-Aa1-", False),  # four different signs
        ("Zhang-San-Feng-42", False),  # holds the login
        ("Correct-Horse-42!\n", False),
        ("Correct-Horse-42!\ud800", False),
        ("Aa1-" * 100, False),
    ],
)
def test_a_password_is_judged(password: str, good: bool) -> None:
    assert (password_faults(password, login="zhang-san", least=12) == []) is good


def test_a_password_fits_its_own_hash_however_it_was_typed() -> None:
    hashed = hash_password("Ｃorrect-Horse-42!")
    assert hashed.startswith("$argon2id$")
    assert fits("Correct-Horse-42!", hashed)
    assert not fits("Correct-Horse-42", hashed)
    assert not fits("Correct-Horse-42!", None)
    assert not fits("x", "not a hash")
    assert not fits("\ud800", hashed)
