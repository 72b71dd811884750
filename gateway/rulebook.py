"""Where the rules of reading come from: the file that the settings name, or the one that comes with the gateway.

In: a path, or none. Out: a rulebook, or ValueError with one line that names rule and key. It never changes a file.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from channels.web import categories
from normalizer import learned
from normalizer.abbreviations import Abbreviations
from normalizer.rulebook import Rulebook, parse

#: how the file that comes with the gateway is called in a fault
OWN = "normalizer/data/rules.toml"


def rulebook(file: str, meanings: Abbreviations) -> Rulebook:
    """The rules of `file`, of the gateway's own when it is empty, with their abbreviations written out. Raises ValueError."""
    own = resources.files("normalizer") / "data" / "rules.toml"
    try:
        document = Path(file).read_text(encoding="utf-8") if file else own.read_text("utf-8")
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from error
    return _parsed(file or OWN, document, meanings)


@cache
def _parsed(name: str, document: str, meanings: Abbreviations) -> Rulebook:
    """To read them takes most of a second: once for all who ask."""
    weights = learned.parse((resources.files("normalizer") / "data" / "learned.txt").read_text("utf-8"))
    return parse(name, document, [category.name for category in categories.load()], meanings, learned=weights)
