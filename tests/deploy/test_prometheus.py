"""The rules and the dashboard name what there is, and docs/metrics.md names all of it."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from gateway.controls import Mode
from gateway.journal import Word

TOP = Path(__file__).parents[2]
RULES = TOP / "deploy/prometheus/rules.yml"
DASHBOARD = TOP / "deploy/prometheus/dashboard.json"
DOCS = (TOP / "docs/metrics.md").read_text(encoding="utf-8")
PROMTOOL = shutil.which("promtool")
with_promtool = pytest.mark.skipif(PROMTOOL is None, reason="there is no promtool: apt-get install prometheus")


def metrics() -> dict[str, str]:
    """Those of /metrics, and of which kind they are."""
    kinds = {"_counter": "counter", "_gauge": "gauge", "HistogramMetricFamily": "histogram"}
    source = (TOP / "gateway/metrics.py").read_text(encoding="utf-8")
    return {name: kinds[call] for call, name in re.findall(r'(_counter|_gauge|HistogramMetricFamily)\(\s*"(lapor_\w+)"', source)}


def series() -> set[str]:
    """What a query may ask for."""
    ends = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
    return {name + end for name, kind in metrics().items() for end in ends[kind]}


def asked() -> set[str]:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    queries = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return set(re.findall(r"lapor_\w+", RULES.read_text(encoding="utf-8") + " ".join(queries)))


def words() -> Iterator[str]:
    """What the journal is given to say."""
    yield from get_args(Word)
    for path in sorted(TOP.glob("gateway/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and re.search(r"journal\.(state|trouble|alarm)$", ast.unparse(node.func)):
                yield from _said(node.args[0])


def _said(first: ast.expr) -> list[str]:
    """`channel_{mode}` is as many words as there are modes."""
    constants = [part.value for part in ast.walk(first) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [f"{stem}{mode}" for stem in constants for mode in get_args(Mode)] if isinstance(first, ast.JoinedStr) else constants


def test_every_metric_that_rules_and_dashboard_ask_for_exists() -> None:
    assert len(metrics()) > 20
    assert asked() - series() == set()


def test_the_docs_name_every_metric_and_no_other() -> None:
    expected = {name + ("_total" if kind == "counter" else "") for name, kind in metrics().items()}
    assert set(re.findall(r"^\| `(lapor_\w+)`", DOCS, flags=re.MULTILINE)) == expected


def test_the_docs_name_every_word_of_the_journal_and_no_other() -> None:
    named = re.findall(r"^\| ((?:`[a-z_]+`(?:, )?)+) \| ", DOCS.partition("## The journal")[2], flags=re.MULTILINE)
    assert {word for each in named for word in re.findall(r"`(\w+)`", each)} == set(words())


@with_promtool
def test_the_rules_are_rules_and_say_what_they_should(tmp_path: Path) -> None:
    assert PROMTOOL
    for path in (RULES, Path(__file__).with_name("rules_test.yml")):
        shutil.copy(path, tmp_path)
    for words_ in (("check", "rules", "rules.yml"), ("test", "rules", "rules_test.yml")):
        done = subprocess.run([PROMTOOL, *words_], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_tested() -> None:
    tested = Path(__file__).with_name("rules_test.yml").read_text(encoding="utf-8")
    names = re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))
    assert [name for name in names if f"alertname: {name}" not in tested] == []
