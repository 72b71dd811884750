"""Workers give the loop back: one of them at a time, and after those who wait at a door."""

from __future__ import annotations

import asyncio
import time

from gateway.stint import STRETCH_S, Stint


class Doors:
    """At which somebody waits, as long as it is said."""

    asked = False


async def works(stint: Stint, name: str, seen: list[str], steps: int = 3) -> None:
    async with stint:
        for _ in range(steps):
            seen.append(name)
            time.sleep(STRETCH_S)  # it keeps the loop, as reading does
            await stint.pause()


async def test_one_works_at_a_time_and_finishes_its_batch_first() -> None:
    stint, seen = Stint(Doors()), list[str]()
    await asyncio.gather(works(stint, "first", seen), works(stint, "second", seen))
    assert seen == ["first"] * 3 + ["second"] * 3


async def test_the_doors_have_a_turn_after_each_stretch() -> None:
    stint, seen = Stint(Doors()), list[str]()
    working = asyncio.create_task(works(stint, "worker", seen))
    while not working.done():
        await asyncio.sleep(0)
        seen.append("door")
    assert "worker worker" not in " ".join(seen)


async def test_who_waits_for_a_yes_has_it_before_the_work_goes_on() -> None:
    doors, seen = Doors(), list[str]()

    async def door() -> None:
        doors.asked = True
        for _ in range(3):
            await asyncio.sleep(0)
        seen.append("yes")
        doors.asked = False

    await asyncio.gather(works(Stint(doors), "worker", seen, 2), door())
    assert seen == ["worker", "yes", "worker"]


async def test_doors_that_are_never_quiet_do_not_stop_the_work() -> None:
    doors, seen = Doors(), list[str]()
    doors.asked = True
    await asyncio.wait_for(works(Stint(doors), "worker", seen), 60)
    assert len(seen) == 3


async def test_work_that_fails_leaves_the_others_theirs() -> None:
    stint, seen = Stint(Doors()), list[str]()

    async def fails() -> None:
        async with stint:
            raise ValueError

    await asyncio.gather(fails(), works(stint, "other", seen), return_exceptions=True)
    assert len(seen) == 3
