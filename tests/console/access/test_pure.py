"""The pure parts of signing in: digits of a telephone, how long who guesses waits, which passwords are taken, where a request is from."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import whence
from gateway.console import roles
from gateway.console.access import lockout, passwords, totp
from gateway.console.access.lockout import Count

RFC_KEY = b"12345678901234567890"


# --- TOTP ---


@pytest.mark.parametrize(
    ("at", "eight"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037")],
)
def test_the_digits_are_those_of_rfc_6238(at: int, eight: str) -> None:
    assert totp.digits(RFC_KEY, at // 30) == eight[-6:]


@given(st.binary(min_size=20, max_size=20), st.integers(100, 10**10), st.integers(-3, 3))
def test_digits_fit_half_a_minute_before_and_after_and_only_once(key: bytes, now: int, off: int) -> None:
    step = now // 30 + off
    shown = totp.digits(key, step)
    taken = totp.step_of(key, f"{shown[:3]} {shown[3:]}", now, after=0)
    if abs(off) <= 1:
        assert taken is not None
        assert totp.step_of(key, shown, now, after=step + 1) is None
    else:
        assert taken is None or totp.digits(key, taken) == shown


@pytest.mark.parametrize("shown", ["", "12345", "1234567", "abcdef", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "\ud800"])
def test_what_is_no_six_digits_fits_nothing(shown: str) -> None:
    assert totp.step_of(RFC_KEY, shown, 59, after=0) is None


def test_the_picture_and_the_written_key_hold_the_same_key() -> None:
    assert totp.written(RFC_KEY) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert totp.picture(RFC_KEY, issuer="Gerbang LAPOR!", account="rini").startswith("data:image/svg+xml")


def test_recovery_codes_are_read_back_as_people_write_them() -> None:
    codes = totp.fresh_recovery()
    assert len(set(codes)) == totp.RECOVERY
    salt = b"0123456789abcdef"
    assert totp.recovery_hash(codes[0], salt) == totp.recovery_hash(codes[0].lower().replace("-", " ").replace("0", "o"), salt)
    assert totp.recovery_hash(codes[0], salt) != totp.recovery_hash(codes[0], b"another salt 16b")


# --- who guesses waits ---


def test_five_faults_of_one_at_one_account_cost_nothing_and_then_the_wait_doubles() -> None:
    waits = [lockout.wait_s("pair", Count(failed, 1000.0), 1000.0) for failed in range(12)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


@given(st.sampled_from(["pair", "address", "account"]), st.integers(0, 10**6), st.floats(0, 2e9), st.floats(0, 2e9))
def test_nobody_waits_longer_than_the_longest_whatever_the_clock_does(kind: lockout.Kind, failed: int, last: float, now: float) -> None:
    assert 0 <= lockout.wait_s(kind, Count(failed, last), now) <= lockout.PATIENCE[kind].most_s


def test_one_account_is_tried_less_than_a_hundred_times_an_hour_from_everywhere_together() -> None:
    now, tries, count = 0.0, 0, Count(0, 0.0)
    while now < 3600:
        now += lockout.wait_s("account", count, now)
        tries, count = tries + 1, Count(count.failed + 1, now)
    assert tries < 100


def test_after_a_day_without_a_fault_the_count_is_forgotten() -> None:
    assert lockout.wait_s("pair", Count(50, 0.0), lockout.FORGOTTEN_S) == 0


# --- passwords ---


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("pendek", "short"),
        ("kucing hitam di atap seng", ""),
        ("Tr0ub4dor&3xyz", ""),
        ("h7#Kq9!vLm2Z", ""),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaaaaa", "plain"),
        ("123456789012345", "plain"),
        ("password123456", "plain"),
        ("KataSandi2026!", "plain"),
        ("qwertyuiop123", "plain"),
        ("budibudibudibudi", "plain"),
        ("Admin12345678", "plain"),
        ("rinirahayu-di-balai", "name"),
    ],
)
def test_which_passwords_are_taken(password: str, fault: str) -> None:
    assert passwords.fault(password, "rinirahayu" if fault == "name" else "tono") == fault


async def test_a_password_fits_its_own_hash_and_nothing_fits_where_there_is_none() -> None:
    keeper = passwords.Passwords()
    kept = await keeper.hashed("kucing hitam di atap seng")
    assert kept.startswith("$argon2id$")
    assert await keeper.fits("kucing hitam di atap seng", kept)
    assert not await keeper.fits("kucing hitam di atap sengg", kept)
    assert not await keeper.fits("", "")
    assert not await keeper.fits("apa saja", "no hash at all")
    assert not passwords.worn(kept)


async def test_the_same_password_from_another_keyboard_fits() -> None:
    keeper = passwords.Passwords()
    kept = await keeper.hashed("caf\N{LATIN SMALL LETTER E WITH ACUTE} di ujung jalan")
    assert await keeper.fits("cafe\N{COMBINING ACUTE ACCENT} di ujung jalan", kept)


# --- roles ---


def test_each_role_may_what_the_ones_before_it_may() -> None:
    for at, has in enumerate(roles.ROLES):
        assert [roles.may(has, needs) for needs in roles.ROLES] == [place <= at for place in range(4)]


# --- where a request is from ---

OURS = ["http://127.0.0.1:8081", ""]


@pytest.mark.parametrize(
    ("method", "headers", "ours"),
    [
        ("GET", {}, True),
        ("POST", {}, False),
        ("POST", {"Sec-Fetch-Site": "same-origin"}, True),
        ("POST", {"Sec-Fetch-Site": "same-site", "Origin": OURS[0]}, False),
        ("POST", {"Sec-Fetch-Site": "cross-site"}, False),
        ("POST", {"Sec-Fetch-Site": "none"}, False),
        ("POST", {"Origin": OURS[0]}, True),
        ("POST", {"Origin": "null"}, False),
        ("POST", {"Origin": ""}, False),
        ("POST", {"Origin": "http://127.0.0.1:8081.evil.example"}, False),
        ("DELETE", {}, False),
    ],
)
def test_an_act_is_asked_for_by_a_page_of_ours_or_not_at_all(method: str, headers: dict[str, str], ours: bool) -> None:
    assert whence.from_our_page(method, headers, OURS) is ours


@pytest.mark.parametrize(
    ("remote", "headers", "near"),
    [
        ("127.0.0.1", {"Host": "127.0.0.1:8081"}, True),
        ("127.0.0.1", {"Host": "localhost:8081"}, True),
        ("::1", {"Host": "[::1]:8081"}, True),
        ("10.1.2.3", {"Host": "10.1.2.3:8081"}, True),
        ("10.1.2.4", {"Host": "10.1.2.3:8081"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1:8081", "X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "127.0.0.1:8081", "X-Forwarded-For": ""}, False),
        ("127.0.0.1", {"Host": "127.0.0.1:8081", "Forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "konsol.example.go.id"}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"Host": "[::1"}, False),
        ("", {"Host": "localhost"}, False),
    ],
)
def test_who_asks_from_this_machine(remote: str, headers: dict[str, str], near: bool) -> None:
    assert whence.from_this_machine(remote, "10.1.2.3", headers) is near


@pytest.mark.parametrize(
    ("forwarded", "caller"),
    [
        ([], "10.0.0.1"),
        (["203.0.113.7"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (["203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        (["203.0.113.7", "10.0.0.9"], "203.0.113.7"),
        (["nobody, 10.0.0.9"], "10.0.0.9"),
    ],
)
def test_behind_proxies_of_ours_the_caller_is_the_last_who_is_none_of_them(forwarded: list[str], caller: str) -> None:
    assert whence.caller("10.0.0.1", forwarded, [ip_network("10.0.0.0/8")]) == caller


def test_who_is_no_proxy_of_ours_speaks_for_nobody() -> None:
    assert whence.caller("192.0.2.1", ["203.0.113.7"], [ip_network("10.0.0.0/8")]) == "192.0.2.1"
