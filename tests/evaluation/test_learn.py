"""What is learned from: texts of its own, none of which is judged with, and the same is learned each time."""

from __future__ import annotations

from evaluation.learn import FOLDER, examples, learned
from evaluation.messages import labelled
from tests.evaluation.test_messages import MOBILE


def test_no_text_of_the_unseen_half_is_learned_from() -> None:
    unseen = {one.text for one in labelled("test")}
    assert unseen.isdisjoint(one.text.removeprefix("\n") for one in examples())


def test_the_training_texts_name_no_number_of_a_person() -> None:
    texts = "\n".join(path.read_text("utf-8") for path in FOLDER.glob("*.jsonl"))
    assert [number for number in MOBILE.findall(texts) if not number.startswith("0812-0000")] == []


def test_what_stands_in_the_one_kind_of_text_speaks_for_it() -> None:
    texts = [(["^", "setor", "pak"], True), (["^", "lubang", "pak"], False)] * 5
    weights = learned(texts)
    assert weights["setor"] > 0.5 > weights["pak"] > weights["lubang"]
    assert learned(texts) == weights
