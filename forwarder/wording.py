"""What citizens are told: one text for each kind of letter and each language.

In: the TOML files in `wordings/`, a folder of files that go over them, and the values of one case. Out: a text. It never chooses a
language from a message and never sends. A text that lacks a placeholder or fits no SMS is refused at start, not in the middle of the night.

A complaint that tells of a danger is answered with texts that name whom to call; they promise nothing, because nobody reads it at once.

The texts are plain GSM-7, and each fits one SMS when it is filled with the longest values (`WIDEST`): an answer in two segments
costs twice and may arrive in halves.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from channels.base import LetterKind, State
from channels.sms.alphabet import septets
from forwarder.echo import Echo
from forwarder.toml_lines import broken, flat, lines
from normalizer.complaint import Ask

LANGUAGES = ("id", "en", "jv", "su")
KINDS: tuple[LetterKind, ...] = get_args(LetterKind)
#: exactly these placeholders stand in each text of a kind
PLACEHOLDERS: dict[LetterKind, frozenset[str]] = {
    "receipt": frozenset({"reference"}),
    "registered": frozenset({"reference", "tracking_id"}),
    "corrected": frozenset({"reference", "tracking_id"}),
    "status": frozenset({"reference", "state"}),
    "help": frozenset(),
    "ask": frozenset({"reference", "question"}),
    "added": frozenset({"reference"}),
    "withdrawn": frozenset({"reference", "state"}),
    "stopped": frozenset(),
    "resumed": frozenset(),
    "change": frozenset({"reference", "state"}),
}
#: kinds of which there is a second text, under [emergency], with these placeholders besides
URGENT: tuple[LetterKind, ...] = ("receipt", "registered")
NUMBERS = frozenset({"general", "police", "ambulance"})
#: … which are these everywhere in Indonesia where the settings know no better
NATIONAL = {"general": "112", "police": "110", "ambulance": "119"}
#: the widest value that each placeholder may get
WIDEST = {
    "reference": "7K3Q-9FXM-2CH4", "tracking_id": "123456789012", "state": "x" * 60, "question": "x" * 50, "nearest": "7K3Q-9FXM-2CH4",
    "general": "112112", "police": "110110", "ambulance": "119119",
}  # fmt: skip
#: … in characters
LONGEST = {name: len(value) for name, value in WIDEST.items()}
#: how the folder of the texts that come with the gateway is called in a fault
SHIPPED = "forwarder/wordings"
#: septets of one SMS
SMS = 160

#: what else may be said of a code: that no case has it, or it is mistyped (`nearest`: one of the sender's own is like it); and of a case
#: that somebody would withdraw: that it is, that it was too late, or that it is not his
Found = Literal["unknown", "mistyped", "nearest", "withdrawn", "too_late", "not_yours"]
#: the words fill {state}
STATES: tuple[str, ...] = (*get_args(State), *get_args(Found))
#: of these, the ones that name something
NAMED = {"registered": "tracking_id", "nearest": "nearest"}

#: what may be asked of a citizen: the words fill {question}
ASKS: tuple[str, ...] = tuple(ask for ask in get_args(Ask) if ask)

#: every key of a file, with the placeholders of its text
KEYS: Mapping[str, frozenset[str]] = {
    **{str(kind): names for kind, names in PLACEHOLDERS.items()},
    **{f"emergency.{kind}": PLACEHOLDERS[kind] | NUMBERS for kind in URGENT},
    "group.help": frozenset(),
    **{f"states.{state}": frozenset({NAMED[state]} if state in NAMED else ()) for state in STATES},
    **{f"asks.{ask}": frozenset() for ask in ASKS},
}


class Text(NamedTuple):
    """What stands under a key, and where: `/etc/…/id.toml, line 3`."""

    words: str
    place: str


#: by key
Texts = Mapping[str, Text]


class Wordings:
    """The texts of all languages, checked."""

    def __init__(self, languages: Mapping[str, Texts], numbers: Mapping[str, str] = NATIONAL, others: Iterable[Texts] = ()) -> None:
        """`languages` holds at least Indonesian, which stands in for any language without texts; `numbers` are whom to call in danger;
        `others` are not written here, but by gateways like this one."""
        self._languages = {name: {key: text.words for key, text in keys.items()} for name, keys in languages.items()}
        self._fallback, self._numbers = self._languages["id"], dict(numbers)
        self._echo = Echo({key: text.words for key, text in texts.items()} for texts in (*languages.values(), *others))

    def fill(self, kind: LetterKind, language: str | None, *, urgent: bool = False, **values: str) -> str:
        """The text of this kind in this language; a language that we do not write gets Indonesian. `urgent`: somebody is in danger."""
        texts = self._languages.get(language or "id", self._fallback)
        if urgent and kind in URGENT:
            return _filled(texts[f"emergency.{kind}"], values | self._numbers, SMS)
        return _filled(texts[kind], values, SMS)

    def state(self, state: State | Found, language: str | None = None, **named: str) -> str:
        """Where a case stands, or what is to be said of a code, in a few words for the placeholder {state}; see NAMED."""
        texts = self._languages.get(language or "id", self._fallback)
        return _filled(texts[f"states.{state}"], named, LONGEST["state"])

    def elsewhere(self, language: str | None = None) -> str:
        """The help for whoever speaks to us in a group, where nothing is taken in."""
        return self._languages.get(language or "id", self._fallback)["group.help"].format_map({})

    def question(self, ask: Ask, language: str | None = None) -> str:
        """What is asked, for the placeholder {question}."""
        return self._languages.get(language or "id", self._fallback)[f"asks.{ask}"].format_map({})

    def ours(self, text: str) -> bool:
        """True for one of these texts, filled, and nothing else: our own words have come back."""
        return self._echo(text)


def _filled(words: str, values: Mapping[str, str], most: int) -> str:
    """A text with its values. A ledger's number with which it has too many septets loses its first signs, for two dots."""
    text, number = words.format_map(values), values.get("tracking_id", "")
    if len(number) <= LONGEST["tracking_id"] and number.isalnum():
        return text
    while number and (septets(text) or 0) > most:
        number = number[1:]
        text = words.format_map({**values, "tracking_id": f"..{number}"})
    return text


def load(numbers: Mapping[str, str] = NATIONAL, folder: str = "") -> Wordings:
    """The texts, with the numbers to call. Raises ValueError naming the file, the line and the key."""
    languages = texts(folder)
    for language in languages.values():
        for key, text in language.items():
            if fault := unfit(key, text.words):
                raise ValueError(f"{text.place}: {fault}")
    return Wordings(languages, numbers, texts().values() if folder else ())


def texts(folder: str = "") -> dict[str, Texts]:
    """By language: those that come with the gateway, and over them those in the files of a folder. Raises ValueError, as `load` does,
    but not for a text that fits no SMS.
    """
    ours = resources.files("forwarder") / "wordings"
    names = [f"{language}.toml" for language in LANGUAGES]
    found = {name: read(f"{SHIPPED}/{name}", (ours / name).read_text("utf-8")) for name in names}
    for path in _files(folder) if folder else ():
        if path.name not in found:
            raise ValueError(f"{path}: this is none of the languages; files here are called {', '.join(names)}")
        found[path.name] = read(str(path), _document(path), found[path.name])
    return {name.removesuffix(".toml"): language for name, language in found.items()}


def _files(folder: str) -> list[Path]:
    """What an editor's program or the system left there is not ours: hidden files, copies with another ending."""
    try:
        return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() == ".toml" and not path.name.startswith("."))
    except OSError as error:
        raise ValueError(f"{folder}: {error.strerror}") from error


def _document(path: Path) -> str:
    try:
        # with or without the mark that some editors begin a file with
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: not UTF-8 text") from error


def read(name: str, document: str, under: Texts | None = None) -> Texts:
    """The texts in one TOML document, over those that lie `under` it; `name` is only for the error. Raises ValueError."""
    try:
        given = flat(tomllib.loads(document))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_not_toml(name, document, error)) from error
    at, found = lines(document), dict(under or {})
    for key, text in given.items():
        if text == {}:
            continue
        place = f"{name}, line {at[key]}"
        if key not in KEYS:
            raise ValueError(f"{place}: unknown key {key!r}")
        found[key] = Text(_checked(place, key, text), place)
    if missing := [key for key in KEYS if key not in found]:
        raise ValueError(f"{name}: {missing[0]!r} is missing")
    return found


def _not_toml(name: str, document: str, error: tomllib.TOMLDecodeError) -> str:
    """tomllib's own line is where it gave up, which may be far below."""
    fault = broken(document)
    key, words = repr(fault.keys[0]) if fault.keys else "this", str(error).partition(" (at ")[0]
    return f"{name}, line {fault.line}: {key} is not TOML: {words}; a text stands between quotation marks, a key stands once"


def _checked(place: str, key: str, text: object) -> str:
    """With its placeholders, all of them and no others."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{place}: {key!r} must be a text")
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"{place}: {key!r}: {error}") from error
    if any(form or conversion for _, _, form, conversion in fields):
        raise ValueError(f"{place}: {key!r}: a placeholder is a name in braces and nothing more")
    found = {field for _, field, _, _ in fields if field is not None}
    if missing := sorted(KEYS[key] - found):
        raise ValueError(f"{place}: {key!r} lacks {{{missing[0]}}}")
    if surplus := sorted(found - KEYS[key]):
        raise ValueError(f"{place}: {key!r} cannot have {{{surplus[0]}}}")
    return text


def widest(words: str) -> str:
    """A text, filled with the longest values."""
    return words.format_map(WIDEST)


def room(key: str) -> int:
    """How many septets a text may take: an SMS, or for the words of a state or of a question, their place in one."""
    return LONGEST["state"] if key.startswith("states.") else LONGEST["question"] if key.startswith("asks.") else SMS


def unfit(key: str, words: str) -> str:
    """Why a text does not go by one SMS when it is filled; "" for one that does."""
    needed = septets(widest(words))
    if needed is None:
        strange = next(sign for sign in words if septets(sign) is None)
        return f"{key!r} has {strange!r} (U+{ord(strange):04X}), which GSM-7 lacks: an SMS with it holds 70 characters and not {SMS}"
    return f"{key!r} takes {needed} characters when it is filled, and may take {room(key)}" if needed > room(key) else ""
