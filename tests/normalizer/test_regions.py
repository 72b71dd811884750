"""The official list: every region is there, under its code and under its name."""

from __future__ import annotations

import gzip
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wordlists import regions
from normalizer.place_words import DISTRICT, PROVINCE, REGENCY, VILLAGE
from normalizer.regions import Regions, above, dotted, is_kota, letters, level, lies_in, number

REGIONS = regions()
DATA = resources.files("normalizer") / "data"


def packed(names: list[str], codes: list[int]) -> bytes:
    order = sorted(range(len(codes)), key=codes.__getitem__)
    numbers = b"".join(code.to_bytes(8, "little") for code in codes) + b"".join(place.to_bytes(4, "little") for place in order)
    return gzip.compress("\n".join(["Kepmen Contoh", *names]).encode() + b"\n\n" + numbers)


def test_the_whole_list_is_there() -> None:
    assert (len(REGIONS), REGIONS.decree) == (91_599, "Kepmendagri 300.2.2-2430/2025")


@pytest.mark.parametrize(
    ("code", "name", "deep"),
    [
        (11, "Aceh", PROVINCE),
        (96, "Papua Barat Daya", PROVINCE),
        (3502, "Kabupaten Ponorogo", REGENCY),
        (3172, "Kota Administrasi Jakarta Utara", REGENCY),
        (350217, "Ponorogo", DISTRICT),
        (3502171001, "Paju", VILLAGE),
        (5307012021, "Regapu'u", VILLAGE),
    ],
)
def test_a_code_has_its_name_and_its_level(code: int, name: str, deep: int) -> None:
    assert (REGIONS.name(code), level(code)) == (name, deep)


@pytest.mark.parametrize("code", [0, 10, 99, 3599, 350299, 3502179999, 10**12])
def test_what_is_no_code_has_no_name(code: int) -> None:
    assert REGIONS.name(code) is None


def test_a_name_means_every_region_that_is_called_so() -> None:
    assert REGIONS.called(REGIONS.districts, "sukorejo") == (332403, 350215, 351409, 357202)
    assert len(REGIONS.called(REGIONS.villages, "sukamaju")) == 119
    assert REGIONS.called(REGIONS.villages, "nowhere") == ()
    for table in (REGIONS.districts, REGIONS.villages):
        last = max(table, key=table.__getitem__)
        assert all(letters(REGIONS.name(code) or "") == last for code in REGIONS.called(table, last))


def test_every_kecamatan_and_village_is_found_under_its_name() -> None:
    found = sum(len(REGIONS.called(table, name)) for table in (REGIONS.districts, REGIONS.villages) for name in table)
    assert found == 7_285 + 83_762


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("bandung", (3204, 3273)),
        ("jatim", (35,)),
        ("solo", (3372,)),
        ("jogja", (34, 3471)),
        ("jakartaselatan", (3174,)),
        ("gorontalo", (75, 7501, 7571)),
        ("kepulauanseribu", (3101,)),
    ],
)
def test_the_upper_levels_go_by_their_names_and_by_what_people_call_them(said: str, codes: tuple[int, ...]) -> None:
    assert REGIONS.wide[said] == codes


def test_what_lies_in_a_region_is_found_by_it() -> None:
    assert REGIONS.opening("bab", REGIONS.within(3502, DISTRICT)) == [("babadan", 350216)]
    assert len(REGIONS.within(350217, VILLAGE)) == 19
    assert len(REGIONS.within(35, REGENCY)) == 38


def test_spellings_of_one_name_have_the_same_letters() -> None:
    assert {letters(name) for name in ("Suka Maju", "Sukamaju", "SUKA-MAJU", "suka maju.")} == {"sukamaju"}


@pytest.mark.parametrize("written", ["35", "35.02", "35.02.17", "35.02.17.1001"])
def test_a_code_is_written_as_it_was_read(written: str) -> None:
    assert dotted(number(written)) == written


def test_a_region_lies_in_those_whose_codes_begin_its_own() -> None:
    assert [above(code) for code in (35, 3502, 350217, 3502171001)] == [(), (35,), (3502, 35), (350217, 3502, 35)]
    assert [is_kota(code) for code in (3502, 3571)] == [False, True]


def test_a_list_that_is_not_whole_is_refused() -> None:
    whole = packed(["Aceh", "Kabupaten Contoh", "Mawar", "Melati"], [11, 1101, 110101, 1101012001])
    assert Regions(whole).name(1101012001) == "Melati"
    with pytest.raises(ValueError, match="not whole"):
        Regions(packed(["Aceh"], [11, 1101]))
    with pytest.raises(ValueError, match="is called 'Nowhere'"):
        Regions(whole, "abc: Nowhere")


@given(st.sampled_from(sorted(REGIONS.villages)))
def test_every_code_of_a_village_lies_in_regions_that_exist(name: str) -> None:
    for code in REGIONS.called(REGIONS.villages, name):
        assert all(REGIONS.name(outer) for outer in above(code))


@given(st.sampled_from(sorted(REGIONS.villages)), st.sets(st.sampled_from([35, 3502, 350217, 3502171001, 32, 3201])))
def test_lying_in_one_is_having_it_above(name: str, regions: set[int]) -> None:
    for code in (*REGIONS.called(REGIONS.villages, name), 35, 3502, 350217):
        assert lies_in(code, regions) is any(outer in regions for outer in above(code))
