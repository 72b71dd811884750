"""The rules of the house that no linter knows. In: the files of the checkout. Out: the file and line that breaks one."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
ROOMS = ("channels", "normalizer", "forwarder", "gateway", "config")
#: where a fault of our own is caught on purpose: it parks one message or answers one call, and everything else goes on
GUARDS = {
    "gateway/store/batch.py",
    "gateway/store/redis_batch.py",
    "gateway/store/redis_steps.py",
    "gateway/work.py",
    "gateway/http.py",
    "gateway/keep.py",
    "channels/sms/esme.py",
}
#: no clock, socket, disk, loop or log; import-linter sees what they import, this file what they call
PURE = (
    "normalizer",
    "forwarder/outcome.py",
    "gateway/sheaf.py",
    "channels/sms/alphabet.py",
    "channels/sms/layout.py",
    "channels/sms/pdu.py",
    "channels/sms/reading.py",
    "channels/sms/segments.py",
    "channels/sms/session.py",
    "channels/email/address.py",
    "channels/email/answer.py",
    "channels/email/data.py",
    "channels/email/dmarc.py",
    "channels/email/edge.py",
    "channels/email/journey.py",
    "channels/email/charset.py",
    "channels/email/content.py",
    "channels/email/dsn.py",
    "channels/email/fields.py",
    "channels/email/flowed.py",
    "channels/email/layout.py",
    "channels/email/markup.py",
    "channels/email/mime.py",
    "channels/email/proof.py",
    "channels/email/quotes.py",
    "channels/email/robots.py",
    "channels/email/rtf.py",
    "channels/email/structure.py",
    "channels/email/tnef.py",
    "channels/email/transfer.py",
    "channels/email/uuencode.py",
    "channels/social/telegram_intake.py",
    "channels/social/telegram_media.py",
    "channels/social/telegram_pace.py",
    "channels/social/telegram_reading.py",
    "channels/social/telegram_update.py",
    "channels/social/x_errors.py",
    "channels/social/x_guard.py",
    "channels/social/x_page.py",
    "channels/social/x_policy.py",
    "channels/social/x_post.py",
    "channels/social/x_reading.py",
)
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_text", "write_bytes"}


def named(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def sources(*places: str) -> list[Path]:
    found: list[Path] = []
    for place in places:
        path = TOP / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def locked() -> list[Path]:
    return sorted(TOP.glob("requirements*.lock"))


def test_every_room_is_here() -> None:
    assert [room for room in ROOMS if not (TOP / room / "__init__.py").is_file()] == []


def test_nothing_in_channels_can_be_run_as_a_script() -> None:
    """`python channels/x.py` would put channels/ on sys.path, and its `email` in front of the standard library's."""
    runnable = [
        named(path)
        for path in sources("channels")
        if path.name == "__main__.py" or (text := path.read_text(encoding="utf-8")).startswith("#!") or "__main__" in text
    ]
    assert runnable == []


@pytest.mark.parametrize("path", sources(*ROOMS, "tests", "bench", "chaos", "evaluation"), ids=named)
def test_every_module_opens_by_saying_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{named(path)} has no opening docstring"


@pytest.mark.parametrize("path", sorted(TOP.glob("gateway/store/lua/*.lua")), ids=named)
def test_every_script_opens_by_saying_what_comes_in_and_what_goes_out(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    opening = " ".join(takewhile(lambda line: line.startswith("--"), lines))
    assert "In: " in opening
    assert "Out: " in opening
    assert len(lines) <= 300


def test_who_judges_the_gateway_knows_nothing_but_python_and_itself() -> None:
    strange = {
        f"{named(path)}: {module}"
        for path in sources("chaos")
        for node in nodes(path)
        for module in imported(node)
        if module.partition(".")[0] not in sys.stdlib_module_names | {"chaos"}
    }
    assert strange == set()


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [name.name for name in node.names] if isinstance(node, ast.Import) else []


def test_our_own_faults_are_caught_only_where_the_design_says() -> None:
    caught = [
        f"{named(path)}:{node.lineno}"
        for path in sources(*ROOMS)
        if named(path) not in GUARDS
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler) and catches_all(node.type) and not raises_again(node)
    ]
    assert caught == []


def catches_all(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or (isinstance(one, ast.Name) and one.id in {"Exception", "BaseException"}) for one in kinds)


def raises_again(guard: ast.ExceptHandler) -> bool:
    """One that only tidies up, and ends in a bare `raise`, swallows nothing."""
    last = guard.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_pure_rooms_read_no_clock_and_open_no_file() -> None:
    called = [
        f"{named(path)}:{node.lineno} calls {word}"
        for path in sources(*(place for place in PURE if (TOP / place).exists()))
        for node in nodes(path)
        if isinstance(node, ast.Call) and (word := last_word(node.func)) in IMPURE_CALLS
    ]
    assert called == []


def last_word(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


SILENCER = re.compile(r"#\s*(noqa|type: ignore|pragma)\b(?P<rest>.*)")


@pytest.mark.parametrize("path", sources(*ROOMS, "tests", "bench", "chaos", "evaluation"), ids=named)
def test_a_silenced_linter_has_its_reason_beside_it(path: Path) -> None:
    """`# noqa: S104 - the reason`, or `# type: ignore[code]  # the reason`."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = SILENCER.search(line)
        if found and path != Path(__file__):
            assert re.search(r"(- |# )\w+ \w+", found["rest"]), f"{named(path)}:{number} gives no reason"


def test_there_are_lock_files_for_running_and_for_testing() -> None:
    assert {path.name for path in locked()} >= {"requirements.lock", "requirements-dev.lock"}


@pytest.mark.parametrize("path", locked(), ids=named)
def test_every_locked_version_is_exact_and_hashed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    loose = [entry for entry in entries if not re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}\b", entry)]
    assert entries
    assert loose == []


@pytest.mark.parametrize("path", locked(), ids=named)
def test_a_lock_file_names_no_index(path: Path) -> None:
    assert re.findall(r"https?:|file:|--index|--find-links|--trusted-host", path.read_text(encoding="utf-8")) == []


def test_what_runs_is_what_was_tested() -> None:
    assert pins("requirements.lock") - pins("requirements-dev.lock") == set()


def pins(name: str) -> set[str]:
    return set(re.findall(r"^\S+==\S+", (TOP / name).read_text(encoding="utf-8"), re.MULTILINE))
