"""The file to which records are appended, broken in every way. In: bodies. Out: what is told again, and what is said to be lost."""

from __future__ import annotations

import mmap
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.sheaf import FRAME_SIZE, HEAD_SIZE, End, Gap, Record, Sheaf, body_at, read

NONCE = bytes(range(1, 9))
BODIES = (b"first", b"", b"\x00" * 40, b"last")


def written(bodies: tuple[bytes, ...] | list[bytes] = BODIES, *, ended: bool = True, nonce: bytes = NONCE) -> bytes:
    sheaf = Sheaf(nonce)
    return b"".join([sheaf.head(), *map(sheaf.record, bodies), sheaf.end() if ended else b""])


def bodies(octets: bytes) -> list[bytes]:
    return [each.body for each in read(octets) if isinstance(each, Record)]


def gaps(octets: bytes) -> list[Gap]:
    return [each for each in read(octets) if isinstance(each, Gap)]


@given(st.lists(st.binary(max_size=300), max_size=8), st.binary(min_size=8, max_size=8), st.booleans())
def test_what_was_written_is_told_again(texts: list[bytes], nonce: bytes, ended: bool) -> None:
    octets = written(texts, ended=ended, nonce=nonce)
    found = list(read(octets))
    assert [each.body for each in found if isinstance(each, Record)] == texts
    assert found[len(texts) :] == ([End(len(texts), 0)] if ended else [])
    assert all(body_at(octets, each.at) == each.body for each in found if isinstance(each, Record))


def test_cut_at_any_octet_it_gives_what_came_whole_before_and_says_what_is_torn() -> None:
    octets = written()
    starts = [each.at for each in read(octets) if isinstance(each, Record)]
    whole = {HEAD_SIZE, *starts, starts[-1] + FRAME_SIZE + len(BODIES[-1])}
    for length in range(len(octets)):
        found = list(read(octets[:length]))
        expected = [body for at, body in zip(starts, BODIES, strict=True) if at + FRAME_SIZE + len(body) <= length]
        assert [each.body for each in found if isinstance(each, Record)] == expected
        torn = [each for each in found if isinstance(each, Gap)]
        assert [each.until for each in torn] == ([] if length in whole or length == 0 else [length])
        assert not any(isinstance(each, End) for each in found)


def test_one_octet_changed_anywhere_costs_one_record_at_most_and_is_noticed() -> None:
    octets = written()
    for at in range(HEAD_SIZE, len(octets)):
        for bits in (1, 0x80, 0xFF):
            damaged = octets[:at] + bytes([octets[at] ^ bits]) + octets[at + 1 :]
            kept = bodies(damaged)
            assert len(kept) >= len(BODIES) - 1
            assert set(kept) <= set(BODIES)
            assert any(isinstance(each, Gap) and each.at <= at < each.until for each in read(damaged))


def test_one_octet_changed_in_the_head_costs_nothing() -> None:
    octets = written()
    for at in range(HEAD_SIZE):
        damaged = octets[:at] + bytes([octets[at] ^ 0xFF]) + octets[at + 1 :]
        assert bodies(damaged) == list(BODIES)


def test_both_heads_gone_is_one_gap_over_all() -> None:
    octets = bytes(HEAD_SIZE) + written()[HEAD_SIZE:]
    assert list(read(octets)) == [Gap(0, len(octets), "head")]
    assert body_at(octets, HEAD_SIZE) is None


def test_a_record_that_was_cut_out_is_missed_at_the_end() -> None:
    octets = written()
    starts = [each.at for each in read(octets) if isinstance(each, Record)]
    for start, after in pairwise(starts):
        less = octets[:start] + octets[after:]
        assert gaps(less) == []
        assert list(read(less))[-1] == End(len(BODIES), 1)


def test_records_that_changed_places_are_missed_at_the_end() -> None:
    octets = written([b"one", b"two"])
    first, second = (each.at for each in read(octets) if isinstance(each, Record))
    after = 2 * second - first
    swapped = octets[:first] + octets[second:after] + octets[first:second] + octets[after:]
    assert bodies(swapped) == [b"two", b"one"]
    assert list(read(swapped))[-1] == End(2, 1)


def test_a_message_that_contains_a_file_of_records_passes_for_none_when_it_is_damaged() -> None:
    inside = written([b"forged"], nonce=b"\x09" * 8)
    octets = written([b"before", inside, b"after"])
    start = octets.index(inside)
    damaged = octets[:start] + b"\xff" + octets[start + 1 :]
    assert bodies(damaged) == [b"before", b"after"]


def test_what_lies_behind_the_end_is_told() -> None:
    octets = written()
    assert list(read(octets + b"more"))[-1] == Gap(len(octets), len(octets) + 4, "behind")


@given(st.binary(max_size=200))
def test_no_octets_raise_anything(octets: bytes) -> None:
    assert len(list(read(octets))) <= 1
    assert bodies(written()[:HEAD_SIZE] + octets) == []


def test_a_mapped_file_reads_like_its_octets(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(written())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert list(read(mapped)) == list(read(written()))
