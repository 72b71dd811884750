"""The judge sees what he is there for: each wrong that a gateway could do, in a book that is otherwise as it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.book import FIRST_NUMBER, Book
from chaos.judge import MUST_BE_NOUGHT, Verdict
from chaos.message import HANDSETS, Message, message, serial_of, token

SEED, COUNT = 11, 30
CODE = "7K3Q-9FXM-{:04}"


def told(folder: Path, wrong: Callable[[Book, Message], bool] = lambda book, each: False) -> Verdict:
    """A book in which everything went well, but for the messages of which `wrong` said True and wrote down something else."""
    book = Book(folder / "book.tsv", COUNT)
    for serial in range(COUNT):
        each = message(SEED, serial)
        book.write("sent", serial)
        if wrong(book, each):
            continue
        said(book, each)
        registered(book, each)
    book.close()
    return Verdict(folder / "book.tsv", folder / "book.db", seed=SEED)


def said(book: Book, each: Message, reference: str = "") -> None:
    for part in range(each.parts):
        book.yes(each.kind, each.serial, part, (reference or CODE.format(each.serial)) if each.kind != "sms" else "")


def registered(book: Book, each: Message, *, state: str = "whole", code: str = "", address: str = "", hears: bool = True) -> None:
    code = code or CODE.format(each.serial)
    number = book.entry(each.serial, code, state)
    if hears:
        book.heard(each.kind, address or each.sender, code, str(number))


def test_a_book_in_which_all_went_well_is_clean(tmp_path: Path) -> None:
    verdict = told(tmp_path)
    assert verdict.clean
    assert (verdict.how_hard["messages sent"], verdict.how_hard["registered"], verdict.how_hard["answers"]) == (COUNT, COUNT, COUNT)


def lost(book: Book, each: Message) -> bool:
    said(book, each)
    return True


def twice(book: Book, each: Message) -> bool:
    registered(book, each, code="0000-0000-1111")
    return False


def half_acknowledged(book: Book, each: Message) -> bool:
    registered(book, each)
    return True


def unanswered(book: Book, each: Message) -> bool:
    said(book, each)
    registered(book, each, hears=False)
    return True


def answered_without_a_number(book: Book, each: Message) -> bool:
    unanswered(book, each)
    book.heard(each.kind, each.sender, CODE.format(each.serial), "")
    return True


def told_to_another(book: Book, each: Message) -> bool:
    book.heard(each.kind, f"62812{HANDSETS - 1:08d}", CODE.format(each.serial), "")
    return False


def another_number(book: Book, each: Message) -> bool:
    book.heard(each.kind, each.sender, CODE.format(each.serial), str(FIRST_NUMBER + 999))
    return False


def of_nobody(book: Book, each: Message) -> bool:
    book.heard(each.kind, each.sender, "0000-0000-2222", "")
    return False


def other_reference(book: Book, each: Message) -> bool:
    said(book, each, "0000-0000-3333")
    registered(book, each)
    return True


def not_as_sent(book: Book, each: Message) -> bool:
    said(book, each)
    registered(book, each, state="not_as_sent")
    return True


def strange(book: Book, each: Message) -> bool:
    book.write("strange", "bind_hangs")
    return False


@pytest.mark.parametrize(
    ("serial", "wrong", "found"),
    [
        (20, lost, {"acknowledged and lost"}),
        (20, twice, {"registered twice"}),
        (13, half_acknowledged, {"never acknowledged"}),
        (20, unanswered, {"never answered"}),
        (20, answered_without_a_number, {"never answered"}),
        (20, told_to_another, {"told another's"}),
        (20, another_number, {"told another's"}),
        (20, of_nobody, {"told of what nobody knows"}),
        (7, other_reference, {"other reference than at the yes"}),
        (20, not_as_sent, {"record not as sent"}),
        (20, strange, {"strange"}),
    ],
)
def test_each_wrong_is_found(tmp_path: Path, serial: int, wrong: Callable[[Book, Message], bool], found: set[str]) -> None:
    verdict = told(tmp_path, lambda book, each: each.serial == serial and wrong(book, each))
    assert {name for name, n in verdict.must_be_nought.items() if n} == found <= MUST_BE_NOUGHT.keys()
    assert not verdict.clean


def test_an_amended_record_is_judged_by_its_last_state(tmp_path: Path) -> None:
    def amended(book: Book, each: Message) -> bool:
        if each.serial == 13:
            said(book, each)
            number = book.entry(each.serial, CODE.format(each.serial), "not_as_sent")
            book.write("amend", number, each.serial, CODE.format(each.serial), "whole")
            book.heard(each.kind, each.sender, CODE.format(each.serial), str(number))
        return each.serial == 13

    assert told(tmp_path, amended).clean


def test_a_token_names_its_message_and_no_other_run_s() -> None:
    for serial in (0, 1, 25, 26, 999_999):
        text = message(SEED, serial).text
        assert serial_of(SEED, text) == serial
        assert serial_of(SEED + 1, text) is None
    assert len({token(SEED, serial) for serial in range(10_000)}) == 10_000


def test_what_is_said_fits_its_parts() -> None:
    for serial in range(300):
        each = message(SEED, serial)
        assert (len(each.text) <= 160) == (each.parts == 1)
        assert each.parts == 1 or 12 <= serial % 100 < 16
