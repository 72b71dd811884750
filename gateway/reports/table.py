"""A report as titles, tables and notes in one language: what every form of it shows, whatever it looks like.

In: a `Report`, words, names of regions and channels. Out: a `Paper`. It leaves nothing out and adds nothing: pages, CSV, workbook and PDF
show the same. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from gateway.reports.figures import FEWEST, Moment, Report, Split
from gateway.reports.wording import Wording
from gateway.store.record import DEFAULT

Kind = Literal["label", "count", "share", "seconds"]
#: a count that is not shown is words
Cell = str | int | float


class Column(NamedTuple):
    """What stands in it."""

    title: str
    kind: Kind


class Sheet(NamedTuple):
    """One table. Its second column is what a chart shows."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    #: bars: one for each row. moments: a stretch of time for each row
    chart: Literal["bars", "moments", ""] = "bars"
    #: the row that says how much is not known; its bar is drawn in grey
    unknown: str = ""


class Paper(NamedTuple):
    """The whole of it."""

    language: str
    office: str
    title: str
    period: str
    region: str
    made: str
    source: str
    masked: str
    #: the few figures that stand above all: what, and how much
    heads: Sequence[tuple[str, str]]
    sheets: Sequence[Sheet]
    definitions_title: str
    definitions: Sequence[str]


class Writing:
    """One report in one language."""

    def __init__(self, report: Report, words: Wording, region: Callable[[str], str]) -> None:
        """`region`: what one is called, by its code with dots."""
        self._report, self._words, self._region = report, words, region

    def paper(self) -> Paper:
        """All of it; tables without rows are left out."""
        report, words = self._report, self._words
        zone = ZoneInfo(report.timezone)
        return Paper(
            language=words.language, office=report.office, title=words("title"),
            period=words("period", first=words.day(report.first), last=words.day(report.last)),
            region=words("region_one", name=self._region(report.region)) if report.region else words("region_all"),
            made=words("made", at=words.moment(report.made_at.astimezone(zone)), zone=report.timezone),
            source=words("source", office=report.office), masked=words("contents_masked"), heads=self._heads(),
            sheets=[sheet for sheet in self._sheets() if sheet.rows],
            definitions_title=words("definitions"), definitions=self._definitions(),
        )  # fmt: skip

    def _heads(self) -> list[tuple[str, str]]:
        report, words = self._report, self._words
        answered = sum(report.states.get(state, 0) for state in ("answered", "closed", "archived"))
        forwarded = report.dispositions.get("forwarded", 0)
        heads = [
            ("head_received", words.number(report.received)),
            ("head_forwarded", self._of_all(forwarded, report.received)),
            ("head_answered", self._of_all(answered, report.received)),
            ("head_median", words.span(report.waits[""].p50) if "" in report.waits else "–"),
        ]
        return [(words(key), figure) for key, figure in heads]

    def _of_all(self, n: int, of: int) -> str:
        return f"{self._words.number(n)} ({self._words.share(n / of)})" if of else self._words.number(n)

    def _sheets(self) -> list[Sheet]:
        report = self._report
        return [
            self._moments(),
            self._counted("channels", report.channels, str),
            self._counted("dispositions", {name: n for name, n in report.dispositions.items() if n}, self._words, note=True),
            self._counted("ledgers", report.ledgers, lambda name: self._words("main_ledger") if name == DEFAULT else name),
            self._counted("states", report.states, lambda state: self._words(f"state_{state}"), note=True),
            self._split("classifications", report.classifications),
            self._split("oversights", report.oversights, note=True),
            self._split("topics", report.topics),
            self._split("regencies", report.regencies),
            self._split("districts", report.districts, note=True),
            self._counted("privacy", report.privacy, self._value, note=True),
            self._flags(),
            self._waits(),
            self._counted("letters", {name: n for name, n in report.letters.items() if n}, lambda name: self._words(f"letter_{name}"),
                          note=True),
        ]  # fmt: skip

    def _columns(self, key: str, *more: tuple[str, Kind]) -> list[Column]:
        return [Column(self._words(f"sheet_{key}"), "label"), *(Column(self._words(f"column_{name}"), kind) for name, kind in more)]

    def _note(self, key: str) -> str:
        return self._words(f"note_{key}", n=FEWEST)

    def _counted(self, key: str, counts: Mapping[str, int], named: Callable[[str], str], *, note: bool = False) -> Sheet:
        of = sum(counts.values())
        rows = [(named(name), n, n / of if of else 0.0) for name, n in counts.items()]
        columns = self._columns(key, ("count", "count"), ("share", "share"))
        return Sheet(key, self._words(f"sheet_{key}"), columns, rows, self._note(key) if note else "", unknown=self._words("unknown"))

    def _split(self, key: str, counts: Mapping[str, Split], *, note: bool = False) -> Sheet:
        of = sum(split.total for split in counts.values())
        rows = [(self._called(key, name), split.total, split.total / of, split.given, split.derived) for name, split in counts.items()]
        columns = self._columns(key, ("count", "count"), ("share", "share"), ("given", "count"), ("derived", "count"))
        return Sheet(key, self._words(f"sheet_{key}"), columns, rows, self._note(key) if note else "", unknown=self._words("unknown"))

    def _called(self, key: str, name: str) -> str:
        if key in {"regencies", "districts"} and name:
            return self._region(name)
        if key == "topics" and name:
            return self._words("other_topic") if name == "+" else name
        return self._value(name)

    def _value(self, name: str) -> str:
        """Joined keys are joined words."""
        said = [self._words(f"value_{each}") if each else self._words("unknown") for each in name.split("+")]
        return said[0] + "".join(self._words("or") + each[0].lower() + each[1:] for each in said[1:])

    def _flags(self) -> Sheet:
        rows: list[Sequence[Cell]] = [
            (self._words(f"flag_{name}"), self._words("few", n=FEWEST) if n is None else n)
            for name, n in self._report.flags.items()
            if n != 0
        ]
        return Sheet("flags", self._words("sheet_flags"), self._columns("flags", ("count", "count")), rows, self._note("flags"))

    def _waits(self) -> Sheet:
        waits = self._report.waits
        rows = [(name or self._words("any"), wait.count, wait.p50, wait.p90, wait.p95) for name, wait in waits.items()]
        columns = self._columns("channels", ("count", "count"), ("p50", "seconds"), ("p90", "seconds"), ("p95", "seconds"))
        return Sheet("waits", self._words("sheet_waits"), columns, rows, self._note("waits"), chart="")

    def _moments(self) -> Sheet:
        grain = self._report.grain
        heading = Column(self._words(f"sheet_moments_{grain}"), "label")
        counts = [Column(self._words(f"column_{name}"), "count") for name in ("received", "forwarded", "answered")]
        rows = [(self._when(moment), moment.received, moment.forwarded, moment.answered) for moment in self._report.moments]
        return Sheet("moments", self._words("sheet_moments"), [heading, *counts], rows, self._note("moments"), chart="moments")

    def _when(self, moment: Moment) -> str:
        if self._report.grain == "month":
            return self._words.month(moment.start, short=True)
        return self._words.short_day(moment.start)

    def _definitions(self) -> list[str]:
        report, words = self._report, self._words
        number = words.number
        said = [
            words("definition_report_region") if report.region else words("definition_report", others=number(report.others)),
            words("definition_tests", tests=number(report.tests)),
            words("definition_sure"),
        ]
        if report.few:
            said.append(words("definition_so_few", n=FEWEST))
        if report.unread:
            said.append(words("definition_unread", n=number(report.unread)))
        if report.region and report.placeless:
            said.append(words("definition_placeless", n=number(report.placeless)))
        return [*said, words("definition_few", n=FEWEST - 1), words("definition_wait")]


def paper(report: Report, words: Wording, region: Callable[[str], str]) -> Paper:
    """A report in one language."""
    return Writing(report, words, region).paper()


def written(cell: Cell, kind: Kind, words: Wording) -> str:
    """A cell as people read it."""
    if isinstance(cell, str):
        return cell
    if kind == "share":
        return words.share(cell)
    return words.span(cell) if kind == "seconds" else words.number(int(cell))


def cut(sheet: Sheet, words: Wording, most: int) -> Sheet:
    """No more rows than are read; what is left is summed up, and what is not known stays. Of stretches of time, all."""
    known = [row for row in sheet.rows if row[0] != sheet.unknown]
    if len(known) <= most + 1 or sheet.chart != "bars":
        return sheet
    rest = known[most:]
    sums = [sum(cell for row in rest if not isinstance(cell := row[place], str)) for place in range(1, len(sheet.columns))]
    more = (words("more_rows", n=words.number(len(rest))), *sums)
    return sheet._replace(rows=[*known[:most], more, *(row for row in sheet.rows if row[0] == sheet.unknown)])
