"""`python -m evaluation.learn > normalizer/data/learned.txt`: learn what texts of an abuse of office, of a danger and of a wish look like.

In: the labelled messages of the half for it, and the texts in `training/`. Out: the weights that the normalizer adds up, on standard
output. It never reads the other half, and learns the same from the same texts.
"""

from __future__ import annotations

import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import exp, sqrt
from pathlib import Path
from typing import Final

import msgspec

from config.settings import load
from evaluation.messages import labelled
from gateway.outfit import rules
from normalizer.learned import ALWAYS, features, written
from normalizer.reading import read

FOLDER: Final = Path(__file__).parent / "training"
#: how often all texts are gone through, how far each moves the weights, how strongly weights are drawn back to nothing
_ROUNDS: Final = 12
_STEP: Final = 0.15
_DRAWN_BACK: Final = 0.001
#: what stands in fewer texts tells of one text, not of its kind
_OFTEN_ENOUGH: Final = 3

_HEAD: Final = """\
# How much each stem, and each list of the rules (@), speaks for an abuse of office, for a danger and for a wish to stay unnamed, in
# hundredths; ^ stands in every text.
# Made by `python -m evaluation.learn` from the labelled texts in evaluation/; do not change it by hand.
"""


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text, and whether it tells of each; None where clerks would differ, so nothing is learned from it."""

    text: str
    oversight: bool | None = False
    emergency: bool | None = False
    wish: bool | None = False


_decoder: Final = msgspec.json.Decoder(Example)


def examples() -> Iterator[Example]:
    """All of them. Raises ValueError for a line that is none."""
    for one in labelled("tune"):
        label = one.label
        yield Example(
            text=f"{one.subject}\n{one.text}",
            oversight=("berkadar" in label.oversight) if len(label.oversight) < 2 else None,
            emergency=None if "emergency" in label.maybe else "emergency" in label.flags,
            # a label says who may see it; what is for few eyes may be so for what it tells, without anybody's asking
            wish=False if label.privacy == ("terbuka",) else None,
        )
    for path in sorted(FOLDER.glob("*.jsonl")):
        yield from map(_decoder.decode, path.read_bytes().splitlines())


def learned(texts: Sequence[tuple[list[str], bool]]) -> dict[str, float]:
    """What each feature adds to the odds: logistic regression, one text after the other, each feature slower the more it was moved."""
    weights: dict[str, float] = defaultdict(float)
    moved: dict[str, float] = defaultdict(lambda: 1.0)
    order = random.Random(1)
    shuffled = list(texts)
    for _ in range(_ROUNDS):
        order.shuffle(shuffled)
        for found, told in shuffled:
            odds = sum(weights[feature] for feature in found)
            wrong = 1 / (1 + exp(-max(-30.0, min(30.0, odds)))) - told
            for feature in found:
                pull = wrong + _DRAWN_BACK * weights[feature]
                moved[feature] += pull * pull
                weights[feature] -= _STEP * pull / sqrt(moved[feature])
    return weights


def _about(known: Sequence[list[str]], answers: Sequence[bool | None]) -> dict[str, float]:
    """What each feature adds for one of the three, from the texts that have an answer."""
    return learned([(found, told) for found, told in zip(known, answers, strict=True) if told is not None])


def _counted(words: Sequence[str], lists: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Each feature once, in the same order on every machine."""
    return sorted({ALWAYS, *(feature for word in words for feature in features(word, lists))})


def main() -> None:
    """Print the weights."""
    reading = rules(load(None, {}))
    texts = list(examples())
    counted = [_counted(read(one.text, reading.abbreviations).words, reading.rulebook.learned.lists) for one in texts]
    often = Counter(feature for found in counted for feature in found)
    known = [[feature for feature in found if often[feature] >= _OFTEN_ENOUGH] for found in counted]
    answers = [(one.oversight, one.emergency, one.wish) for one in texts]
    oversight, emergency, wish = (_about(known, told) for told in zip(*answers, strict=True))
    every = {*oversight, *emergency, *wish}
    weights = {each: (oversight.get(each, 0.0), emergency.get(each, 0.0), wish.get(each, 0.0)) for each in every}
    sys.stdout.write(_HEAD + written(weights))


if __name__ == "__main__":
    main()
