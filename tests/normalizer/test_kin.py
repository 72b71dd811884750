"""What two likenesses mean: a link of one kind with its evidence, or nothing. A wrong link is worse than none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.complaint import Detail, Related
from normalizer.kin import NEARBY, RESEND, SAME_TEXT, to_kin, together
from normalizer.likeness import Kin, Likeness
from normalizer.reference import mint, write
from normalizer.related import MOST
from tests.normalizer.test_likeness import LONG, at, like

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OWN, OTHER, THIRD = (write(mint(b"k" * 32, "test", str(n))) for n in range(3))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CODE = "35.02.17"
HOLE = "jalan berlubang dalam sekali, banyak pengendara motor jatuh"
REWORDED = "lubang jalan dalam, pengendara motor sering jatuh karena jalan berlubang"


def kin(likeness: Likeness, ago: timedelta = 4 * MINUTE, reference: str = OTHER) -> Kin:
    return Kin(reference=reference, received_at=NOW - ago, likeness=likeness)


def on(street: str, text: str, code: str = CODE, **said: Any) -> Likeness:
    """Of a message that names a street, or a lane by its number."""
    detail = Detail(kind="gang" if street.isdecimal() else "jalan", value=street, start=0, end=1)
    return like(text, msgspec.structs.replace(at(code, f"Jl {street}"), details=(detail,)), **said)


def link(mine: Likeness, other: Likeness, ago: timedelta = 4 * MINUTE) -> tuple[str, str]:
    """Kind and evidence; empty when there is no link."""
    found = to_kin(mine, NOW, [kin(other, ago)])
    return (found[0].kind, found[0].evidence) if found else ("", "")


@pytest.mark.parametrize("text", ["tes", "jalan rusak", LONG])
def test_the_same_words_of_one_sender_within_an_hour_are_a_resend_however_short(text: str) -> None:
    assert link(like(text), like(f" {text.upper()}!")) == ("resend", "same sender, same text, 4 min")
    assert link(like(text), like(text), timedelta(0)) == ("resend", "same sender, same text, 0 min")
    assert link(like(text), like(text), -RESEND) == ("resend", "same sender, same text, 1 h")


def test_later_they_are_news_and_a_long_text_is_the_same_text() -> None:
    assert link(like("lampu mati"), like("lampu mati"), RESEND + MINUTE) == ("", "")
    assert link(like(LONG), like(LONG), 3 * DAY) == ("same_text", "same sender, same text, 3 d")
    assert link(like(LONG), like(LONG), SAME_TEXT + MINUTE) == ("", "")


def test_another_sender_says_the_same() -> None:
    assert link(like(LONG), like(LONG, sender="081200000002"), 90 * MINUTE) == ("same_text", "same text, 1 h")
    assert link(like("lampu mati"), like("lampu mati", sender="081200000002")) == ("", "")


def test_a_template_with_another_address_is_the_same_text_and_never_a_resend() -> None:
    one = like(f"{LONG} Jl Mawar RT 1", at(CODE, "Jl Mawar RT 1"))
    other = like(f"{LONG} Jl Melati RT 9", at("35.02.18", "Jl Melati RT 9"))
    assert link(one, other) == ("same_text", "same text, other place, 4 min")
    assert link(one, like(f"{LONG} Jl Melati RT 9", at(CODE, "Jl Melati RT 9"))) == ("same_text", f"same text, kecamatan {CODE}, 4 min")
    assert link(like(LONG, fields={"location": "Jalan A"}), like(LONG, fields={"location": "Jalan B"}))[0] == "same_text"


def test_words_alike_in_one_kecamatan_are_nearby() -> None:
    one, other = like(HOLE, at(CODE)), like(REWORDED, at(CODE), sender="081200000002")
    assert link(one, other) == ("nearby", f"kecamatan {CODE}, 0.80 alike, 4 min")
    assert link(one, other, 13 * DAY) == ("nearby", f"kecamatan {CODE}, 0.80 alike, 13 d")
    assert link(one, other, NEARBY + MINUTE) == ("", "")


def test_without_a_place_nothing_is_nearby() -> None:
    assert link(like(HOLE), like(REWORDED, sender="081200000002")) == ("", "")
    assert link(like(HOLE, at(CODE)), like(REWORDED, sender="081200000002")) == ("", "")
    assert link(like(HOLE, at("35.02")), like(REWORDED, at("35.02"), sender="081200000002")) == ("", "")


def test_what_happened_elsewhere_or_is_another_thing_is_not_nearby() -> None:
    one = like(HOLE, at(f"{CODE}.1001"))
    assert link(one, like(REWORDED, at("35.02.18"), sender="081200000002")) == ("", "")
    assert link(one, like(REWORDED, at(f"{CODE}.1002"), sender="081200000002")) == ("", "")
    assert link(one, like("lampu penerangan jalan mati total sejak kemarin", at(f"{CODE}.1001"), sender="081200000002")) == ("", "")


def test_the_closer_the_place_the_less_the_words_must_say() -> None:
    one, other = "jembatan retak dekat masjid hampir roboh", "jembatan retak membahayakan, hampir roboh"
    village = f"{CODE}.1001"
    assert link(like(one, at(village)), like(other, at(village), sender="081200000002")) == (
        "nearby",
        f"kelurahan {village}, 0.67 alike, 4 min",
    )
    half = like("jembatan retak hampir roboh membahayakan pengguna", at(village), sender="081200000002")
    assert link(like("jembatan retak hampir putus", at(village)), half)[0] == ""
    assert (
        link(
            like("saluran mampet banjir", at(village)),
            like("saluran mampet banjir bau busuk menyengat", at(village), sender="081200000002"),
        )[0]
        == "nearby"
    )
    assert (
        link(like("saluran mampet banjir", at(CODE)), like("saluran mampet banjir bau busuk menyengat", at(CODE), sender="081200000002"))[0]
        == ""
    )


def test_one_street_says_more_than_a_village_and_two_streets_are_two_places() -> None:
    mine, theirs = on("Kenanga", "lampu mati di Jl Kenanga"), on("kenanga", "lampu mati sebulan, Jln kenanga", sender="081200000002")
    assert link(mine, theirs) == ("nearby", f"jalan, kecamatan {CODE}, 0.67 alike, 4 min")
    assert link(mine, on("Mawar", "lampu mati sebulan, Jln Mawar", sender="081200000002")) == ("", "")
    assert link(mine, on("Kenanga", "sampah menumpuk di Jl Kenanga", sender="081200000002")) == ("", "")
    assert link(mine, on("Kenanga", "lampu mati sebulan, Jln Kenanga", "35.02.18", sender="081200000002")) == ("", "")
    assert link(on("Suka Maju", "lampu mati"), on("Sukamaju", "lampu mati", sender="081200000002"))[0] == "nearby"


def test_a_lane_is_known_within_its_village_only() -> None:
    village = f"{CODE}.1001"
    mine, theirs = (on("5", "kebakaran, tolong pemadam", village, sender=f"08120000000{n}") for n in (1, 2))
    assert link(mine, theirs) == ("nearby", f"jalan, kecamatan {CODE}, 1.00 alike, 4 min")
    assert link(mine, on("6", "kebakaran, tolong pemadam", village, sender="081200000002")) == ("", "")
    assert link(on("5", "kebakaran, tolong pemadam"), on("5", "kebakaran, tolong pemadam", sender="081200000002")) == ("", "")


def test_two_words_are_too_few_to_be_alike() -> None:
    assert link(like("lampu mati", at(CODE)), like("lampu mati pak", at(CODE), sender="081200000002")) == ("", "")


def test_the_surest_links_come_first_each_case_once_and_not_too_many() -> None:
    quoted = Related(id=THIRD, kind="follow_up", evidence="quoted")
    resend, near = (Related(id=OTHER, kind=kind, evidence="") for kind in ("resend", "nearby"))
    own = Related(id=OWN, kind="follow_up", evidence="quoted")
    assert together([quoted, own, quoted], [near, resend], OWN) == (resend, quoted)
    many = [Related(id=str(10**6 + n), kind="same_text", evidence="") for n in range(30)]
    assert together([quoted], [resend, *many], OWN) == (resend, quoted, *many[: MOST - 2])


def test_of_each_kind_the_newest_comes_first() -> None:
    found = to_kin(like(LONG), NOW, [kin(like(LONG), 5 * DAY, OTHER), kin(like(LONG), 2 * DAY, THIRD), kin(like(LONG), MINUTE, OWN)])
    assert [(each.id, each.kind) for each in found] == [(OWN, "resend"), (THIRD, "same_text"), (OTHER, "same_text")]


_WORDS = st.lists(
    st.sampled_from(["lampu", "mati", "lubang", "banjir", "sampah", "selokan", "jembatan", "roboh", "macet", "pungli"]), max_size=10
)
_PLACES = st.sampled_from([None, "35.02", CODE, f"{CODE}.1001", f"{CODE}.1002", "35.02.18"])


@given(_WORDS, _WORDS, _PLACES, _PLACES, st.integers(-100, 100))
def test_a_link_holds_in_both_directions_and_says_the_same(
    one: list[str], other: list[str], here: str | None, there: str | None, days: int
) -> None:
    mine = like(" ".join(one), at(here) if here else None)
    theirs = like(" ".join(other), at(there) if there else None, sender="081200000002")
    forth = to_kin(mine, NOW, [Kin(reference=OTHER, received_at=NOW + days * DAY, likeness=theirs)])
    back = to_kin(theirs, NOW + days * DAY, [Kin(reference=OTHER, received_at=NOW, likeness=mine)])
    assert forth == back
    for each in forth:
        assert each.kind in {"same_text", "nearby"}
        assert each.kind == "same_text" or (here or "")[:8] == (there or "")[:8] != "35.02"
