"""What every channel promises, whatever it speaks. Channels are discovered; a new kind joins `SUBJECTS`, or this file fails.

A door gives the same message the same identity however often it comes; reading is pure, and whatever the bytes are raises nothing but
ValueError; a call that proves nothing is `Forged`; a letter is taken, refused, or sent later, and its failure tells no secret, no address
and no word of it; nor does any log.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Channel, Forged, Gathering, InboundMessage, Listener, Refused, Single, Taken, Unavailable, Webhook, quoted
from forwarder.letters import may_answer
from gateway.public import Site
from tests.promises.channels import FATES, WORDS, Kept, Reluctant, Subject, identity, kept_as, kinds
from tests.promises.damage import damaged, damaged_call
from tests.promises.judging import aware, clean, handed, outcome, told, whole
from tests.promises.subject_mail import MAIL_SUBJECT
from tests.promises.subject_sms import ESME_SUBJECT, PUSH_SUBJECTS
from tests.promises.subject_social import CALLED_SUBJECT, POLLED_SUBJECT, X_SUBJECT
from tests.promises.subject_web import WEB_SUBJECT

SUBJECTS: dict[str, Subject] = {
    "email.mailbox": MAIL_SUBJECT,
    "sms.esme": ESME_SUBJECT,
    "social.telegram asked": POLLED_SUBJECT,
    "social.telegram called": CALLED_SUBJECT,
    "social.x": X_SUBJECT,
    "web.site": WEB_SUBJECT,
    **PUSH_SUBJECTS,
}
COMING = sorted(name for name, subject in SUBJECTS.items() if subject.coming)
CALLED = sorted(name for name, subject in SUBJECTS.items() if subject.calls)
LETTERS = [
    pytest.param(name, fate, fault, marks=[pytest.mark.soak] if fault in subject.slow else [], id=f"{name} {fate} {fault}")
    for name, subject in sorted(SUBJECTS.items())
    for fate in FATES
    for fault in subject.fates.get(fate, ())
]


def made(subject: Subject, **more: Any) -> Channel:
    """The channel of a subject; it has reached nobody."""
    channel: Channel = subject.module.channel("pintu", msgspec.convert({**subject.table, **more}, subject.module.Settings))
    return channel


@cache
def still(name: str) -> Channel:
    """One that is only asked to read; some take a while to make."""
    return made(SUBJECTS[name])


def test_every_kind_of_channel_is_held_to_its_promises() -> None:
    assert {subject.kind for subject in SUBJECTS.values()} == kinds()


@pytest.fixture(params=sorted(SUBJECTS))
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]


# --- what it is ---


def test_it_has_a_name_says_whether_it_is_up_and_listens_or_is_called(subject: Subject) -> None:
    channel = made(subject)
    assert channel.name == "pintu"
    assert isinstance(channel.up, bool)
    assert isinstance(channel, Listener | Webhook | Site)
    if isinstance(channel, Webhook):
        assert channel.path.startswith("/")
        assert channel.path.strip("/")


def test_its_settings_cannot_be_changed_know_their_keys_and_hide_their_secrets(subject: Subject) -> None:
    kind = subject.module.Settings
    with pytest.raises(msgspec.ValidationError, match="salah_ketik"):
        msgspec.convert({**subject.table, "salah_ketik": 1}, kind)
    whole_table = msgspec.convert(subject.table, kind)
    with pytest.raises(AttributeError):
        setattr(whole_table, kind.__struct_fields__[0], None)
    clean(subject, repr(whole_table), str(whole_table), repr(whole_table.__rich_repr__()))


def test_a_secret_of_the_wrong_type_is_not_repeated_in_the_fault(subject: Subject) -> None:
    for name, value in subject.table.items():
        if isinstance(value, str) and any(secret in value for secret in subject.secrets):
            with pytest.raises(msgspec.ValidationError) as fault:
                msgspec.convert({**subject.table, name: [value]}, subject.module.Settings)
            clean(subject, str(fault.value))


def test_it_tells_no_secret_of_itself(subject: Subject) -> None:
    channel = made(subject)
    clean(subject, repr(channel), str(channel), repr(getattr(channel, "links", "")), repr(getattr(channel, "counts", "")))


# --- what comes in ---


@pytest.mark.parametrize("name", COMING)
async def test_a_message_that_was_not_taken_comes_again_as_the_same_and_is_read_as_it_was_written(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    subject, inbox = SUBJECTS[name], Reluctant()
    assert subject.coming
    caplog.set_level(logging.DEBUG)
    async with subject.coming(inbox) as channel:
        told(subject, channel)
    assert len(inbox.asked) >= 2
    assert len({identity(each) for each in inbox.asked}) == 1
    assert all(aware(each.received_at) for each in inbox.asked)
    (arrival,) = inbox.shelf.arrivals
    message = channel.decode(arrival, ())
    assert (
        message == channel.decode(arrival, ()) == made(subject).decode(msgspec.structs.replace(arrival), ()) or subject.kind == "social.x"
    )
    assert WORDS in message.text
    assert (message.channel, message.source_id, message.received_at) == (arrival.channel, arrival.source_id, arrival.received_at)
    assert bool(may_answer(message)) == subject.way_back
    clean(subject, caplog.text)


def test_reading_is_repeatable_and_gives_whole_messages(subject: Subject) -> None:
    first, second = made(subject), made(subject)
    read = 0
    for kept in subject.examples:
        messages = [outcome(channel, kept) for channel in (first, second, first)]
        assert messages[0] == messages[1] == messages[2]
        if isinstance(messages[0], InboundMessage):
            whole(messages[0], kept, subject)
            if isinstance(first, Gathering):
                # nothing could be gathered: it was given up
                assert first.lacks(messages[0]) in {True, False}
                whole(first.complete(messages[0], {}), kept, subject)
            read += 1
    assert read


@pytest.mark.parametrize("name", sorted(SUBJECTS))
@settings(max_examples=250)
@given(seed=st.integers(0, 2**64))
def test_bytes_that_were_damaged_raise_nothing_but_valueerror(name: str, seed: int) -> None:
    subject, dice = SUBJECTS[name], random.Random(seed)
    channel, kept = still(name), dice.choice(subject.examples)
    broken = Kept(
        arrival=msgspec.structs.replace(kept.arrival, raw=damaged(kept.arrival.raw, dice)),
        parts=tuple(msgspec.structs.replace(part, raw=damaged(part.raw, dice)) for part in kept.parts),
    )
    message = outcome(channel, broken)
    assert message == outcome(channel, broken)
    if isinstance(message, InboundMessage):
        whole(message, broken, subject)


def test_nothing_at_all_raises_nothing_but_valueerror(subject: Subject) -> None:
    channel, kept = made(subject), subject.examples[0]
    for raw in (b"", b"\0", b"{}", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"\r\n\r\n", b"0" * 5000):
        outcome(channel, Kept(arrival=msgspec.structs.replace(kept.arrival, raw=raw)))
        part = next((part for example in subject.examples for part in example.parts), None)
        if part is not None:
            outcome(channel, Kept(arrival=msgspec.structs.replace(kept.arrival, raw=b""), parts=(msgspec.structs.replace(part, raw=raw),)))


# --- calls ---


@pytest.mark.parametrize("name", CALLED)
def test_a_call_has_the_same_identity_whenever_it_comes(name: str) -> None:
    subject = SUBJECTS[name]
    channel = called(name)
    for call in subject.calls:
        later = msgspec.structs.replace(call, received_at=call.received_at + timedelta(seconds=7))
        first, second = channel.read(call), channel.read(later)
        assert [identity(each) for each in handed(first)] == [identity(each) for each in handed(second)]
        assert [each.raw for each in handed(first)] == [each.raw for each in handed(second)]
        assert all(aware(each.received_at) for each in (*handed(first), *handed(second)))
        clean(subject, *(each.raw.decode("latin-1") for each in handed(first)), words=False)


def called(name: str) -> Webhook:
    channel = still(name)
    assert isinstance(channel, Webhook)
    return channel


@pytest.mark.parametrize("name", CALLED)
def test_a_call_that_proves_nothing_is_forged_and_told_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    subject = SUBJECTS[name]
    caplog.set_level(logging.DEBUG)
    for call in subject.forged:
        with pytest.raises(Forged) as forged:
            called(name).read(call)
        clean(subject, str(forged.value), caplog.text)


@pytest.mark.parametrize("name", CALLED)
@settings(max_examples=250)
@given(seed=st.integers(0, 2**64))
def test_damage_makes_no_forged_call_a_true_one(name: str, seed: int) -> None:
    dice = random.Random(seed)
    with pytest.raises((Forged, ValueError)):
        called(name).read(damaged_call(dice.choice(SUBJECTS[name].forged), dice))


@pytest.mark.parametrize("name", CALLED)
@settings(max_examples=250)
@given(seed=st.integers(0, 2**64))
def test_a_call_that_was_damaged_raises_nothing_but_forged_and_valueerror(name: str, seed: int) -> None:
    subject, dice = SUBJECTS[name], random.Random(seed)
    channel, call = called(name), damaged_call(dice.choice(subject.calls), dice)
    try:
        delivery = channel.read(call)
    except Forged as problem:
        clean(subject, str(problem))
        return
    except ValueError as problem:
        clean(subject, str(problem))
        return
    for what in handed(delivery):
        kept = kept_as(what)
        message = outcome(still(name), kept)
        if isinstance(message, InboundMessage):
            whole(message, kept, subject)


# --- what one process at a time keeps ---


def test_which_of_them_one_process_at_a_time_keeps() -> None:
    kept = {name: channel.single for name in SUBJECTS if isinstance(channel := still(name), Single)}
    assert kept == {"sms.esme": "bind", "social.telegram asked": "poll", "social.x": "poll"}


@pytest.mark.parametrize("name", sorted(name for name in COMING if isinstance(still(name), Single)))
async def test_one_that_may_be_kept_elsewhere_by_now_sends_nothing(name: str) -> None:
    subject, inbox = SUBJECTS[name], Reluctant()
    assert subject.coming
    async with subject.sending("") as (_, letter):
        pass
    async with subject.coming(inbox) as channel:
        inbox.left_s = 0.0
        assert not channel.up
        for _ in range(2):  # the reluctant inbox may say no first
            with pytest.raises(Unavailable) as failure:
                await channel.send(letter)
        assert (failure.value.code, failure.value.unsure) in {("lease_lost", False), ("not_connected", False)}


# --- letters ---


def test_every_fate_of_a_letter_is_tried_or_said_not_to_be(subject: Subject) -> None:
    assert {*subject.fates, *subject.never} == set(FATES)
    assert not {*subject.fates} & {*subject.never}


@pytest.mark.parametrize(("name", "fate", "fault"), LETTERS)
async def test_a_letter_is_taken_refused_or_sent_later(name: str, fate: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    subject = SUBJECTS[name]
    caplog.set_level(logging.DEBUG)
    async with subject.sending(fault) as (channel, letter):
        if fate == "taken":
            taken = await channel.send(letter)
            assert isinstance(taken, Taken)
            assert all(taken.ids)
            assert taken.said
            assert taken.said == quoted(taken.said)
        else:
            with pytest.raises(Refused if fate == "refused" else Unavailable) as failure:
                await channel.send(letter)
            problem = failure.value
            assert isinstance(problem, Refused | Unavailable)
            clean(subject, str(problem), repr(problem), problem.code, getattr(problem, "words", ""))
            assert problem.code
            assert problem.said == quoted(problem.said)
            assert problem.said or problem.code == "no_way_back" or fate not in {"refused", "throttled"}
            if isinstance(problem, Unavailable):
                assert problem.unsure or fate != "silent"
                assert not (problem.unsure and fate in {"throttled", "gone"})
                assert problem.retry_after or fate != "throttled"
        told(subject, channel)
    clean(subject, caplog.text)
