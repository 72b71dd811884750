"""What comes after DATA: where it ends, what is stuffed, and which line ends are refused."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from channels.email.data import END, Collector
from channels.email.fault import BARE, fault

LARGE = 10_000
PIECES = st.lists(st.sampled_from([b"\r\n", b"\r\n.", b".", b"\r", b"\n", b"x", b"\r\n.\r", b"..", b"\0", b"\xff"]), max_size=30)


def fed(octets: bytes, cuts: list[int], most: int = LARGE) -> tuple[Collector, bytes | None]:
    """Fed in blocks that end at these places, as long as the end has not come."""
    collector, behind = Collector(most), None
    places = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        assert behind is None
        behind = collector.feed(octets[start:end])
        if behind is not None:
            return collector, behind + octets[end:]
    return collector, behind


@given(PIECES, st.lists(st.integers(0, 200)))
def test_wherever_the_blocks_end_the_message_is_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    said = b"".join(pieces)
    message, end, rest = (b"\r\n" + said).partition(END)
    collector, behind = fed(said, cuts)
    if not end:
        assert behind is None
        return
    assert behind == rest
    assert collector.message() == (message + b"\r\n").replace(b"\r\n.", b"\r\n")[2:]


@given(PIECES, st.lists(st.integers(0, 200)), st.integers(1, 20))
def test_the_end_of_what_is_too_big_is_found_all_the_same(pieces: list[bytes], cuts: list[int], most: int) -> None:
    said = b"".join(pieces)
    message, end, rest = (b"\r\n" + said).partition(END)
    collector, behind = fed(said, cuts, most)
    assert behind == (rest if end else None)
    if end:
        assert collector.too_big or len(message) <= most
        assert not collector.too_big or len(message) > most


def test_of_what_was_given_up_nothing_is_gathered_again() -> None:
    collector = Collector(LARGE)
    collector.give_up()  # the house had no room, long before it was too large
    for _ in range(3):
        assert collector.feed(bytes(5000)) is None
        assert collector.size < len(END)
    assert collector.feed(END) == b""


@given(PIECES)
def test_only_line_ends_of_both_signs_are_let_in(pieces: list[bytes]) -> None:
    message = b"".join(pieces)
    assert (fault(message) == BARE) == bool(re.search(rb"\r(?!\n)|(?<!\r)\n", message))
