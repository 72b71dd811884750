"""What each status of an answer means for the letter."""

from __future__ import annotations

import pytest
from smpplib import consts

from channels.base import Refused, Unavailable
from channels.sms.statuses import NAMES, SLOWER, TEMPORARY, failure, words


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0x58, "throttled"),
        (0x14, "queue_full"),
        (0x08, "system_error"),
        (0x64, "temporary_error"),
        (0x45, "submit_failed"),
        (0x04, "not_bound"),
    ],
)
def test_temporary_ones_may_be_tried_again(status: int, code: str) -> None:
    problem = failure(status)
    assert isinstance(problem, Unavailable)
    assert (problem.code, problem.unsure) == (code, False)


def test_whoever_is_told_to_be_slower_is_told_how_long() -> None:
    assert all(TEMPORARY[status][1] for status in SLOWER)


@pytest.mark.parametrize("status", [0x0A, 0x0B, 0x65, 0x66, 0x01, 0x43])
def test_permanent_ones_carry_the_operators_words(status: int) -> None:
    problem = failure(status)
    assert isinstance(problem, Refused)
    assert problem.words == f"{NAMES[status]}: {consts.DESCRIPTIONS[status]}"
    assert NAMES[status] == "ESME_" + problem.code.upper()


@pytest.mark.parametrize("status", [0x400, 0x4FF, 0x1234, 0xFFFFFFFF])
def test_a_vendors_own_is_tried_again_under_its_number(status: int) -> None:
    problem = failure(status)
    assert isinstance(problem, Unavailable)
    assert problem.code == f"status_0x{status:04x}"
    assert words(status) == f"status 0x{status:08X}"


def test_every_status_of_the_specification_has_a_verdict() -> None:
    for status in NAMES:
        assert words(status)
        assert failure(status).code
