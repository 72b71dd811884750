"""A call is believed when its body and its time were signed with the secret, and only for five minutes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.signature import genuine, signed, timely

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
T = int(AT.timestamp())


@given(st.binary(max_size=200), st.text(min_size=1, max_size=40, alphabet=st.characters(codec="utf-8")))
def test_what_was_signed_is_genuine_and_nothing_else_is(body: bytes, secret: str) -> None:
    header = signed(secret, T, body)
    assert genuine(header, secret, body)
    assert not genuine(header, secret, body + b" ")
    assert not genuine(header, secret + "x", body)
    assert not genuine(header.replace(f"t={T}", f"t={T + 1}"), secret, body)


def test_it_is_what_the_published_interface_says() -> None:
    mac = hmac.new(b"rahasia bersama", f"{T}.".encode() + b"{}", hashlib.sha256).hexdigest()
    assert signed("rahasia bersama", T, b"{}") == f"t={T},v1={mac}"


def test_either_of_two_secrets_does_while_one_is_being_changed() -> None:
    old, new = signed("old", T, b"{}"), signed("new", T, b"{}")
    both = f"{old},{new.partition(',')[2]}"
    assert genuine(both, "old", b"{}")
    assert genuine(both, "new", b"{}")


@pytest.mark.parametrize(("seconds", "fine"), [(0, True), (299, True), (-299, True), (301, False), (-301, False), (10**9, False)])
def test_a_recorded_call_is_worth_nothing_later(seconds: int, fine: bool) -> None:
    assert timely(signed("s", T, b""), AT + timedelta(seconds=seconds)) is fine


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=" + "a" * 64, f"t={T},v1=", f"t={T},v1={'A' * 64}", f"t={T},v1={'a' * 63}", f"sha256={'a' * 64}", f"t=-1,v1={'a' * 64}",
     f"t={T},v1={'a' * 64},v0=x", f"t={'9' * 13},v1={'a' * 64}", f"t={T},v1={'é' * 64}"],
)  # fmt: skip
def test_what_is_no_signature_is_none(header: str) -> None:
    assert not timely(header, AT)
    assert not genuine(header, "s", b"")
