"""The settings: what an operator may write and where, and the one line that each fault gets."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from config.settings import Listen, Settings, SettingsError, fit, load

SECRET = "r4hasia-sekali"
HERE = Path(__file__).parents[2] / "config"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of an invented channel."""

    host: str
    password: str
    port: Annotated[int, msgspec.Meta(ge=1)] = 2775
    rate_per_s: float = 0.0
    tls: bool = False
    bind: Literal["transceiver", "transmitter+receiver"] = "transceiver"
    own_numbers: tuple[str, ...] = ()
    listen: Listen = Listen("127.0.0.1", 0)

    def __post_init__(self) -> None:
        if self.tls and self.port == 2775:
            raise ValueError("port 2775 is the one without tls")


def written(folder: Path, toml: str) -> Path:
    path = folder / "gateway.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def read(folder: Path, toml: str, **environ: str) -> Settings:
    return load(written(folder, toml), environ)


def test_nothing_written_gives_the_documented_defaults() -> None:
    settings = load(None, {"PATH": "/bin", "LAPOR_UNRELATED": "1"})
    assert settings.gateway.timezone == ZoneInfo("Asia/Jakarta")
    assert settings.gateway.secret_path == Path("var/secret")
    assert (str(settings.http.public), str(settings.http.operators)) == ("127.0.0.1:8080", "127.0.0.1:8081")
    assert settings.store.url == "sqlite:///var/gateway.db"
    assert (settings.ledger.kind, settings.answers.per_sender_hour, settings.gateway.receipt_after_s) == ("embedded", 5, 60)
    assert (settings.channels, settings.keywords, settings.rehearsal) == ({}, {}, None)


def test_the_demo_file_has_a_rehearsal_and_the_line_to_it() -> None:
    settings = load(HERE / "gateway.demo.toml", {})
    assert settings.rehearsal is not None
    line = settings.channels["rehearsal"]
    assert line.kind == "sms.esme"
    assert str(settings.rehearsal.listen) == f"{line.rest['host']}:{line.rest['port']}"


def test_the_example_file_shows_every_kind_of_channel_and_a_keyword() -> None:
    settings = load(HERE / "gateway.example.toml", {})
    assert [line.kind for line in settings.channels.values() if line.enabled] == ["sms.esme", "sms.esme"]
    assert {str(line.rest.get("kind", line.kind)) for line in settings.channels.values()} == KINDS
    assert settings.keywords["TANGKAB"].region == "36.03"


#: every kind of channel that there is, by its module
KINDS = {"sms.esme", "sms.push", "email.mailbox", "web.site", "social.telegram", "social.x"}
#: what stands in a comment of the example and is an example, not what holds without it
EXAMPLES = (
    "secret_file", "base_url", "proxies", "profile", "allow_from", "fields", "success_body", "success_type", "quiet_body", "methods",
    "codings", "send_method", "send_format", "send_fields", "send_fixed", "send_accepted", "receipt_url", "receipt_fields",
    "webhook_url", "webhook_secret_file", "dkim_key_file", "workers",
)  # fmt: skip


def test_what_the_example_file_shows_in_comments_is_what_holds_without_them(tmp_path: Path) -> None:
    example = (HERE / "gateway.example.toml").read_text(encoding="utf-8").replace("enabled = false\n", "")
    shown = re.sub(rf"^# (?!(?:{'|'.join(EXAMPLES)}) = )(\w+ = )", r"\1", example, flags=re.MULTILINE)
    bare, full = read(tmp_path, example), read(tmp_path, shown)
    assert (full.gateway, full.http, full.answers, full.console) == (bare.gateway, bare.http, bare.answers, bare.console)
    assert doors(full) == doors(bare)


def test_what_the_example_file_shows_as_an_example_fits(tmp_path: Path) -> None:
    example = (HERE / "gateway.example.toml").read_text(encoding="utf-8").replace("enabled = false\n", "")
    shown = re.sub(r"^# (?!secret_file)(\w+ = )", r"\1", example, flags=re.MULTILINE)
    assert doors(read(tmp_path, shown.replace('dkim_selector = ""', 'dkim_selector = "s"'))).keys() == doors(read(tmp_path, example)).keys()


def test_the_tables_of_the_demo_file_fit_their_channels() -> None:
    assert doors(load(HERE / "gateway.demo.toml", {})).keys() == {"rehearsal", "web", "mail"}


def doors(settings: Settings) -> dict[str, msgspec.Struct]:
    """The tables of all channels as their kinds read them; secrets that lie in files are made up."""
    made: dict[str, msgspec.Struct] = {}
    for name, channel in settings.channels.items():
        kind = importlib.import_module(f"channels.{channel.kind}").Settings
        table = {
            key.removesuffix("_file"): MADE_UP.get(key, "p") if key.endswith("_file") else value for key, value in channel.rest.items()
        }
        made[name] = fit(f"channels.{name}", table, kind)
    return made


#: what lies in the files that the example names, where not every word will do
MADE_UP = {"smtp_url_file": "smtps://relay.example", "token_file": "123456:abcdefghijklmnopqrstuvwxyz0123456789"}


def test_the_environment_wins_over_the_file_whatever_its_case(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[gateway]\nname = "file"\nreceipt_after_s = 10\n[channels.tel-ko]\nkind = "sms.esme"\n[keywords]\nTangkab = { region = "1" }',
        LAPOR__GATEWAY__NAME="variable",
        lapor__gateway__receipt_after_s="2.5",
        LAPOR__CHANNELS__TEL_KO__PORT="9",
        LAPOR__KEYWORDS__TANGKAB__REGION="36.03",
    )
    assert (settings.gateway.name, settings.gateway.receipt_after_s) == ("variable", 2.5)
    assert fit("channels.tel-ko", {"host": "h", "password": "p", **settings.channels["tel-ko"].rest}, Line).port == 9
    assert settings.keywords["TANGKAB"].region == "36.03"


def test_ledgers_keep_their_order_and_may_come_from_the_environment_too(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        '[ledgers.b]\nkind = "http"\ntakes = [{ region = "32.73" }]\n[ledgers.a]\nkind = "xml"\ntakes = [{ agency = "x" }]',
        LAPOR__LEDGERS__B__URL="http://b", LAPOR__LEDGERS__C__KIND="open311", LAPOR__LEDGERS__C__TAKES='[{ classification = "aspirasi" }]',
    )  # fmt: skip
    assert [(name, each.kind, each.takes) for name, each in settings.ledgers.items()] == [
        ("b", "http", ({"region": "32.73"},)), ("a", "xml", ({"agency": "x"},)), ("c", "open311", ({"classification": "aspirasi"},)),
    ]  # fmt: skip
    assert list(settings.ledgers["b"].own.rest) == ["url"]


def test_a_channel_can_come_from_the_environment_alone() -> None:
    settings = load(None, {"LAPOR__CHANNELS__X__KIND": "sms.esme", "LAPOR__CHANNELS__X__HOST": "h", "LAPOR__CHANNELS__X__PASSWORD": "0123"})
    assert fit("channels.x", settings.channels["x"].rest, Line).password == "0123"


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("PORT", "2776", 2776),
        ("RATE_PER_S", "12.5", 12.5),
        ("TLS", "false", False),
        ("OWN_NUMBERS", '["1708", "1709"]', ("1708", "1709")),
        ("PASSWORD", "1708", "1708"),
        ("PASSWORD", "true", "true"),
        ("PASSWORD", '["a"]', '["a"]'),
        ("LISTEN", "[::1]:25", Listen("::1", 25)),
    ],
)
def test_words_take_the_type_of_their_key(key: str, words: str, value: object) -> None:
    rest = load(None, {"LAPOR__CHANNELS__X__KIND": "sms.esme", f"LAPOR__CHANNELS__X__{key}": words}).channels["x"].rest
    line = fit("channels.x", {"host": "h", "password": "p", **rest}, Line)
    assert getattr(line, key.lower()) == value


def test_a_secret_can_lie_in_a_file_and_loses_its_newline(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f" {SECRET} \n")
    line = fit("channels.x", {"host": "h", "password_file": str(tmp_path / "password")}, Line)
    assert line.password == f" {SECRET} "


def test_the_path_of_a_secret_can_come_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("7\r\n")
    environ = {"LAPOR__CHANNELS__X__KIND": "sms.esme", "LAPOR__CHANNELS__X__PASSWORD_FILE": str(tmp_path / "password")}
    assert fit("channels.x", {"host": "h", **load(None, environ).channels["x"].rest}, Line).password == "7"


def test_a_channel_that_is_off_may_be_half_written(tmp_path: Path) -> None:
    settings = read(tmp_path, "[channels.x]\nenabled = false\nkind = 3\nwhatever = 1")
    assert not settings.channels["x"].enabled


def test_no_value_shows_in_the_repr(tmp_path: Path) -> None:
    toml = f'[channels.x]\nkind = "sms.esme"\npassword = "{SECRET}"\n[ledger]\nkind = "http"\ntoken = "{SECRET}"'
    settings = read(tmp_path, toml, LAPOR__CHANNELS__X__TOKEN=SECRET)
    assert SECRET not in f"{settings!r} {settings.channels['x'].rest['token']!r}"
    assert "password" in repr(settings)


FILE_FAULTS = [
    ("[gatewy]\n", "[gatewy]: unknown table; did you mean gateway?"),
    (
        "[qqq]\n",
        "[qqq]: unknown table; known here: "
        "alerts, answers, channels, console, emergency, gateway, http, keywords, ledger, ledgers, probes, rehearsal",
    ),
    ('[http]\npubic = "x"', "[http] pubic: unknown key; did you mean public?"),
    ("name = 1", "name: stands outside of any table"),
    ("[gateway\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"),
    ("[gateway]\nname = 3", "[gateway] name: expected text, got a whole number"),
    ('[gateway]\nreceipt_after_s = "3"', "[gateway] receipt_after_s: expected a number, got text"),
    ("[gateway]\nreceipt_after_s = -1", "[gateway] receipt_after_s: expected a number >= 0.0"),
    ("[gateway]\nreceipt_after_s = inf", "[gateway] receipt_after_s: expected a finite number"),
    ('[gateway]\ntimezone = "Asia/Batavia"', "[gateway] timezone: no such time zone here"),
    ("[gateway]\ndata_dir = 5", "[gateway] data_dir: expected text"),
    ('[http]\npublic = "8080"', "[http] public: expected host:port"),
    ('[http]\npublic = "127.0.0.1:65536"', "[http] public: expected host:port"),
    ('[http]\npublic = "::1:80"', "[http] public: expected host:port"),
    ("[http]\npublic = 8080", "[http] public: expected text"),
    ('[http]\npublic = "a:1"\noperators = "a:1"', "[http]: public and operators are the same address"),
    ('[http]\nbase_url = "https://a/"', "[http] base_url: expected https://… without a slash at its end"),
    (f'[store]\nurl = "postgres://u:{SECRET}@h"', "[store] url: expected sqlite:///path or redis://host:6379/0"),
    ('[ledger]\nkind = "../os"', "[ledger] kind: expected a kind like sms.esme"),
    ("[channels.x]\n", "[channels.x] kind: missing; set it in the file, in a file named by kind_file, or in LAPOR__CHANNELS__X__KIND"),
    ("[channels]\nx = 1", "[channels] x: expected a table [channels.x]"),
    ('[channels."a b"]\nkind = "x"', "[channels.a b]: a channel's name is made of"),
    ('[ledgers.x]\nkind = "http"', "[ledgers.x] takes: missing"),
    (
        "[ledgers.x]\ntakes = [{}]",
        "[ledgers.x] kind: missing; set it in the file",
    ),
    ('[ledgers.x]\nkind = "http"\ntakes = []', "[ledgers.x] takes: expected a list of length >= 1"),
    ('[ledgers.x]\nkind = "http"\ntakes = ["32"]', "[ledgers.x] takes: expected a table, got text, in entry 1"),
    ('[ledgers.ledger]\nkind = "http"\ntakes = [{}]', "[ledgers.ledger]: this is how the one of the table [ledger] is called"),
    ("[ledgers]\nx = 1", "[ledgers] x: expected a table [ledgers.x]"),
    ('[ledgers.X]\nkind = "http"', "[ledgers.X]: a ledger's name is made of"),
    ('[channels.x]\nkind = "x"\nenabled = "no"', "[channels.x] enabled: expected true or false, got text"),
    ("[keywords]\na = {}\nA = {}", "[keywords.A]: given twice"),
    ('[keywords]\n"a b" = {}', "[keywords.a b]: a keyword is one word"),
    ('[keywords]\na = "x"', "[keywords] a: expected a table"),
    ("[keywords]\na = { regoin = 1 }", "[keywords.a] regoin: unknown key; did you mean region?"),
    ("[answers]\nper_sender_hour = 0", "[answers] per_sender_hour: expected a whole number >= 1"),
    ("[rehearsal]\n", "[rehearsal] listen: missing"),
]


@pytest.mark.parametrize(("toml", "line"), FILE_FAULTS)
def test_a_fault_in_the_file_is_one_line_that_names_table_and_key(tmp_path: Path, toml: str, line: str) -> None:
    with pytest.raises(SettingsError) as fault:
        read(tmp_path, toml)
    said = str(fault.value)
    assert line in said
    assert "\n" not in said
    assert SECRET not in said


ENVIRONMENT_FAULTS = [
    ("LAPOR__HTPP__PUBLIC", "LAPOR__HTPP__PUBLIC: there is no table [htpp]; did you mean http?"),
    ("LAPOR__HTTP__PUBIC", "[http] pubic (from LAPOR__HTTP__PUBIC): unknown key; did you mean public?"),
    ("LAPOR__HTTP", "[http]: the variable LAPOR__HTTP does not have the shape LAPOR__TABLE__KEY"),
    ("LAPOR__HTTP__PUBLIC__HOST", "[http]: the variable LAPOR__HTTP__PUBLIC__HOST does not have the shape"),
    ("LAPOR__CHANNELS__PASSWORD", "[channels]: the variable LAPOR__CHANNELS__PASSWORD does not have the shape LAPOR__TABLE__NAME__KEY"),
    ("LAPOR__CHANNELS__TELKOMSL__PASSWORD", "there is no table [channels.telkomsl]; did you mean telkomsel?"),
    ("LAPOR__ANSWERS__PER_SENDER_HOUR", "(from LAPOR__ANSWERS__PER_SENDER_HOUR): expected a whole number, got text"),
    ("LAPOR__GATEWAY__NAME_FILE", "[gateway] name_file (from LAPOR__GATEWAY__NAME_FILE): cannot read"),
]


@pytest.mark.parametrize(("variable", "line"), ENVIRONMENT_FAULTS)
def test_a_variable_that_leads_nowhere_or_does_not_fit_is_named(tmp_path: Path, variable: str, line: str) -> None:
    with pytest.raises(SettingsError) as fault:
        read(tmp_path, '[channels.telkomsel]\nkind = "sms.esme"', **{variable: "not-a-file"})
    assert line in str(fault.value)


TABLE_FAULTS: list[tuple[dict[str, object], str]] = [
    ({"password": SECRET}, "[channels.x] host: missing; set it in the file, in a file named by host_file, or in LAPOR__CHANNELS__X__HOST"),
    ({"host": "h"}, "[channels.x] password: missing"),
    ({"pasword": SECRET}, "[channels.x] pasword: unknown key; did you mean password?"),
    ({"host": "h", "password": SECRET, "password_file": "/x"}, "[channels.x] password_file: password is given too"),
    ({"host": "h", "password_file": "/no/such/file"}, "[channels.x] password_file: cannot read /no/such/file: No such file or directory"),
    ({"host": "h", "password_file": 3}, "[channels.x] password_file: expected the path of a file"),
    ({"host": "h", "password_file": ""}, "[channels.x] password_file: expected the path of a file"),
    ({"host": "h", "pasword_file": "/x"}, "[channels.x] pasword_file: unknown key"),
    ({"host": "h", "password": 1708}, "[channels.x] password: expected text, got a whole number"),
    ({"host": "h", "password": SECRET, "port": SECRET}, "[channels.x] port: expected a whole number, got text"),
    ({"host": "h", "password": SECRET, "port": True}, "[channels.x] port: expected a whole number, got true or false"),
    ({"host": "h", "password": SECRET, "bind": SECRET}, "[channels.x] bind: expected one of transceiver, transmitter+receiver"),
    ({"host": "h", "password": SECRET, "own_numbers": ["1", 2]}, "[channels.x] own_numbers: expected text, got a whole number, in entry 2"),
    ({"host": "h", "password": SECRET, "listen": {"host": "h"}}, "[channels.x] listen: expected text"),
    ({"host": "h", "password": SECRET, "tls": True}, "[channels.x]: port 2775 is the one without tls"),
]


@pytest.mark.parametrize(("values", "line"), TABLE_FAULTS)
def test_a_table_that_does_not_fit_its_module_is_named_without_its_values(values: dict[str, object], line: str) -> None:
    with pytest.raises(SettingsError) as fault:
        fit("channels.x", values, Line)
    assert str(fault.value).startswith(line)
    assert SECRET not in str(fault.value)


@pytest.mark.parametrize(("name", "words"), [("absent.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path / name, {})


@pytest.mark.parametrize("content", [b"[gateway]\nname = '\xff'", b"a = " + b"[" * 5000])
def test_a_settings_file_of_garbage_is_a_fault_and_no_crash(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "gateway.toml").write_bytes(content)
    with pytest.raises(SettingsError, match="is not"):
        load(tmp_path / "gateway.toml", {})


def test_a_secret_file_that_is_not_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "password").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        fit("channels.x", {"host": "h", "password_file": str(tmp_path / "password")}, Line)
