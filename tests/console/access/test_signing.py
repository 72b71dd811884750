"""Coming in, staying in and being put out, against a whole gateway."""

from __future__ import annotations

import asyncio
import re
import time
from base64 import b32decode
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import apsw
import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from gateway.console import cabinet, room
from gateway.console.access import totp, tries
from gateway.console.access.accounts import Accounts
from tests.console.opened import PASSWORD, SETTINGS, Answer, House, Officer, house, officer

NEW = "gajah putih makan bambu"
STRICT = SETTINGS.replace('"nobody"', '"supervisor"')


#: one gateway for all that change nothing but accounts and sessions: most of a start is rules that none of them needs
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest.fixture
def here(whole: House) -> Iterator[House]:
    """As it was before anybody came."""
    before = books(whole, "SELECT name, role, password, since FROM operators")
    yield whole
    for table in ("operators", "sessions", "tries", "invitations", "recovery"):
        books(whole, f"DELETE FROM {table}")
    for row in before:
        books(whole, "INSERT INTO operators(name, role, password, since) VALUES(?,?,?,?)", *row)


def books(here: House, sql: str, *values: object) -> list[tuple[object, ...]]:
    """What a hand in the file itself would find or do."""
    with closing(apsw.Connection(str(here.folder / "var" / "console.db"))) as db:
        db.set_busy_timeout(5000)
        return list(db.execute(sql, values))


async def set_up(at: Officer) -> tuple[bytes, list[str]]:
    """A telephone; its key, and the recovery codes."""
    key = b32decode(re.findall(r'name="key" value="(\w+)"', (await at.get("/account")).text)[0])
    answer = await at.post("/account/second", key=_written(key), code=now(key), current=PASSWORD)
    assert answer.status == 200, answer.text
    return key, re.findall(r"<li>([0-9A-Z-]{19})</li>", answer.text)


def _written(key: bytes) -> str:
    return totp.written(key).replace(" ", "")


def now(key: bytes, ahead: int = 0) -> str:
    return totp.digits(key, int(time.time() // totp.STEP_S) + ahead)


async def came(at: Officer, name: str, password: str = PASSWORD, code: str = "") -> int:
    return (await at.post("/sign-in", name=name, password=password, code=code)).status


# --- the second proof ---


async def test_with_a_telephone_one_comes_in_by_its_digits_once_or_by_a_code_once(here: House) -> None:
    async with officer(here, "operator") as operator:
        key, codes = await set_up(operator)
        assert len(codes) == 10
    async with officer(here, None) as back:
        assert await came(back, "operator") == 403
        assert await came(back, "operator", code=now(key)) == 403, "these digits were taken when the telephone was set up"
        fresh = now(key, 1)
        assert await came(back, "operator", code=fresh) == 303
        assert await came(back, "operator", code=fresh) == 403
        assert await came(back, "operator", code=codes[0].lower().replace("-", " ")) == 303
        assert await came(back, "operator", code=codes[0]) == 403
        assert "9" in (await back.get("/account")).text
    raw = b"".join(str(row).encode() for row in books(here, "SELECT * FROM recovery"))
    assert not any(code.encode() in raw for code in codes)


async def test_a_telephone_that_shows_other_digits_or_a_stranger_at_the_desk_sets_nothing_up(here: House) -> None:
    async with officer(here, "operator") as operator:
        key = totp.fresh_key()
        for fields in (
            {"key": _written(key), "code": "000000", "current": PASSWORD},
            {"key": _written(key), "code": now(key), "current": "a guess of twelve"},
            {"key": "AAAA", "code": now(b"\0"), "current": PASSWORD},
            {"key": "no base32", "code": "", "current": PASSWORD},
            {},
        ):
            assert (await operator.post("/account/second", **fields)).status == 422
    assert books(here, "SELECT totp FROM operators WHERE name='operator'") == [(None,)]


async def test_who_needs_a_second_proof_sees_nothing_before_it_is_set_up(tmp_path: Path) -> None:
    async with house(tmp_path, STRICT) as here, officer(here, "admin") as admin, officer(here, "operator") as operator:
        for path in ("/", "/accounts", "/audit", "/audit.csv"):
            answer = await admin.get(path)
            assert (answer.status, answer.headers.get("Location")) == (303, "/account")
        assert (await admin.post("/accounts/add", name="si-baru", role="admin")).headers["Location"] == "/account"
        assert (await operator.get("/")).status == 200
        await set_up(admin)
        assert (await admin.get("/accounts")).status == 200


# --- who guesses ---


async def test_who_guesses_waits_and_is_not_told_whether_there_is_such_an_account(here: House) -> None:
    seen_before = books(here, "SELECT max(id) FROM audit")[0][0]
    seen: dict[str, list[Answer]] = {}
    for name in ("operator", "nobody"):
        async with officer(here, None) as guesser:
            seen[name] = [await guesser.sign_in(name, f"guess number {n} of many") for n in range(6)]
    texts = {name: [re.sub(r"\s+", " ", answer.text) for answer in answers] for name, answers in seen.items()}
    assert texts["operator"] == texts["nobody"]
    assert [answer.status for answer in seen["operator"]] == [403] * 6
    assert "1 menit" in texts["operator"][-1]
    async with officer(here, None) as owner:
        assert "1 menit" in (await owner.sign_in("operator")).text, "the right password from this address waits as well"
        assert await came(owner, "viewer") == 303, "others at this address do not, yet"
    books(here, "UPDATE tries SET last = last - 31")
    async with officer(here, None) as owner:
        assert await came(owner, "operator") == 303
    acts = [row[0] for row in books(here, "SELECT \"on\" FROM audit WHERE act='session.refused' AND id > ?", seen_before)]
    assert acts == ["operator"] * 5, "of names that are nobody's nothing is written: some of them are passwords"


async def test_of_many_guesses_at_the_same_time_no_more_are_looked_at_than_one_by_one(here: House) -> None:
    before = books(here, "SELECT count(*) FROM audit WHERE act='session.refused'")[0][0]
    async with officer(here, None) as guesser:
        answers = await asyncio.gather(*(guesser.sign_in("operator", f"guess number {n} of many") for n in range(20)))
    assert {answer.status for answer in answers} == {403}
    assert books(here, "SELECT count(*) - ? FROM audit WHERE act='session.refused'", before) == [(5,)]


async def test_strangers_who_go_on_failing_at_a_name_keep_nobody_from_her_desk(tmp_path: Path) -> None:
    def waits(db: apsw.Connection, address: str, now: float) -> bool:
        return tries.must_wait_s(db, tries.who(db, "siti", address), now) > 0

    def work(db: apsw.Connection) -> None:
        now = time.time()
        tries.succeeded(db, tries.who(db, "siti", "192.0.2.1"), now)
        for n in range(40):
            tries.failed(db, tries.who(db, "siti", f"198.51.100.{n}"), now)
        assert not waits(db, "192.0.2.1", now)
        tries.succeeded(db, tries.who(db, "siti", "192.0.2.1"), now)
        assert waits(db, "203.0.113.9", now), "strangers wait as before, also when she has come in"
        for _ in range(5):
            tries.failed(db, tries.who(db, "siti", "192.0.2.1"), now)
        assert waits(db, "192.0.2.1", now), "her desk waits for what fails there"
        later = now + tries.AT_HOME_S + 1
        for n in range(40):
            tries.failed(db, tries.who(db, "siti", f"198.51.100.{n}"), later)
        assert waits(db, "192.0.2.1", later), "after thirty days nobody knows her there"

    async with cabinet.opened(tmp_path, room.TABLES) as file:
        await file.run(work)


async def test_what_was_typed_as_a_name_is_not_kept(here: House) -> None:
    async with officer(here, None) as hasty:
        await hasty.sign_in("a password in the wrong field")
    assert b"wrong field" not in (here.folder / "var" / "console.db").read_bytes()
    assert b"wrong field" not in here.log.getvalue()


# --- sessions ---


async def test_a_session_ends_when_nothing_is_done_and_at_its_longest(here: House) -> None:
    async with officer(here, "operator") as operator:
        books(here, "UPDATE sessions SET seen = seen - 16*60")
        assert (await operator.get("/")).status == 303
    async with officer(here, "operator") as operator:
        books(here, "UPDATE sessions SET since = since - 13*3600")
        assert (await operator.get("/")).status == 303


@pytest.mark.parametrize(("role", "stays"), [("operator", False), ("viewer", True)])
async def test_an_open_page_keeps_only_a_wall_signed_in(here: House, role: str, stays: bool) -> None:
    async with officer(here, None) as at:
        assert await came(at, role) == 303
        books(here, "UPDATE sessions SET seen = seen - 14*60")
        async with at.session.get(f"{here.url}/live/overview") as stream:
            assert stream.status == 200
            await stream.content.readany()
        books(here, "UPDATE sessions SET seen = seen - 2*60")
        answer = await at.get("/live/overview") if not stays else None
        assert answer is None or answer.status == 401
        assert ((await at.get("/")).status == 200) is stays


async def test_a_new_session_is_made_at_every_sign_in_and_the_old_one_is_over(here: House) -> None:
    async with officer(here, "operator") as operator:
        before = operator.cookie
        assert await came(operator, "operator") == 303
        assert operator.cookie != before
        async with aiohttp.ClientSession(cookies={"lapor_session": before}) as old:
            assert (await old.get(f"{here.url}/", allow_redirects=False)).status == 303


async def test_signing_out_everywhere_else_leaves_this_place(here: House) -> None:
    async with officer(here, "operator") as desk, officer(here, "operator") as telephone, officer(here, "viewer") as other:
        assert (await desk.get("/account")).text.count('name="key" value="') >= 2
        assert (await desk.post("/account/sessions")).status == 303
        assert (await desk.get("/")).status == 200
        assert (await telephone.get("/")).status == 303
        assert (await other.get("/")).status == 200


async def test_over_tls_the_cookie_has_the_prefix_that_nobody_else_can_set(tmp_path: Path) -> None:
    behind = SETTINGS + 'url = "https://konsol.example.go.id"\n'
    async with house(tmp_path, behind) as here, officer(here, None) as visitor:
        answer = await visitor.sign_in("viewer")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-lapor_session=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_who_is_put_out_sees_no_more_of_a_page_that_is_open(here: House) -> None:
    async with officer(here, "operator") as operator, operator.session.get(f"{here.url}/live/overview") as stream:
        await stream.content.readany()
        books(here, "DELETE FROM sessions")
        async with asyncio.timeout(60):  # it would go on for two minutes
            await stream.content.read()


# --- passwords and invitations ---


async def test_a_new_password_needs_the_old_one_and_ends_what_is_elsewhere(here: House) -> None:
    async with officer(here, "operator") as desk, officer(here, "operator") as telephone:
        for fields in (
            {"current": "not this one at all", "password": NEW, "again": NEW},
            {"current": PASSWORD, "password": NEW, "again": NEW + "!"},
            {"current": PASSWORD, "password": "pendek", "again": "pendek"},
            {"current": PASSWORD, "password": "operatoroperator", "again": "operatoroperator"},
            {},
        ):
            assert (await desk.post("/account/password", **fields)).status == 422
        assert (await desk.post("/account/password", current=PASSWORD, password=NEW, again=NEW)).status == 303
        assert "sudah diganti" in (await desk.get("/account")).text
        assert (await telephone.get("/")).status == 303
    async with officer(here, None) as back:
        assert await came(back, "operator") == 403
        assert await came(back, "operator", NEW) == 303


async def test_a_hash_of_weaker_settings_is_made_again_when_its_owner_comes(here: House) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    books(here, "UPDATE operators SET password=? WHERE name='operator'", weak)
    async with officer(here, None) as owner:
        assert await came(owner, "operator", "not this one at all") == 403
        assert books(here, "SELECT password FROM operators WHERE name='operator'") == [(weak,)]
        assert await came(owner, "operator") == 303
        assert books(here, "SELECT password FROM operators WHERE name='operator'") != [(weak,)]
        assert await came(owner, "operator") == 303


async def test_an_admin_invites_and_the_invitation_is_good_once(here: House) -> None:
    async with officer(here, "admin") as admin, officer(here, None) as rini:
        answer = await admin.post("/accounts/add", name="rini", role="operator")
        path = "/invited/" + re.findall(r"/invited/([\w-]{43})", answer.text)[0]
        assert await came(rini, "rini", "") == 403, "there is no password yet"
        assert "rini" in (await rini.get(path)).text
        assert (await rini.post(path, password=NEW, again="another one entirely")).status == 422
        assert (await rini.post(path, password=NEW, again=NEW)).status == 303
        assert (await rini.post(path, password=PASSWORD, again=PASSWORD)).status == 422
        assert (await rini.get(path)).status == 404
        assert await came(rini, "rini", NEW) == 303
        assert (await rini.get("/accounts")).status == 403
        reset = await admin.post("/accounts/reset", name="rini")
        assert (await rini.get("/")).status == 303, "who was reset is out"
        late = re.findall(r"/invited/([\w-]{43})", reset.text)[0]
        books(here, "UPDATE invitations SET until = until - 24*3600")
        assert (await rini.post(f"/invited/{late}", password=NEW, again=NEW)).status == 422


async def test_who_is_disabled_is_out_at_once(here: House) -> None:
    async with officer(here, "admin") as admin, officer(here, "operator") as operator:
        assert (await admin.post("/accounts/disable", name="operator")).status == 303
        assert (await operator.get("/")).status == 303
        assert await came(operator, "operator") == 403
        assert (await admin.post("/accounts/enable", name="operator")).status == 303
        assert await came(operator, "operator") == 303
        assert (await admin.post("/accounts/role", name="operator", role="viewer")).status == 303
        assert await came(operator, "operator") == 303
        assert "Pengamat" in (await operator.get("/account")).text


async def test_what_an_admin_cannot_do(here: House) -> None:
    before = books(here, "SELECT name, role, off FROM operators ORDER BY name")
    async with officer(here, "admin") as admin:
        for deed, fields in (
            ("role", {"name": "admin", "role": "viewer"}),
            ("disable", {"name": "admin"}),
            ("reset", {"name": "admin"}),
            ("role", {"name": "viewer", "role": "emperor"}),
            ("role", {"name": "nobody", "role": "viewer"}),
            ("add", {"name": "viewer", "role": "viewer"}),
            ("add", {"name": "<script>", "role": "viewer"}),
            ("add", {}),
        ):
            assert (await admin.post(f"/accounts/{deed}", **fields)).status == 422, (deed, fields)
    assert books(here, "SELECT name, role, off FROM operators ORDER BY name") == before


async def test_the_last_admin_stays_from_the_terminal_too(tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, room.TABLES) as file:
        accounts = Accounts(file)
        await accounts.add("siti", "admin", PASSWORD, by="test")
        await accounts.invite("tono", "admin", by="test")
        for act in (accounts.switch("siti", on=False, by="test"), accounts.set_role("siti", "viewer", by="test")):
            with pytest.raises(ValueError, match="last_admin"):
                await act


# --- the audit ---


async def test_the_audit_says_who_did_what_and_can_be_taken_along(tmp_path: Path) -> None:
    async with house(tmp_path) as here, officer(here, "admin") as admin:
        await admin.post("/accounts/add", name="rini", role="operator")
        page = await admin.get("/audit?act=operators.add&on=rini")
        assert page.text.count("<td>admin</td>") == 1
        assert "rantainya utuh" in page.text
        table = (await admin.get("/audit.csv?by=admin")).text.splitlines()
        assert table[0] == "id,at,by,act,on,words,chain"
        assert [line.split(",")[3] for line in table[1:]] == ["audit.export", "operators.add", "session.begin"]
        assert "Tidak ada baris" in (await admin.get("/audit?from=2020-01-01&to=2020-01-02")).text
        books(here, "DROP TRIGGER audit_stays")
        books(here, "UPDATE audit SET words = 'viewer' WHERE \"on\" = 'rini'")
        assert "Rantai putus" in (await admin.get("/audit")).text
