"""Every code that the gateway writes has a sentence that an officer understands, and says what to do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from channels.base import Refused
from channels.message import LetterKind
from channels.sms.statuses import NAMES, failure
from gateway.console import words
from gateway.console.reasons import known, reason
from gateway.store.record import DISCARDED, WITHDRAWN
from gateway.store.stray import NO_LEDGER
from gateway.store.worklist import SET_ASIDE

HERE = Path(__file__).parents[2]
#: what makes a case or a letter wait, by the name of the call; and where its code stands
KINDS = {"Refused": 0, "Park": "code", "Aside": "code", "LetterSettlement": "code", "forget": 2}
#: what a robot's mail is declined with; the others say why it is not answered
_SILENT = "_silence"
#: a retry, not a fate
_RETRIED = {"cancelled", "quiet"}
#: the beginning of a code, and one that begins so
_BEGINNINGS = {"http_": "http_422", "policy_": "policy_link"}


def codes() -> Iterator[str]:
    """Those that stand in the source; not of the console itself, nor of a probe that does not get in."""
    for room in ("channels", "forwarder", "gateway"):
        for path in (path for path in (HERE / room).rglob("*.py") if "console" not in path.parts and not path.name.endswith("entering.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                yield from _of(call)
            if path.name == "robots.py":
                yield from _robots(tree)


def _of(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    given = {word.arg: word.value for word in call.keywords}
    if "goes_to" in given and "why" in given:
        yield from _strings(given["why"])
    place = KINDS.get(name)
    if isinstance(place, int) and len(call.args) > place:
        yield from _strings(call.args[place])
    elif isinstance(place, str) and place in given:
        yield from _strings(given[place])


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield _BEGINNINGS[str(node.values[0].value)]
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


def _robots(tree: ast.Module) -> Iterator[str]:
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != _SILENT):
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                yield from _strings(node.value)


EVERY = sorted(
    {*codes(), *(DISCARDED, WITHDRAWN, NO_LEDGER, SET_ASIDE, "answer", "follow_up", "undelivered", "withdrawal", "question")} - _RETRIED
)


def test_the_codes_are_found() -> None:
    assert {"bug", "unreadable", "spam_suspect", "hashtag_only", "opt_out", "bounce", "no_words", "forbidden", "deleted"} <= {*EVERY}


@pytest.mark.parametrize("code", EVERY)
def test_a_code_has_a_sentence_and_what_to_do(code: str) -> None:
    for said in words.load().values():
        assert known(said, code)
        assert all(reason(said, code))


@pytest.mark.parametrize("status", sorted(NAMES))
def test_what_an_sms_operator_may_say_has_a_sentence(status: int) -> None:
    fate = failure(status)
    assert known(words.load()["id"], fate.code if isinstance(fate, Refused) else "expired")


def test_every_kind_of_letter_has_a_name() -> None:
    for said in words.load().values():
        assert all(getattr(said.letters, f"kind_{kind}") for kind in get_args(LetterKind))


def test_a_code_that_nobody_knows_is_not_hidden() -> None:
    said = words.load()["en"]
    assert not known(said, "frobnicated")
    assert "no words" in reason(said, "frobnicated").why
    assert reason(said, "").why == "No reason was written down."
