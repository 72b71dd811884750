"""The reference number: one code, derived and not drawn, that catches what fingers and bad phone lines do to it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalizer.reference import ALPHABET, BadReference, mint, nearest, number, read, write

KEY = b"a key of thirty-two octets, no more"[:32]
numbers = st.integers(min_value=0, max_value=2**55 - 1)
CODES = [write(n) for n in (0, 1, 2**55 - 1, 0x2AAAAAAAAAAAAA, *(mint(KEY, "telkomsel", str(i)) for i in range(12)))]

FROZEN = ["PK3Y-3ADW-QGFA", "5BNG-W3T4-V01Z"]
FROZEN_PLAIN = "AYWA-HEPP-JW7G"


def symbols(code: str) -> str:
    return code.replace("-", "")


@given(numbers)
def test_what_is_written_is_read_back(n: int) -> None:
    code = write(n)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)
    assert number(code) == n
    assert read(code) == code


def test_codes_stay_what_they_were() -> None:
    # citizens hold them: a change of alphabet, weights or hash would orphan every code that is out
    assert write(0) == "0000-0000-0000"
    assert write(2**55 - 1) == "ZZZZ-ZZZZ-ZZZ" + symbols(write(2**55 - 1))[-1]
    assert [write(mint(bytes(range(32)), "telkomsel", "a1", salt)) for salt in (0, 1)] == FROZEN
    assert write(12345678901234567) == FROZEN_PLAIN


@pytest.mark.parametrize("code", CODES)
def test_every_single_symbol_error_is_caught_at_every_position(code: str) -> None:
    plain = symbols(code)
    for position, right in enumerate(plain):
        for wrong in ALPHABET.replace(right, ""):
            with pytest.raises(BadReference) as caught:
                number(plain[:position] + wrong + plain[position + 1 :])
            assert caught.value.kind == "check"


@pytest.mark.parametrize("code", CODES)
def test_every_swap_of_two_symbols_is_caught_neighbours_or_not(code: str) -> None:
    plain = symbols(code)
    for i in range(12):
        for j in range(i + 1, 12):
            if plain[i] == plain[j]:
                continue
            swapped = list(plain)
            swapped[i], swapped[j] = plain[j], plain[i]
            with pytest.raises(BadReference) as caught:
                number("".join(swapped))
            assert caught.value.kind == "check"


@given(numbers, st.integers(0, 11), st.sampled_from(ALPHABET), st.data())
def test_an_error_is_caught_however_the_code_is_typed(n: int, position: int, wrong: str, data: st.DataObject) -> None:
    plain = symbols(write(n))
    if plain[position] == wrong:
        assert read(sloppy(plain, data)) == write(n)
        return
    with pytest.raises(BadReference):
        read(sloppy(plain[:position] + wrong + plain[position + 1 :], data))


@given(numbers, st.integers(0, 10), st.data())
def test_an_adjacent_swap_is_caught_however_the_code_is_typed(n: int, position: int, data: st.DataObject) -> None:
    plain = symbols(write(n))
    swapped = plain[:position] + plain[position + 1] + plain[position] + plain[position + 2 :]
    if swapped == plain:
        assert read(sloppy(swapped, data)) == write(n)
        return
    with pytest.raises(BadReference):
        read(sloppy(swapped, data))


def sloppy(plain: str, data: st.DataObject) -> str:
    """As people type it: any case, look-alikes, spaces and dashes anywhere."""
    twins = {"0": "0Oo", "1": "1IiLl"}
    typed = [
        data.draw(st.sampled_from(twins.get(c, c + c.lower()))) + data.draw(st.sampled_from(["", "", " ", "-", "–", "."])) for c in plain
    ]
    return "".join(typed)


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "\u200e{}"])
@pytest.mark.parametrize(
    "change", [str.lower, str.upper, lambda c: c.replace("-", ""), lambda c: c.replace("-", " – "), lambda c: c.replace("0", "O")]
)
def test_the_reader_forgives(typed: str, change: object) -> None:
    assert callable(change)
    for code in CODES:
        assert read(typed.format(change(code))) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "9165816",
        "#9165816",
        "7K3Q-9FXM-2CH",
        "7K3Q-9FXM-2CH45",
        "7K3Q-9FXU-2CH4",
        "7K3Q-9FXé-2CH4",
        "٧K3Q-9FXM-2CH4",
        "\0" * 12,
        "0" * 5000,
    ],
)
def test_what_is_no_code_is_told_from_what_is_mistyped(typed: str) -> None:
    with pytest.raises(BadReference) as caught:
        read(typed)
    assert caught.value.kind == "shape"
    assert not typed or typed not in str(caught.value)


@given(st.text())
def test_the_reader_raises_nothing_else(typed: str) -> None:
    try:
        assert read(read(typed)) == read(typed)
    except BadReference as bad:
        assert bad.kind in {"shape", "check"}


@given(st.text(alphabet=st.characters(exclude_characters="\0")), st.text(), st.integers(0, 3))
def test_one_identity_has_one_number_of_55_bits(channel: str, source_id: str, salt: int) -> None:
    assert mint(KEY, channel, source_id, salt) == mint(KEY, channel, source_id, salt)
    assert 0 <= mint(KEY, channel, source_id, salt) < 2**55


def test_identity_key_and_salt_each_change_the_number() -> None:
    minted = {
        mint(key, channel, source, salt) for key in (KEY, bytes(16)) for channel in ("a", "b") for source in ("", "1") for salt in (0, 1)
    }
    assert len(minted) == 16
    assert mint(KEY, "a", "b\0c") != mint(KEY, "a", "b")
    assert mint(KEY, "a", "\ud800") != mint(KEY, "a", "\ufffd")


def test_every_symbol_comes_in_every_place() -> None:
    codes = [symbols(write(mint(KEY, "telkomsel", str(i)))) for i in range(2000)]
    for position in range(12):
        assert {code[position] for code in codes} == set(ALPHABET)


@pytest.mark.parametrize("bad", [-1, 2**55])
def test_a_number_of_another_width_is_not_written(bad: int) -> None:
    with pytest.raises(ValueError, match="55 bits"):
        write(bad)


@pytest.mark.parametrize("key", [b"", b"short", bytes(65)])
def test_a_key_that_protects_nothing_or_is_too_long_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match=r"key|maximum"):
        mint(key, "telkomsel", "1")


@given(numbers, st.integers(0, 11), st.integers(0, 11), st.sampled_from(ALPHABET))
def test_of_ones_own_codes_the_one_that_was_meant_is_found(number: int, place: int, other: int, symbol: str) -> None:
    code = write(number)
    wrong, swapped = list(symbols(code)), list(symbols(code))
    wrong[place] = symbol
    swapped[place], swapped[other] = swapped[other], swapped[place]
    for typed in map("".join, (wrong, swapped)):
        assert nearest(typed.lower(), [code]) == (None if typed == symbols(code) else code)


def test_what_two_codes_may_have_meant_or_none_is_not_guessed() -> None:
    codes = ["7K3Q-9FXM-2CH4", "7K3Q-9FXM-2CH5"]
    assert nearest("7k3q 9fxm 2ch6", codes) is None
    assert nearest("7k3q 9fxm 2ch6", codes[:1] * 2) == codes[0]
    assert nearest("7k3q 9fxm 22h6", codes[:1]) is None
    assert nearest("7k3q 9fxm 2ch", codes) is None
    assert nearest("", codes) is None
    assert nearest("7" * 99, codes) is None
