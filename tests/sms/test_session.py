"""The SMPP session: fed byte by byte, with a clock made of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import consts
from smpplib.command_codes import commands

from channels.sms.controls import Credentials
from channels.sms.events import Answered, BindRefused, Bound, Delivered, Event, Lost, Unanswered, Unbound, Unreadable
from channels.sms.session import LAST_SEQUENCE, PART_WITHIN_S, Role, Session
from tests.fakes.smpp import bare, delivery, header, made, pdus

WHO = Credentials(system_id="lapor", password="rahasia")
DELIVER, DATA = commands["deliver_sm"], commands["data_sm"]
SUBMIT = made("submit_sm", 0, source_addr="1708", destination_addr="628120000001", short_message=b"halo")


def out(session: Session) -> list[tuple[int, int, int]]:
    return [header(raw) for raw in pdus(session.take())]


def bound(role: Role = "transceiver", **timers: float) -> Session:
    session = Session(role, **timers)
    session.bind(WHO, 0.0)
    (_, _, sequence) = out(session)[0]
    assert session.receive(made(f"bind_{role}_resp", sequence, system_id="smsc"), 0.0) == [Bound()]
    return session


class Far:
    """The SMSC's end of a wire without a wire: answers binds, submits, enquiries and unbinds; everything goes byte by byte."""

    def __init__(self, near: Session) -> None:
        self.near, self.heard = near, list[bytes]()

    def exchange(self, now: float, *first: bytes) -> list[Event]:
        """Deliver `first`, then carry bytes both ways until nobody says more."""
        events: list[Event] = []
        waiting = list(first)
        while True:
            for raw in waiting:
                for at in range(len(raw)):
                    events += self.near.receive(raw[at : at + 1], now)
            heard = pdus(self.near.take())
            self.heard += heard
            waiting = [answer for raw in heard if (answer := self.answer(raw))]
            if not heard:
                return events

    def answer(self, raw: bytes) -> bytes:
        command, _, sequence = header(raw)
        if command == commands["submit_sm"]:
            return made("submit_sm_resp", sequence, message_id=f"m{sequence}")
        if command in {commands["bind_transceiver"], commands["enquire_link"], commands["unbind"]}:
            return bare(command | 0x80000000, sequence)
        return b""


def test_a_whole_life_byte_by_byte() -> None:
    near = Session("transceiver")
    far = Far(near)
    near.bind(WHO, 0.0)
    assert far.exchange(0.0) == [Bound()]
    raw = delivery(7)
    assert far.exchange(1.0, raw) == [Delivered(DELIVER, 7, raw)]
    near.answer(DELIVER, 7, 0)
    asked = near.submit(SUBMIT, 2.0)
    assert far.exchange(2.0) == [Answered(asked, 0, f"m{asked}")]
    near.unbind(3.0)
    assert not near.sends
    assert far.exchange(3.0) == [Unbound(asked=False)]
    assert near.state == "closed"
    assert [header(raw)[0] for raw in far.heard] == [
        commands["bind_transceiver"], commands["deliver_sm_resp"], commands["submit_sm"], commands["unbind"],
    ]  # fmt: skip


def test_a_stream_in_one_piece_is_the_same_stream() -> None:
    session = bound()
    events = session.receive(delivery(1) + bare(commands["enquire_link"], 2) + delivery(3), 1.0)
    assert [type(event) for event in events] == [Delivered, Delivered]
    assert out(session) == [(commands["enquire_link_resp"], 0, 2)]


@pytest.mark.parametrize("role", ["transceiver", "transmitter", "receiver"])
def test_the_bind_says_who_and_what(role: Role) -> None:
    session = Session(role)
    session.bind(WHO, 0.0)
    raw = session.take()
    assert header(raw)[0] == commands[f"bind_{role}"]
    assert raw[16:].startswith(b"lapor\0rahasia\0\0\x34")
    session.receive(bare(commands[f"bind_{role}_resp"], 1), 0.0)
    assert session.sends is (role != "receiver")


def test_credentials_do_not_show_the_password() -> None:
    assert "rahasia" not in repr(WHO)


@pytest.mark.parametrize("answer", ["bind_transceiver_resp", "generic_nack"])
def test_a_refused_bind_ends_the_session(answer: str) -> None:
    session = Session("transceiver")
    session.bind(WHO, 0.0)
    assert session.receive(bare(commands[answer], 1, consts.SMPP_ESME_RINVPASWD), 0.0) == [BindRefused(consts.SMPP_ESME_RINVPASWD)]
    assert session.state == "closed"
    assert session.receive(delivery(1), 0.0) == []


def test_an_unanswered_bind_is_a_lost_link() -> None:
    session = Session("transceiver", response_timeout_s=5)
    session.bind(WHO, 0.0)
    assert session.receive(bare(commands["enquire_link"], 1), 3.0) == []
    assert session.tick(4.9) == []
    assert session.tick(5.0) == [Lost("bind_unanswered")]


def test_a_delivery_before_the_bind_is_refused_and_while_binding_is_taken() -> None:
    session = Session("transceiver")
    assert session.receive(delivery(1), 0.0) == []
    assert out(session) == [(commands["deliver_sm_resp"], consts.SMPP_ESME_RINVBNDSTS, 1)]
    session.bind(WHO, 0.0)
    assert [type(event) for event in session.receive(delivery(2), 0.0)] == [Delivered]


def test_a_transmitter_takes_deliveries_too() -> None:
    assert [type(event) for event in bound("transmitter").receive(delivery(2), 0.0)] == [Delivered]


def test_data_sm_is_answered_in_kind() -> None:
    session = bound()
    raw = made("data_sm", 4, source_addr="628120000001", destination_addr="1708", message_payload=b"halo")
    assert session.receive(raw, 0.0) == [Delivered(DATA, 4, raw)]
    session.answer(DATA, 4, 0)
    assert out(session) == [(commands["data_sm_resp"], 0, 4)]


def test_deliveries_are_answered_in_any_order() -> None:
    session = bound()
    session.receive(b"".join(delivery(n) for n in (1, 2, 3)), 0.0)
    assert session.unanswered == 3
    for sequence, status in ((3, 0), (1, consts.SMPP_ESME_RX_T_APPN), (2, 0)):
        session.answer(DELIVER, sequence, status)
    assert out(session) == [(0x80000005, 0, 3), (0x80000005, 0x64, 1), (0x80000005, 0, 2)]
    assert session.unanswered == 0


def test_sequence_numbers_wrap_and_skip_those_in_use() -> None:
    session = bound()
    kept = session.submit(SUBMIT, 0.0)
    session._sequence = LAST_SEQUENCE - 1
    assert [session.submit(SUBMIT, 0.0) for _ in range(3)] == [LAST_SEQUENCE, 1, 3]
    assert kept == 2


def test_a_submit_keeps_everything_but_its_number() -> None:
    session = bound()
    sequence = session.submit(SUBMIT, 0.0)
    raw = session.take()
    assert raw[:12] + raw[16:] == SUBMIT[:12] + SUBMIT[16:]
    assert header(raw)[2] == sequence


def test_answers_nobody_waits_for_are_counted_and_dropped() -> None:
    session = bound()
    asked = session.submit(SUBMIT, 0.0)
    strays = [bare(command, 999) for command in (0x80000004, 0x80000005, 0x80000BAD, commands["generic_nack"], commands["unbind_resp"])]
    assert session.receive(b"".join(strays), 0.0) == []
    assert session.strays == 5
    session.take()
    assert session.receive(bare(0x80000004, asked, 0, b"m\0"), 0.0) == [Answered(asked, 0, "m")]
    assert session.receive(bare(0x80000004, asked, 0, b"m\0"), 0.0) == []
    assert (session.strays, session.take()) == (6, b"")


def test_a_nacked_submit_is_answered() -> None:
    session = bound()
    first, second = session.submit(SUBMIT, 0.0), session.submit(SUBMIT, 0.0)
    nacks = bare(commands["generic_nack"], first, consts.SMPP_ESME_RTHROTTLED) + bare(commands["generic_nack"], second)
    assert session.receive(nacks, 0.0) == [
        Answered(first, consts.SMPP_ESME_RTHROTTLED, ""),
        Answered(second, consts.SMPP_ESME_RUNKNOWNERR, ""),
    ]


@pytest.mark.parametrize("body", [b"", b"A" * 80, b"\0\x12"])
def test_a_yes_with_a_broken_body_is_a_yes_without_an_id(body: bytes) -> None:
    session = bound()
    asked = session.submit(SUBMIT, 0.0)
    assert session.receive(bare(0x80000004, asked, 0, body), 0.0) == [Answered(asked, 0, "")]


def test_an_unknown_command_is_nacked_and_its_bytes_are_handed_out() -> None:
    session = bound()
    raw = bare(0x0BAD, 9, body=b"?")
    assert session.receive(raw, 0.0) == [Unreadable(raw, consts.SMPP_ESME_RINVCMDID, 9)]
    assert out(session) == [(commands["generic_nack"], consts.SMPP_ESME_RINVCMDID, 9)]
    assert session.state == "bound"


@pytest.mark.parametrize("command", ["query_sm", "cancel_sm", "replace_sm", "bind_transceiver"])
def test_what_only_an_esme_may_ask_is_nacked(command: str) -> None:
    session = bound()
    assert session.receive(bare(commands[command], 9), 0.0) == []
    assert out(session) == [(commands["generic_nack"], consts.SMPP_ESME_RINVCMDID, 9)]


def test_a_submit_from_the_smsc_is_nacked_but_its_words_are_kept() -> None:
    session = bound()
    assert session.receive(SUBMIT, 0.0) == [Unreadable(SUBMIT, consts.SMPP_ESME_RINVCMDID, 0)]


@pytest.mark.parametrize("command", ["outbind", "alert_notification"])
def test_requests_without_an_answer_get_none(command: str) -> None:
    session = bound()
    assert (session.receive(bare(commands[command], 9), 0.0), session.take()) == ([], b"")


@pytest.mark.parametrize("length", [0, 3, 15, 70_001, 0xFFFFFFFF])
def test_lost_framing_hands_out_what_came_before_keeps_the_rest_and_ends(length: int) -> None:
    session = bound()
    good, garbage = delivery(1), length.to_bytes(4, "big") + b"rest" * 30_000
    events = session.receive(good + garbage, 0.0)
    assert events == [
        Delivered(DELIVER, 1, good),
        Unreadable(garbage[:70_000], consts.SMPP_ESME_RINVCMDLEN, 0),
        Lost("framing"),
    ]
    assert out(session) == [(commands["generic_nack"], consts.SMPP_ESME_RINVCMDLEN, 0)]
    assert session.state == "closed"


def test_silence_is_asked_about_once_and_then_is_a_loss() -> None:
    session = bound(enquire_link_s=10, response_timeout_s=5)
    assert (session.tick(9.9), session.take()) == ([], b"")
    assert session.tick(10.0) == []
    assert [command for command, _, _ in out(session)] == [commands["enquire_link"]]
    assert (session.tick(14.9), session.take()) == ([], b"")
    assert session.tick(15.0) == [Lost("silent")]
    assert session.state == "closed"
    assert session.tick(99.0) == []


def test_an_answered_enquiry_starts_the_silence_anew() -> None:
    session = bound(enquire_link_s=10, response_timeout_s=5)
    session.tick(10.0)
    (_, _, sequence) = out(session)[0]
    session.receive(bare(commands["enquire_link_resp"], sequence), 11.0)
    assert (session.tick(20.9), session.take()) == ([], b"")
    session.tick(21.0)
    assert len(out(session)) == 1


def test_whoever_ignores_enquiries_but_talks_is_alive() -> None:
    session = bound(enquire_link_s=10, response_timeout_s=5)
    session.tick(10.0)
    session.take()
    for now in (14.0, 18.0, 22.0, 26.0):
        session.receive(delivery(int(now)), now)
        assert session.tick(now + 3.9) == []
    assert session.state == "bound"


def test_a_submit_alone_without_an_answer_expires_and_the_link_lives() -> None:
    session = bound(response_timeout_s=5)
    first, second = session.submit(SUBMIT, 0.0), session.submit(SUBMIT, 3.0)
    session.receive(delivery(1), 4.0)
    assert session.tick(5.0) == [Unanswered(first)]
    assert session.asking == 1
    session.receive(delivery(2), 7.0)
    assert session.tick(8.0) == [Unanswered(second)]
    session.receive(bare(0x80000004, first, 0, b"late\0"), 9.0)
    assert session.strays == 1


def test_a_submit_into_silence_is_a_loss() -> None:
    session = bound(enquire_link_s=100, response_timeout_s=5)
    session.submit(SUBMIT, 1.0)
    assert session.tick(5.9) == []
    assert session.tick(6.0) == [Lost("silent")]


def test_silence_while_we_did_not_listen_is_ours() -> None:
    session = bound(enquire_link_s=100, response_timeout_s=5)
    session.submit(SUBMIT, 1.0)
    session.resume(50.0)
    assert session.tick(50.1) == [Unanswered(2)]


def test_their_unbind_is_answered_at_once_when_nothing_is_open() -> None:
    session = bound()
    assert session.receive(bare(commands["unbind"], 8), 0.0) == [Unbound(asked=True)]
    assert out(session) == [(commands["unbind_resp"], 0, 8)]


def test_their_unbind_waits_for_what_was_begun() -> None:
    session = bound()
    session.receive(delivery(1), 0.0)
    asked = session.submit(SUBMIT, 0.0)
    session.take()
    assert session.receive(bare(commands["unbind"], 8), 1.0) == []
    assert not session.sends
    session.answer(DELIVER, 1, 0)
    assert session.part(1.1) == []
    assert session.receive(bare(0x80000004, asked, 0, b"m\0"), 1.2) == [Answered(asked, 0, "m")]
    assert session.part(1.2) == [Unbound(asked=True)]
    assert out(session) == [(commands["deliver_sm_resp"], 0, 1), (commands["unbind_resp"], 0, 8)]


def test_their_unbind_does_not_wait_for_ever() -> None:
    session = bound()
    session.receive(delivery(1) + bare(commands["unbind"], 8), 1.0)
    assert session.tick(1.0 + PART_WITHIN_S) == [Unbound(asked=True)]


def test_deliveries_that_cross_our_unbind_are_left_for_the_next_bind() -> None:
    session = bound()
    session.unbind(0.0)
    session.take()
    assert (session.receive(delivery(1), 0.0), session.take()) == ([], b"")


def test_what_comes_with_the_end_behind_it_is_not_heard() -> None:
    """The wire has told whoever waits for an answer that there will be none."""
    session = bound()
    asked = session.submit(SUBMIT, 0.0)
    session.unbind(0.0)
    (*_, (_, _, parting)) = out(session)
    late = bare(0x80000004, asked, 0, b"m\0") + bare(0x0BAD, 7) + (3).to_bytes(4, "big") * 4
    assert session.receive(bare(0x80000006, parting) + late, 0.0) == [Unbound(asked=False)]
    assert session.take() == b""


def test_an_answer_after_the_end_says_nothing() -> None:
    session = bound()
    session.receive(delivery(1), 0.0)
    session.drop()
    session.answer(DELIVER, 1, 0)
    assert session.take() == b""


COMMANDS = [*commands.values(), 0x0BAD, 0x80000BAD]
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            bare,
            st.sampled_from(COMMANDS),
            st.integers(0, 3),
            st.sampled_from([0, 8]),
            st.binary(max_size=9),
        ),
        st.builds(delivery, st.integers(1, 3)),
    ),
    max_size=12,
)


@given(PIECES, st.data())
def test_any_bytes_in_any_pieces_are_the_same_events_and_never_a_fault(pieces: list[bytes], cuts: st.DataObject) -> None:
    stream = b"".join(pieces)
    whole, cut, leaves = bound(), bound(), cuts.draw(st.booleans())
    for session in (whole, cut):
        session.submit(SUBMIT, 0.0)
        if leaves:
            session.unbind(0.0)
        session.take()
    at, events = 0, list[Event]()
    while at < len(stream):
        size = cuts.draw(st.integers(1, 50))
        events += cut.receive(stream[at : at + size], 0.0)
        at += size
    expected = whole.receive(stream, 0.0)
    # What is kept of lost framing depends on how much of it had come.
    assert [event for event in events if type(event) is not Unreadable] == [event for event in expected if type(event) is not Unreadable]
    assert (cut.take(), cut.strays, cut.unanswered, cut.state) == (whole.take(), whole.strays, whole.unanswered, whole.state)
