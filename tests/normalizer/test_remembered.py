"""What was found out about a word is not found out again, until so many letters are kept that all is forgotten; numbers are not kept."""

from __future__ import annotations

from normalizer.remembered import Remembered


def test_of_each_word_something_is_found_out_once() -> None:
    asked: list[str] = []

    def size(word: str) -> int:
        asked.append(word)
        return len(word)

    sizes = Remembered(size)
    assert sizes.of(["jalan", "di", "jalan"]) == [5, 2, 5]
    assert sizes.of(["di", "desa"]) == [2, 4]
    assert asked == ["jalan", "di", "desa"]


def test_words_of_any_length_do_not_pile_up() -> None:
    asked: list[str] = []
    known = Remembered(asked.append)
    for letter in "abcdef":
        known.of(["jalan", letter * 100_000])
    assert asked.count("jalan") == 3


def test_a_number_is_somebodys_and_is_not_kept() -> None:
    sizes = Remembered(len)
    assert sizes.of(["jalan", "081200000017"]) == [5, 12]
    assert set(sizes) == {"jalan"}
