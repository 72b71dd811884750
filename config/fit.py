"""From a raw table to a typed record.

In: a table as TOML or the environment gave it, and the struct that it shall become. Out: that struct, or a `SettingsError` for the
first key that does not fit. It opens nothing but the files that `<key>_file` names.

A field may have any type that msgspec knows, `Path`, `ZoneInfo`, another struct, or a class of ours that is `Parsed`.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, get_args, get_origin, runtime_checkable
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import FieldInfo

from config.fault import SettingsError, nearest

FILE = "_file"
#: msgspec's names of types, in an operator's words
TYPES = {"int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "array": "a list", "object": "a table"}

S = TypeVar("S", bound=msgspec.Struct)


@runtime_checkable
class Parsed(Protocol):
    """A type of ours that reads itself from words."""

    def parse(self, text: str) -> object:
        """A classmethod. Raises ValueError whose words may be shown, so without the value."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A value that came as words (a variable, a file) and takes the type of its key; a TOML value must have that type already."""

    text: str = field(repr=False)
    origin: str


def fit(table: str, values: Mapping[str, object], into: type[S]) -> S:
    """Read `values` as the struct `into`; `table` names them in a fault (`channels.telkomsel`). Raises SettingsError."""
    fields = {info.encode_name: info for info in msgspec.structs.fields(into)}
    given = _with_files(table, values, fields)
    for key, value in given.items():
        if key not in fields:
            raise SettingsError(table, key, f"unknown key; {nearest(key, fields)}", origin=_origin(value))
    for key, info in fields.items():
        if info.required and key not in given:
            variable = "__".join(["LAPOR", *table.split("."), key]).upper().replace("-", "_")
            raise SettingsError(table, key, f"missing; set it in the file, in a file named by {key}{FILE}, or in {variable}")
    try:
        return into(**{fields[key].name: _converted(table, fields[key], value) for key, value in given.items()})
    except ValueError as fault:  # a struct's own __post_init__, where two keys do not go together
        raise SettingsError(table, "", str(fault)) from None


def _with_files(table: str, values: Mapping[str, object], fields: Mapping[str, FieldInfo]) -> dict[str, object]:
    """The same table with what the files say: `password_file = "…"` becomes `password`."""
    given: dict[str, object] = {}
    for key, value in values.items():
        stem = key.removesuffix(FILE)
        if key in fields or stem == key or stem not in fields:
            given[key] = value
        elif stem in values:
            raise SettingsError(table, key, f"{stem} is given too; keep one of the two", origin=_origin(value))
        else:
            given[stem] = _read(table, key, value)
    return given


def _read(table: str, key: str, value: object) -> Words:
    path = value.text if isinstance(value, Words) else value
    if not isinstance(path, str) or not path:
        raise SettingsError(table, key, "expected the path of a file", origin=_origin(value))
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as fault:
        raise SettingsError(table, key, f"cannot read {path}: {fault.strerror}", origin=_origin(value)) from None
    except ValueError:
        raise SettingsError(table, key, f"cannot read {path}: it is not UTF-8 text", origin=_origin(value)) from None
    return Words(text=text.removesuffix("\n").removesuffix("\r"), origin=path)


def _converted(table: str, info: FieldInfo, value: object) -> object:
    key = info.encode_name
    # what reads itself may be left out too
    wanted = next((each for each in get_args(info.type) if isinstance(each, Parsed)), info.type)
    if isinstance(value, Mapping) and isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and not isinstance(wanted, Parsed):
        return fit(f"{table}.{key}", value, wanted)
    try:
        if isinstance(wanted, Parsed):
            return wanted.parse(_text(value))
        read = _from_words(value.text, wanted) if isinstance(value, Words) else _convert(value, wanted, strict=True)
        if isinstance(read, float) and not math.isfinite(read):
            raise ValueError("expected a finite number")
    except (msgspec.ValidationError, ValueError, TypeError) as fault:
        raise SettingsError(table, key, _said(fault, wanted), origin=_origin(value)) from None
    return read


def _from_words(text: str, wanted: Any) -> object:
    """What words mean for a key of this type; a list is written as in TOML. A password of digits stays text."""
    try:
        return _convert(text, wanted, strict=False)
    except msgspec.ValidationError:
        if not text.lstrip().startswith("["):
            raise
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise ValueError('expected a list as in TOML, ["…", "…"]') from None
    return _convert(value, wanted, strict=True)


def _convert(value: object, wanted: Any, *, strict: bool) -> object:
    return msgspec.convert(value, wanted, strict=strict, dec_hook=_parse)


def _parse(wanted: type, value: object) -> object:
    """The library types that msgspec leaves to us."""
    text = _text(value)
    if wanted is Path:
        return Path(text)
    if wanted is ZoneInfo:
        try:
            return ZoneInfo(text)
        except (LookupError, OSError, ValueError):
            raise ValueError('no such time zone here; expected a name like "Asia/Jakarta"') from None
    raise NotImplementedError(f"no setting can be a {wanted.__name__}")


def _text(value: object) -> str:
    text = value.text if isinstance(value, Words) else value
    if not isinstance(text, str):
        raise TypeError("expected text")
    return text


def _said(fault: Exception, wanted: Any) -> str:
    """msgspec's complaint in an operator's words, without the value that some of its texts repeat."""
    text = str(fault)
    if text.startswith("Invalid enum value"):
        words = next((get_args(one) for one in (wanted, *get_args(wanted)) if get_origin(one) is Literal), ())
        return "expected one of " + ", ".join(map(str, words)) if words else "not one of the words that are known here"
    if "matching regex" in text:
        said = [meta.description for meta in getattr(wanted, "__metadata__", ()) if isinstance(meta, msgspec.Meta) and meta.description]
        return f"expected {said[0]}" if said else "not written as this key must be"
    text = re.sub(r" - at `\$\[(\d+)\]`$", lambda at: f", in entry {int(at[1]) + 1}", text)
    text = re.sub(r"`(\w+)`", lambda name: TYPES.get(name[1], name[1]), text)
    return text[:1].lower() + text[1:]


def _origin(value: object) -> str:
    return value.origin if isinstance(value, Words) else ""
