"""Our client against GeoReport v2: what it sends is what the specification has, and it reads what servers publish.

The answers are shapes that the specification shows or that servers in use give, made anew with invented contents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from aiohttp import web

from channels.base import Refused, Unavailable
from forwarder import open311_ledger
from forwarder.ledger import Registration
from forwarder.open311_answers import Attribute, Created, attributes, created, endpoint, identity, requested_at, rows, wants_more
from forwarder.open311_ledger import Open311Ledger
from forwarder.reply import Reply
from normalizer.complaint import Inferred, Location, Reporter
from tests.fakes.open311 import KEY, FakeOpen311
from tests.forwarder.records import AT, complaint, reference
from tests.georeport.spec import METHODS, answer_faults, method, request_faults

XML = '<?xml version="1.0" encoding="utf-8"?>\n'
WORDS = 'jalan rusak & berlubang +\n"50 cm" ꦗꦭꦤ꧀ 😡 <b>'


class Auditor:
    """Holds each request and each answer against the specification."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def watch(self, request: web.Request, body: bytes, response: web.StreamResponse) -> None:
        """One of each."""
        asked = method(request.method, request.rel_url.raw_path.removeprefix("/v2"))
        self.seen.add(asked.section)
        sent = body.decode("ascii") if asked.verb == "POST" else request.rel_url.raw_query_string
        self.faults += request_faults(asked, sent, request.headers.get("Content-Type", ""))
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        self.faults += answer_faults(asked, response.body, response.headers["Content-Type"])


def opened(fake: FakeOpen311, **keys: Any) -> Open311Ledger:
    attributed = {"KODE": "{reference}", "JENIS": "mati", "TANGGAL": "{incident_date}"}
    given: dict[str, Any] = {
        "discovery": fake.discovery, "api_key": KEY, "service": "lampu", "attributes": attributed, "jurisdiction_id": "kota.example",
        "account_id": "gerbang", "timeout_s": 5.0, "listed_after_s": 0.0,
    }  # fmt: skip
    return open311_ledger.ledger("kota", open311_ledger.Settings(**(given | keys)), Path("unused"), lambda: datetime.now(UTC))


@pytest.mark.parametrize("answers", ["id", "token", "nothing"])
@pytest.mark.parametrize("form", ["json", "xml"])
async def test_whatever_we_send_is_of_the_specification(form: Literal["json", "xml"], answers: Literal["id", "token", "nothing"]) -> None:
    auditor = Auditor()
    reporter = Reporter(kind="mail", address="sari@warga.example", name="Sari Wulandari")
    record = msgspec.structs.replace(
        complaint(1, WORDS * 300), reporter=reporter, location=Inferred(value=Location(text="RT 2\nRW 3, Jalan Melati")),
        incident_date=Inferred(value=date(2026, 10, 31)),
    )  # fmt: skip
    async with FakeOpen311(form, answers=answers) as fake:
        fake.patience = 0
        fake.server.watch = auditor.watch
        ledger = opened(fake)
        await ledger.probe()
        (answer,) = await ledger.register([record])
        # searched for longer than one question may span
        found = await ledger.find(reference(1), AT - timedelta(days=300))
        assert isinstance(found, Registration)
        if answers != "nothing":
            assert answer == msgspec.structs.replace(found, registered_at=answer.registered_at if isinstance(answer, Registration) else AT)
        await ledger.standing(reference(1), found)
        await ledger.close()
    assert auditor.faults == []
    never = {"GET service_request_id from a token"} if answers != "token" else set()
    assert auditor.seen == {one.section for one in METHODS} - never


async def test_several_values_go_under_one_name_with_brackets() -> None:
    auditor = Auditor()
    async with FakeOpen311("xml") as fake:
        fake.server.watch = auditor.watch
        ledger = opened(fake, service="taman", attributes={"JENIS": ["pohon", "bangku"]})
        (answer,) = await ledger.register([complaint(1)])
        await ledger.close()
    assert isinstance(answer, Registration)
    assert auditor.faults == []


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        ("api_key=k&service_code=1&description=banjir", "no full location parameter"),
        ("api_key=k&service_code=1&lat=-7.8", "no full location parameter"),
        ("api_key=k&address_string=a", "service_code or api_key is missing"),
        ("api_key=k&service_code=1&address_string=a&attribute=1", ""),
        ("api_key=k&service_code=1&address_string=a&attribute[A]=1&attribute[A]=2", "several values for one: attribute[A]"),
        ("api_key=k&service_code=1&address_string=a&attribute[A][]=1&attribute[A][]=2", ""),
        ("api_key=k&service_code=1&address_string=a&attribute[]=1", "no form of an attribute: attribute[]"),
        ("api_key=k&service_code=1&address_string=a&judul=b", "no argument of POST Service Request: judul"),
    ],
)
def test_the_description_of_the_specification_tells_right_from_wrong(sent: str, fault: str) -> None:
    asked = method("POST", "/requests.xml")
    said = list(request_faults(asked, sent, "application/x-www-form-urlencoded; charset=utf-8"))
    assert said == ([fault] if fault else [])


# --- what servers publish ---


def reply(body: str, status: int = 200) -> Reply:
    return Reply(status, "text/xml" if body.lstrip().startswith("<") else "application/json", "", body.encode())


def one_request(fields: str) -> str:
    return f"{XML}<service_requests><request>{fields}</request></service_requests>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # POST Service Request, Example response
        (one_request("<service_request_id>4711</service_request_id><service_notice>\n Ya.\n</service_notice><account_id/>"), "4711"),
        ('[{"service_request_id":4711,"service_notice":"Ditangani.","account_id":null}]', "4711"),
        # "" is the same as nothing (Optional Arguments)
        ('[{"service_request_id":"4711","token":""}]', "4711"),
        (one_request("<service_request_id> 4711\n</service_request_id><token></token>"), "4711"),
        # ids of servers in use: with hyphens, of letters, counted from nought, alone and not in a list
        ('[{"service_request_id":"26-00001234"}]', "26-00001234"),
        ('[{"service_request_id":"5f0c1b2a9e8d7c6b5a493827"}]', "5f0c1b2a9e8d7c6b5a493827"),
        ('[{"service_notice":"Ditangani.","service_request_id":0}]', "0"),
        ('{"service_request_id":"4711"}', "4711"),
        # XML Support: a namespace, when it must be, is the address of the specification
        (f'{XML}<service_requests xmlns="http://wiki.open311.org/GeoReport_v2"><request><service_request_id>4711</service_request_id>'
         "</request></service_requests>", "4711"),
        (f'{XML}<service_requests type="array"><request><service_request_id type="integer">4711</service_request_id></request>'
         "</service_requests>", "4711"),
    ],
)  # fmt: skip
def test_an_id_is_read_in_every_shape(body: str, expected: str) -> None:
    assert created(reply(body, 201), AT) == Created(id=expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (one_request("<token>777</token>"), Created(token="777")),
        ('[{"token":777}]', Created(token="777")),
        # GET service_request_id from a token, Example response: both
        ('[{"service_request_id":4711,"token":777}]', Created(id="4711", token="777")),
        ('[{"service_request_id":null,"token":"777"}]', Created(token="777")),
        ("[]", Created()),
        (f"{XML}<service_requests/>", Created()),
    ],
)
def test_a_token_is_read_with_and_without_its_id(body: str, expected: Created) -> None:
    assert created(reply(body), AT) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, f"{XML}<errors><error><code>400</code><description>alamat kurang</description></error></errors>", "alamat kurang"),
        (400, '[{"code":400,"description":"alamat kurang"}]', "alamat kurang"),
        # the code may say more than the status (Errors), and there may be several
        (400, '[{"code":"E-7","description":"alamat kurang"},{"code":1,"description":"nama kurang"}]', "alamat kurang; nama kurang"),
        (400, "{}", ""),
    ],
)
def test_a_refusal_is_told_with_all_its_reasons(status: int, body: str, expected: str) -> None:
    with pytest.raises(Refused) as refused:
        created(reply(body, status), AT)
    assert (refused.value.code, refused.value.words) == (f"http_{status}", expected)


@pytest.mark.parametrize(("status", "code"), [(403, "unauthorized"), (404, "http_404")])
def test_a_wrong_key_or_a_wrong_code_is_ours_to_mend(status: int, code: str) -> None:
    with pytest.raises(Unavailable) as failed:
        created(reply('[{"code":403,"description":"api_key"}]', status), AT)
    assert (failed.value.code, failed.value.unsure) == (code, False)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-20T08:15:30+07:00", datetime(2026, 11, 20, 1, 15, 30, tzinfo=UTC)),
        ("2026-11-20T01:15:30Z", datetime(2026, 11, 20, 1, 15, 30, tzinfo=UTC)),
        ("2026-11-20T01:15:30.125Z", datetime(2026, 11, 20, 1, 15, 30, 125000, tzinfo=UTC)),
        ("2026-11-20T08:15:30+0700", datetime(2026, 11, 20, 1, 15, 30, tzinfo=UTC)),
        # without a zone it is no date of the specification
        ("2026-11-20T08:15:30", None),
        ("20/11/2026", None),
        ("", None),
    ],
)
def test_dates_are_read_with_their_zone(written: str, expected: datetime | None) -> None:
    assert requested_at({"requested_datetime": written}) == expected


def test_a_list_with_fields_of_its_servers_own_is_read() -> None:
    extended = """[{"service_request_id":"26-00001234","status":"open","service_name":"Lampu","service_code":"4fd3b656e750846c53000004",
        "description":"Kode laporan: x","requested_datetime":"2026-11-20T08:15:30+07:00","lat":-7.86,"long":111.46,"media_url":null,
        "attributes":{"DIMANA":"JALAN"},"extended_attributes":{"channel":"phone","photos":[{"media_url":"http://foto.example/1"}]},
        "notes":[{"datetime":"2026-11-20T08:16:00+07:00","summary":"Dibuka","type":"opened"}]}]"""
    (row,) = rows(reply(extended), AT)
    assert (identity(row), row["description"]) == ("26-00001234", "Kode laporan: x")


# --- services and discovery ---


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('"metadata":true', True), ('"metadata":"true"', True), ('"metadata":"TRUE"', True), ('"metadata":"True"', True),
        ('"metadata":false', False), ('"metadata":"false"', False), ('"metadata":null', False), ('"x":1', False),
    ],
)  # fmt: skip
def test_whether_a_service_wants_more_is_read_in_every_spelling(fields: str, expected: bool) -> None:
    (row,) = rows(reply(f'[{{"service_code":1,{fields}}}]'), AT)
    assert wants_more(row) is expected


DEFINITIONS: Mapping[str, str] = {
    "json": '{"service_code":"LAMPU","attributes":[{"variable":true,"code":"JENIS","datatype":"singlevaluelist","required":true,'
    '"datatype_description":null,"order":1,"description":"?","values":[{"key":123,"name":"Mati"},{"key":124,"name":"Redup"}]},'
    '{"variable":"true","code":"BAGIAN","datatype":"multivaluelist","required":"false","order":2,"description":"?",'
    '"values":[{"key":"a","name":"A"}]},{"variable":false,"code":"INFO","datatype":"string","required":true,"order":3,"description":"!"}]}',
    "xml": f"{XML}<service_definition><service_code>LAMPU</service_code><attributes><attribute><variable>true</variable><code>JENIS</code>"
    "<datatype>singlevaluelist</datatype><required>true</required><datatype_description></datatype_description><order>1</order>"
    "<description>?</description><values><value><key>123</key><name>Mati</name></value><value><key>124</key><name>Redup</name></value>"
    "</values></attribute><attribute><variable>true</variable><code>BAGIAN</code><datatype>multivaluelist</datatype><required>false"
    "</required><order>2</order><description>?</description><values><value><name>A</name><key>a</key></value></values></attribute>"
    "<attribute><variable>false</variable><code>INFO</code><datatype>string</datatype><required>true</required><order>3</order>"
    "<description>!</description></attribute></attributes></service_definition>",
}


@pytest.mark.parametrize("form", DEFINITIONS)
def test_a_definition_is_read_with_its_values(form: str) -> None:
    assert attributes(reply(DEFINITIONS[form]), AT) == [
        Attribute("JENIS", True, False, frozenset({"123", "124"})),
        Attribute("BAGIAN", False, True, frozenset({"a"})),
    ]


def _endpoint(kind: str, formats: str, version: str = "v2") -> str:
    return (
        f'{{"specification":"http://wiki.open311.org/GeoReport_{version}","url":"http://kota.example/{kind}/{version}/",'
        f'"changeset":"2026-11-20 09:01","type":"{kind}","formats":[{formats}]}}'
    )


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ([_endpoint("test", '"text/xml"'), _endpoint("production", '"text/xml"')], ("http://kota.example/production/v2", False)),
        ([_endpoint("production", '"text/xml","application/json"')], ("http://kota.example/production/v2", True)),
        (
            [_endpoint("production", '"text/xml"', "v3"), _endpoint("production", '"text/xml"')],
            ("http://kota.example/production/v2", False),
        ),
    ],
)
def test_discovery_leads_to_the_production_endpoint_of_version_2(endpoints: list[str], expected: tuple[str, bool]) -> None:
    document = f'{{"changeset":"2026-11-20 09:01","contact":"-","key_service":"-","endpoints":[{",".join(endpoints)}]}}'
    assert endpoint(reply(document), AT) == expected
