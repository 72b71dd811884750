"""Long numbers in a text, and which of them belong to a person.

In: a `Reading`. Out: spans of telephone numbers, NIK, KK, NPWP, cards, bank accounts, customer numbers, in the verbatim text. It never
asks whether a number is anybody's, and looks at every digit a bounded number of times.

Citizens write the digits of one number in groups (`0812-0000-1234`, `3578 0112 …`) and several numbers in one row, so digits with little
between them are one run, and a run is cut where groups together have the shape of a number. The word before a run says what else it
may be: `rek BCA 1234567890`. What has no such shape and no such word (`#9165816`, `Rp 1.500.000`, a date) is no span.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from operator import sub
from typing import Final

import msgspec

from normalizer.complaint import Span
from normalizer.number_words import Context, Label, context, of_office
from normalizer.reading import Reading

#: what people type between digits, invisible signs and keycaps among it; a part that never came may tear a number apart
_BETWEEN = r"[ \t\u00a0\u00ad\u2000-\u2015\u202f\u2060\u20e3\ufe0f.()_\-]"
_LOST = r"\[bagian [0-9]{1,3}/[0-9]{1,3} tidak diterima\]"
#: a run of at least six digits: no shorter number is anybody's
#: a letter for a digit, as in `08I2…`
_LETTER = r"(?<=\d)[oOIl]{1,2}(?=\d)"
_RUN = re.compile(rf"\d(?:(?:{_LOST}|{_LETTER}|{_BETWEEN}{{0,3}}+)\d){{5,}}+")
_GROUP = re.compile(rf"{_LOST}|\d+")
#: the same over the ends of lines, and whether there is such a run at all
_LINES = re.compile(rf"\d(?:(?:{_LOST}|{_LETTER}|{_BETWEEN}{{0,3}}+(?:\r?\n{_BETWEEN}{{0,3}}+)?)\d){{5,}}+")
_BROKEN = re.compile(rf"\d{_BETWEEN}{{0,3}}+\r?\n{_BETWEEN}{{0,3}}+\d")

#: digits of the shortest number that is looked for, and of the longest
SHORTEST: Final = 6
_MOST: Final = 19
_MOBILE = re.compile(r"(?:(?:00)?620?|0)8[1-9][0-9]{6,11}")
#: digits of the shortest that are not rare
_RARE: Final = 12
#: without its 0, as operators show it
_BARE_MOBILE = re.compile(r"8[1-35-9][0-9]{8,10}(?<!00000)")
_LANDLINE = re.compile(r"0[2-79](?![0-9]{1,2}1500)[0-9]{7,10}")
#: 112, 1500-123, 0800-1-123456: lines of offices and companies, on which no citizen can be reached
_SERVICE = re.compile(r"1|080|0[2-79][0-9]{1,2}1500")
#: province, kabupaten, kecamatan, day (women's + 40), month, year and serial
_NIK = re.compile(
    r"(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])(?:0[1-9]|[1-7][0-9])(?:0[1-9]|[1-9][0-9])"
    r"(?:0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])(?:0[1-9]|1[0-2])[0-9]{6}"
)
_NPWP: Final = [2, 3, 3, 1, 3, 3]
#: how one bank writes the numbers of its accounts
_ACCOUNT: Final = [4, 2, 6, 2, 1]
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
#: a number with a + before it is international
_ABROAD: Final = Label("phone", 8, 11, 15, 0)


#: a mobile number with signs between that stand elsewhere between two numbers: 0812*0000*1234
_PARTED = re.compile(r"08(?<!\d08)\d\d([,:;*~|/])\d{3,4}\1\d{3,5}(?!\d)")
#: … and a NIK: 3201/0101/0190/0001
_PARTED_NIK = re.compile(r"(?<!\d)\d{4}([,:;*~|/])\d{4}\1\d{4}\1\d{4}(?!\d)")
#: a line with a wire, with or without the town's number before it
_LINE = re.compile(r"0[2-79][0-9]+|[2-9][0-9]{5,7}")


class _Run(msgspec.Struct, frozen=True, gc=False):
    """Digits with little between them, in groups."""

    text: str
    #: of each group, in the text
    starts: list[int]
    ends: list[int]
    #: all digits as 0-9, and where among them each group begins; one more for the end
    digits: str
    offsets: list[int]
    #: how many each group has
    sizes: list[int]

    def part(self, first: int, last: int) -> str:
        """The digits of the groups from first to last."""
        return self.digits[self.offsets[first] : self.offsets[last + 1]]

    def size(self, first: int, last: int) -> int:
        """How many these are."""
        return self.offsets[last + 1] - self.offsets[first]

    def gap(self, group: int) -> str:
        """What stands before a group."""
        return self.text[self.ends[group - 1] : self.starts[group]]


class _Found(msgspec.Struct, frozen=True, gc=False):
    """A number that takes the groups up to `last`; no kind: it is nobody's."""

    last: int
    kind: str


def numbers(reading: Reading) -> Iterator[Span]:
    """The spans of one text."""
    text = reading.verbatim
    for match in _PARTED.finditer(text):
        yield Span(start=match.start(), end=match.end(), kind="phone")
    for match in _PARTED_NIK.finditer(text) if len(reading.numbers) > 3 else ():
        if _NIK.fullmatch(match[0].replace(match[1], "")):
            yield Span(start=match.start(), end=match.end(), kind="nik")
    yield from _rows(reading, _RUN)
    # each line is read by itself first: what ends it may be whole, and what begins the next one is another matter
    if len(reading.numbers) > 1 and "\n" in text and _BROKEN.search(text):
        yield from (span for span in _rows(reading, _LINES) if "\n" in text[span.start : span.end])


def _rows(reading: Reading, rows: re.Pattern[str]) -> Iterator[Span]:
    """The numbers in runs of digits."""
    text = reading.verbatim
    for match in rows.finditer(text):
        run, said = _run(text, *match.span()), context(reading, *match.span())
        # `jam 0700 1200 1600`
        if said.clock and run.sizes[0] <= 4:
            continue
        group, last = 0, len(run.starts) - 1
        while group <= last:
            found = _number(run, group, said)
            if found is None:
                group += 1
            else:
                line = found.kind == "phone" and _LINE.fullmatch(run.part(group, found.last))
                if found.kind and not (line and of_office(reading, match.start())):
                    start, end = run.starts[group], run.ends[found.last]
                    yield Span(start=_beginning(text, start, end, found.kind), end=end, kind=found.kind)
                group = found.last + 1
            # a word says something of the number right behind it
            if said.label:
                said = msgspec.structs.replace(said, label=None)


def _run(text: str, start: int, end: int) -> _Run:
    starts, ends = list[int](), list[int]()
    for match in _GROUP.finditer(text, start, end):
        first, last = match.span()
        if text[first] != "[":
            starts.append(first)
            ends.append(last)
    sizes = list(map(sub, ends, starts))
    digits = "".join([text[first:last] for first, last in zip(starts, ends, strict=True)])
    if not digits.isascii():
        digits = "".join(str(unicodedata.decimal(digit)) for digit in digits)
    return _Run(text, starts, ends, digits, list(accumulate(sizes, initial=0)), sizes)


def _beginning(text: str, start: int, end: int, kind: str) -> int:
    """Where a number begins to be written: with `+`, `(`, `(+`, and with the letter in `o812…`."""
    if kind == "phone" and text[start - 1 : start + 1] in {"o8", "O8"} and not text[max(start - 2, 0) : start - 1].isalnum():
        return start - 1
    if text[start - 1 : start] == "+":
        start -= 1
    return start - 1 if text[start - 1 : start] == "(" and ")" in text[start:end] else start


def _number(run: _Run, group: int, said: Context) -> _Found | None:
    """The number that begins with a group, if one does."""
    if (date := _date(run, group)) is not None:
        return _Found(date, "")
    if found := _grouped(run, group):
        return found
    label, mobile = None if _area(run, group) else said.label, _mobile(run, group, said)
    # few labels are surer than the shape of a mobile number
    if label and label.kind != "phone" and (mobile is None or (label.sure and said.distance <= 2)) and (found := _taken(run, group, label)):
        return found
    if mobile is not None:
        return _Found(mobile, "phone")
    if said.behind and (found := _taken(run, group, said.behind)) and found.last == len(run.starts) - 1:
        return found
    if not said.impersonal and (found := _shaped(run, group)):
        return found
    return _taken(run, group, label) if label and label.kind == "phone" and not _SERVICE.match(run.digits, run.offsets[group]) else None


def _grouped(run: _Run, group: int) -> _Found | None:
    """What is written in groups as nothing else is."""
    size = run.sizes[group]
    if size == _NPWP[0] and run.sizes[group : group + 6] == _NPWP:
        return _Found(group + 5, "npwp")
    return _Found(group + 4, "account") if size == _ACCOUNT[0] and run.sizes[group : group + 5] == _ACCOUNT else None


def _area(run: _Run, group: int) -> bool:
    """`(024)`: a telephone number begins, whatever it stands behind."""
    start, end = run.starts[group], run.ends[group]
    return run.sizes[group] in {3, 4} and run.text[start - 1 : start + 1] == "(0" and run.text[end : end + 1] == ")"


def _shaped(run: _Run, group: int) -> _Found | None:
    """What its own shape gives away."""
    size = run.sizes[group]
    if (last := _until(run, group, 16)) is not None:
        digits = run.part(group, last)
        if _NIK.fullmatch(digits):
            return _Found(last, "nik")
        if digits[0] in "23456" and size in {4, 16} and set(run.sizes[group : last + 1]) <= {4, 16} and _luhn(digits):
            return _Found(last, "card")
    if run.text[run.starts[group] - 1 : run.starts[group]] == "+":
        return _taken(run, group, _ABROAD)
    if size in {3, 4} or size >= 9:
        last = _longest(run, group, _LANDLINE)
        if last is None and not _thousands(run, group):
            last = _longest(run, group, _BARE_MOBILE)
        if last is not None:
            return _Found(last, "phone")
    return None


def _date(run: _Run, group: int) -> int | None:
    """The last group of `20-11-2026` or `20.11.26`."""
    last = group + 2
    if last >= len(run.starts) or run.sizes[group] > 2 or run.sizes[group + 1] > 2 or run.gap(last) != run.gap(group + 1):
        return None
    year, more = run.part(last, last), run.gap(last + 1) if last + 1 < len(run.starts) else ""
    if len(year) == 4 and year[:2] in {"19", "20"}:
        return last
    return last if len(year) == 2 and run.gap(last) in {".", "-"} and more != run.gap(last) else None


def _mobile(run: _Run, group: int, said: Context) -> int | None:
    """The last group of a mobile number."""
    first = run.digits[run.offsets[group]]
    if first == "0" or (first == "6" and not said.impersonal and not _thousands(run, group)):
        return _longest(run, group, _MOBILE)
    return None


def _thousands(run: _Run, group: int) -> bool:
    found = _THOUSANDS.match(run.text, run.starts[group])
    return found is not None and found.end() == run.ends[-1]


def _longest(run: _Run, first: int, shape: re.Pattern[str]) -> int | None:
    """The last group of a number of this shape. One that is complete goes on only with groups like those before."""
    best = None
    for last in range(first, len(run.starts)):
        if run.size(first, last) > _MOST:
            break
        # a mobile number of so few digits in groups is a rare one: 0812 0000 123 4
        short = best is not None and shape is _MOBILE and run.size(first, best) < _RARE
        if best is not None and (best == first or not (short or _like(run, last))):
            break
        if shape.fullmatch(run.part(first, last)):
            best = last
    return best


def _like(run: _Run, group: int) -> bool:
    """True for a group of at least three digits, or of as many as the one before, at the same distance."""
    size = run.sizes[group]
    same = size == run.sizes[group - 1]
    return (size > 2 or same) and (group < 2 or (same and size == 1) or run.gap(group) == run.gap(group - 1))


def _until(run: _Run, first: int, size: int) -> int | None:
    """The last of the groups that have so many digits together."""
    end = run.offsets[first] + size
    after = bisect_left(run.offsets, end, first)
    return after - 1 if after < len(run.offsets) and run.offsets[after] == end else None


def _taken(run: _Run, first: int, label: Label) -> _Found | None:
    """The groups that make a number of this kind: until there are enough digits, and what goes on as they do. A torn one may be short."""
    paid, last = label.kind == "account", None
    if _thousands(run, first) and not (paid and len(run.digits) >= label.enough and not run.digits.endswith("000")):
        return None
    for at in range(first, len(run.starts)):
        complete = at > first and run.size(first, at - 1) >= label.enough
        tied = complete and (run.gap(at).strip() or (last != first and (_like(run, at) or (paid and run.gap(at) == run.gap(at - 1)))))
        if run.size(first, at) > label.most or (complete and not tied):
            break
        last = at
    torn = run.text.find("[bagian ", run.starts[first], run.ends[-1] + 9) >= 0
    return _Found(last, label.kind) if last is not None and run.size(first, last) >= (6 if torn else label.least) else None


def _luhn(digits: str) -> bool:
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (doubled + sum(map(int, digits[::-2]))) % 10 == 0
