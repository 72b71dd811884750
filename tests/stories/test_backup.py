"""A rehearsal: a backup is made beside a running gateway, the disk is lost, and the backup is put back."""

from __future__ import annotations

from pathlib import Path

from gateway.rehearse.parts import short_sms
from tests.fakes.faulty import FAULTS
from tests.stories.town import SHORT_CODE, Town, town

CASES = "SELECT id, reference FROM cases ORDER BY id"


async def backed_up(place: Town, file: Path) -> list[tuple[int, int]]:
    """Two cases wait for a ledger that is away when the backup is made; afterwards both are registered and answered."""
    place.ledger.script.always = FAULTS["503"]
    await place.gateway.start()
    place.say()
    place.say()
    await place.gateway.until_rows(CASES, 2)
    made = await place.gateway.command("backup", str(file))
    assert (made.status, made.said, made.out) == (0, "", f"{file}: 2 cases\n")
    place.ledger.script.always = None
    await place.settled()
    return place.gateway.rows(CASES)


def lose(place: Town) -> None:
    """The store is gone, with all that belongs to it."""
    place.gateway.kill()
    for path in place.gateway.data.glob("gateway.db*"):
        path.unlink()


async def test_what_was_acknowledged_before_a_backup_is_there_after_it_was_put_back_and_no_ledger_hears_it_twice(tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    async with town(tmp_path) as place:
        before = await backed_up(place, file)
        lose(place)
        put_back = await place.gateway.command("restore", str(file))
        assert put_back.status == 0, put_back.said
        assert put_back.out.startswith("restored; of 2 cases that waited")
        checked = await place.gateway.command("check")
        assert "2 cases, every one accounted for" in checked.out
        place.ledger.calls.clear()
        await place.gateway.start()
        await place.gateway.until_rows("SELECT id FROM cases WHERE step='done'", 2)
        assert place.gateway.rows(CASES) == before
        assert set(place.ledger.calls) == {"GET /complaints"}, "what may be in the ledger is looked up, not told"
        assert (len(place.ledger.registrations), place.ledger.repeats) == (2, 0)
        # the operator delivers again what he was told yes to before: it is known, and the code is the same
        for sent in place.sent:
            place.deliver(short_sms(sent.text, sent.number, SHORT_CODE))
        late = place.say()
        await place.settled()
        assert late.acknowledged
        assert place.gateway.rows(CASES)[:2] == before
        assert len(place.gateway.rows(CASES)) == 3


async def test_what_cannot_be_copied_or_put_back_is_one_line_and_nothing_is_written_over(tmp_path: Path) -> None:
    file, newer, text = tmp_path / "backup.db", tmp_path / "newer.db", tmp_path / "text.db"
    async with town(tmp_path) as place:
        await backed_up(place, file)
        place.gateway.kill()
        size = file.stat().st_size
        text.write_text("kepada yth. " * 100)
        newer.write_bytes(file.read_bytes()[:60] + (99).to_bytes(4) + file.read_bytes()[64:])
        refused = [
            (await place.gateway.command("backup", str(file)), "is there already"),
            (await place.gateway.command("restore", str(file)), "is still there"),
        ]
        assert file.stat().st_size == size
        lose(place)
        refused += [
            (await place.gateway.command("restore", str(tmp_path / "none.db")), "no such file"),
            (await place.gateway.command("restore", str(text)), "file is not a database"),
            (await place.gateway.command("restore", str(newer)), "newer version"),
            (await place.gateway.command("backup", str(tmp_path / "other.db")), "no store"),
        ]
        assert [(done.status, len(done.lines), words in done.said) for done, words in refused] == [(1, 1, True)] * 6
        assert list(place.gateway.data.glob("gateway.db*")) == []
