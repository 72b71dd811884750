"""Who may be answered, and by which door."""

from __future__ import annotations

import msgspec
import pytest

from channels.base import InboundMessage
from forwarder.letters import letter, may_answer, may_tell
from normalizer.complaint import Flag, Privacy
from tests.forwarder.records import AT, complaint


def _message(reply_to: dict[str, str]) -> InboundMessage:
    return InboundMessage(channel="telkomsel", source_id="1", sender="628120000001", text="", received_at=AT, reply_to=reply_to)


def test_who_left_no_way_back_is_not_answered() -> None:
    assert not may_answer(_message({}))
    assert may_answer(_message({"to": "628120000001"}))


@pytest.mark.parametrize(
    ("privacy", "flags", "public", "told"),
    [
        ("terbuka", (), True, True),
        ("terbuka", ("emergency",), True, True),
        ("terbuka", ("whistleblowing",), True, False),
        ("rahasia", (), True, False),
        ("anonim", (), True, False),
        ("rahasia", ("whistleblowing",), False, True),
    ],
)
def test_where_everybody_reads_along_nothing_is_said_of_a_confidential_complaint(
    privacy: Privacy, flags: tuple[Flag, ...], public: bool, told: bool
) -> None:
    message = msgspec.structs.replace(_message({"post": "1"}), public=public)
    record = msgspec.structs.replace(complaint(), privacy=privacy, flags=flags)
    assert may_tell(message, record) == told


def test_a_letter_goes_back_through_the_door_by_which_the_message_came() -> None:
    message = _message({"to": "628120000001", "from": "1708"})
    written = letter("case-1", "receipt", "Terima kasih.", message=message)
    assert (written.channel, written.to, written.reply_to) == ("telkomsel", "628120000001", message.reply_to)
    assert (written.case_id, written.kind, written.text) == ("case-1", "receipt", "Terima kasih.")


def test_a_case_has_one_letter_of_each_kind() -> None:
    message = _message({"to": "628120000001"})
    first, again = (letter("case-1", "receipt", text, message=message) for text in ("a", "b"))
    assert first.key == again.key
    assert first.key != letter("case-1", "registered", "a", message=message).key
    assert first.key != letter("case-2", "receipt", "a", message=message).key
