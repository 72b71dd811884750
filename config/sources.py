"""Where settings are written: a TOML file, and over it the environment.

In: a path, an environment. Out: raw tables by name, nothing judged but their shape. It never looks at types (`fit` does) and reads no
variable that does not begin with LAPOR__.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from config.fault import SettingsError, nearest
from config.fit import Words

PREFIX = "LAPOR__"

Table = dict[str, object]


class Raw(Mapping[str, object]):
    """A table that is not typed yet, because the module that its `kind` names will do that. Its repr shows keys, never values."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def __getitem__(self, key: str) -> object:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Raw({', '.join(sorted(self._values))})"


def read_toml(path: Path) -> dict[str, Table]:
    """The tables of a settings file. Raises SettingsError when it cannot be read or is not TOML."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError("", "", f"cannot read the settings file {path}: {fault.strerror}") from None
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError("", "", f"{path} is not TOML: {fault}") from None
    except UnicodeDecodeError as fault:
        raise SettingsError("", "", f"{path} is not UTF-8 text (at byte {fault.start})") from None
    except RecursionError:
        raise SettingsError("", "", f"{path} is not TOML: nested too deep") from None
    tables: dict[str, Table] = {}
    for name, table in content.items():
        if not isinstance(table, dict):
            raise SettingsError("", name, f"stands outside of any table; write it under one, as in [gateway], in {path}")
        tables[name] = table
    return tables


def overlay(tables: dict[str, Table], environ: Mapping[str, str], *, nested: Iterable[str], known: Iterable[str]) -> None:
    """Write the variables over the tables: LAPOR__HTTP__PUBLIC, or LAPOR__CHANNELS__TELKOMSEL__PASSWORD where tables are `nested`.

    A variable that leads nowhere is a fault: nobody sets one for nothing.
    """
    for variable in sorted(environ):
        if not variable.upper().startswith(PREFIX):
            continue
        steps = variable[len(PREFIX) :].lower().split("__")
        depth = 3 if steps[0] in nested else 2
        if steps[0] not in known:
            raise SettingsError("", variable, f"there is no table [{steps[0]}]; {nearest(steps[0], known)}")
        if len(steps) != depth or not all(steps):
            shape = "LAPOR__TABLE__NAME__KEY" if depth == 3 else "LAPOR__TABLE__KEY"
            raise SettingsError(steps[0], "", f"the variable {variable} does not have the shape {shape}")
        table = tables.setdefault(steps[0], {})
        if depth == 3:
            table = _inner(table, steps, environ, variable)
        table[steps[-1]] = Words(text=environ[variable], origin=variable)


def _inner(table: Table, steps: list[str], environ: Mapping[str, str], variable: str) -> Table:
    """The table [channels.<name>]. Only one that the file has, or to which the environment gives a kind too, can be meant."""
    names = {name.lower().replace("-", "_"): name for name in table}
    name = names.get(steps[1], steps[1])
    if name not in table:
        kind = f"{PREFIX}{steps[0]}__{steps[1]}__KIND".upper()
        if steps[0] != "keywords" and not any(one.upper() == kind for one in environ):
            raise SettingsError("", variable, f"there is no table [{steps[0]}.{steps[1]}]; {nearest(steps[1], table)}")
        table[name] = {}
    inner = table[name]
    if not isinstance(inner, dict):
        raise SettingsError(steps[0], name, f"expected a table [{steps[0]}.{name}]")
    return inner
