"""The line of each key, in files as people write them, and where a file stops being TOML."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.toml_lines import broken, flat, lines, statements

AWKWARD = '''# receipt = "not this one"
registered = """
receipt = "nor this one, which is inside a text"
# nor is this a comment
[states]
"""

  receipt = 'a # that is none'   # receipt = "nor this one"
"help" = "a \\" and [states] = \\"\\"\\""
ask = \'\'\'
"""
\'\'\'
status = "a\\u2028b"
[ "states" ] # a comment
unknown = """one "" line"""
'mistyped' = "x"

[emergency]
receipt = [
  "receipt",
  # a comment
]
a.b = { c = "d", e = { f = "g" } }
'''


def test_each_key_has_the_line_on_which_its_statement_begins() -> None:
    found = lines(AWKWARD)
    assert found == {
        "registered": 2, "receipt": 8, "help": 9, "ask": 10, "status": 13, "states": 14, "states.unknown": 15, "states.mistyped": 16,
        "emergency": 18, "emergency.receipt": 19, "emergency.a.b.c": 23, "emergency.a.b.e.f": 23,
    }  # fmt: skip
    assert set(flat(tomllib.loads(AWKWARD))) <= set(found)


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_either_end_of_a_line_counts_once(end: str) -> None:
    assert lines(end.join(["# a", "a = 1", "", "[b]", "c = 2", ""])) == {"a": 2, "b": 4, "b.c": 5}


def test_what_is_no_end_of_a_line_for_toml_is_none_here() -> None:
    assert lines('a = "x\u2028y\x85z"\nb = 1') == {"a": 1, "b": 2}


def test_tables_in_a_list_have_the_line_of_the_last() -> None:
    assert lines("[[a]]\nb = 1\n[[a]]\nb = 2") == {"a": 3, "a.b": 4}


@pytest.mark.parametrize(
    ("document", "line", "keys"),
    [
        ('a = 1\nreceipt = "open\nb = 2', 2, ("receipt",)),
        ('a = 1\n[states]\nreceived = """open\nb = 2\nc = "d"', 3, ("states.received",)),
        ('"receipt" = Terima kasih', 1, ("receipt",)),
        ("a = 1\nreceipt", 2, ()),
        ('receipt "open"', 1, ()),
        ("# x\n\n[states\nreceived = 1", 3, ()),
        ("receipt = ", 1, ("receipt",)),
        ("receipt = 1\n# again\nreceipt = 2\nstatus = 3", 3, ("receipt",)),
        ("receipt = 1\nreceipt = '''\n2'''", 2, ("receipt",)),
        ("[states]\na = 1\n[emergency]\n[states]", 4, ("states",)),
        ("a = 1\na.b = 2", 2, ("a.b",)),
        ("a = 1\r", 1, ("a",)),
    ],
)
def test_a_document_that_is_no_toml_breaks_where_the_fault_begins(document: str, line: int, keys: tuple[str, ...]) -> None:
    fault = broken(document)
    assert (fault.line, fault.keys) == (line, keys)


PIECES = [
    "a",
    "b.c",
    '"d e"',
    "'f'",
    "=",
    "=",
    "1",
    '"x"',
    "'y'",
    '"""',
    "'''",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "\\",
    '"',
    "\n",
    "\n",
    "\r\n",
    " ",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_whatever_is_written_is_either_toml_with_a_line_for_each_key_or_broken_somewhere(document: str) -> None:
    assert "".join(statement.text for statement in statements(document)) == document
    try:
        keys = flat(tomllib.loads(document))
    except tomllib.TOMLDecodeError:
        assert 1 <= broken(document).line <= document.count("\n") + 1
    else:
        assert set(keys) <= set(lines(document))
        with pytest.raises(ValueError, match="is TOML"):
            broken(document)
