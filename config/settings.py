"""Every setting of the gateway, as the wiring reads it.

In: a TOML file (or none), over it the environment (`LAPOR__HTTP__PUBLIC`), and the files that keys like `password_file` name.
Out: `Settings`, or one `SettingsError`. It opens no database and no socket, and does not know what a channel's own keys mean: the
wiring asks `fit` for the `Settings` struct of the module that a channel's `kind` names.

Why msgspec and not pydantic-settings: the records that cross the wire are msgspec structs already, so there is one validator to know;
`python -m gateway status` need not wait half a second for an import; and a mistyped variable is a fault here, where it would be
silently ignored there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec

from config.alerts import AlertSettings
from config.answers import AnswerSettings, EmergencySettings
from config.console import ConsoleSettings
from config.fault import SettingsError, nearest
from config.fit import FILE, S, fit
from config.probes import ProbeSettings
from config.sources import Raw, Table, overlay, read_toml
from config.store import StoreSettings

__all__ = [
    "AnswerSettings", "ChannelSettings", "ConsoleSettings", "EmergencySettings", "GatewaySettings", "HttpSettings", "Keyword",
    "LedgerSettings", "Listen", "NamedLedger", "RehearsalSettings", "RuleSettings", "Settings", "SettingsError", "StoreSettings", "fit",
    "load",
]  # fmt: skip

#: what a channel or a ledger may be called: the name stands in metrics, in logs and in the names of variables
NAME = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
#: the tables whose tables have names of the operator's own
NESTED = ("channels", "keywords", "ledgers")


class Listen(msgspec.Struct, frozen=True):
    """An address to listen on; port 0 takes any free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Listen:
        """`127.0.0.1:8080`, `[::1]:8080`, `localhost:0`."""
        host, _, port = text.rpartition(":")
        bare = host.removeprefix("[").removesuffix("]")
        if not bare or (":" in bare) != (host != bare) or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
            raise ValueError('expected host:port, like "127.0.0.1:8080" or "[::1]:8080"')
        return cls(bare, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """[gateway]"""

    name: Annotated[str, msgspec.Meta(min_length=1)] = "lapor-gateway"
    #: relative to the working directory
    data_dir: Path = Path("var")
    #: "" is data_dir/secret
    secret_file: str = ""
    timezone: ZoneInfo = ZoneInfo("Asia/Jakarta")
    #: a citizen hears this soon that the complaint is safe when the ledger has not registered it yet
    receipt_after_s: Annotated[float, msgspec.Meta(ge=0)] = 60

    @property
    def secret_path(self) -> Path:
        """Where the key lies from which references are derived."""
        return Path(self.secret_file) if self.secret_file else self.data_dir / "secret"


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[http]"""

    #: what citizens and providers may reach
    public: Listen = Listen("127.0.0.1", 8080)
    #: what only operators may reach: the console, /metrics, /healthz, /readyz
    operators: Listen = Listen("127.0.0.1", 8081)
    #: the same of a process that runs with `--only workers`; None: it serves nothing
    workers: Listen | None = None
    #: how the public address is written in answers, without a slash at its end; "" when there is none
    base_url: Annotated[str, msgspec.Meta(pattern=r"^$|^https?://\S*[^\s/]$", description="https://… without a slash at its end")] = ""
    #: with which /metrics and /readyz are asked from another machine; "": only from this one
    metrics_token: Annotated[str, msgspec.Meta(pattern="^$|^.{16}", description="16 characters or more")] = ""
    #: networks of our own proxies, which say in X-Forwarded-For for whom they call
    proxies: tuple[str, ...] = ()

    @property
    def trusted(self) -> list[IPv4Network | IPv6Network]:
        """`proxies`, read."""
        return [ip_network(proxy) for proxy in self.proxies]

    def __post_init__(self) -> None:
        """Two doors cannot share one address."""
        if self.public == self.operators and self.public.port:
            raise ValueError("public and operators are the same address; operators must have one of their own")
        for proxy in self.proxies:
            try:
                ip_network(proxy)
            except ValueError as error:
                raise ValueError('proxies: expected addresses or networks, like "10.0.0.0/8"') from error


#: the name of a module, below the room that holds its like
Kind = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", description="a kind like sms.esme")]


class LedgerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[ledger]; the wiring fits `rest` to the struct of the ledger that `kind` names."""

    kind: Kind = "embedded"
    #: with which it signs what it tells us at /ledger/events; "": it may not
    events_secret: Annotated[str, msgspec.Meta(pattern="^$|^.{16}", description="16 characters or more")] = ""
    #: what its words mean, over the meanings that come with the gateway
    states: dict[str, str] = {}
    #: seconds between two questions about the same complaint; 0: it is not asked; left out, as its kind has it
    poll_s: Annotated[float, msgspec.Meta(ge=0)] | None = None
    rest: Mapping[str, object] = Raw({})

    def __repr__(self) -> str:
        """Without a secret: settings end up in tracebacks."""
        return f"LedgerSettings(kind={self.kind!r})"


class NamedLedger(msgspec.Struct, frozen=True, kw_only=True):
    """What [ledgers.<name>] must say: `kind`, and `takes`, of which the wiring fits each to the struct of a rule."""

    kind: Kind
    #: a complaint that one of these rules fits goes there
    takes: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(min_length=1)]
    #: all of it but `takes`, as in [ledger]
    own: LedgerSettings = LedgerSettings()


class ChannelSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[channels.<name>]; the wiring fits `rest` to the `Settings` of the module `channels.<kind>`."""

    #: "off" when not enabled
    kind: Kind
    enabled: bool = True
    rest: Mapping[str, object] = Raw({})


class Keyword(msgspec.Struct, frozen=True, kw_only=True):
    """[keywords.<WORD>]: what an SMS that opens with this word says about its place or its agency."""

    region: str = ""
    agency: str = ""


class RuleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[rules]"""

    #: by which complaints are classified; "" is the file that comes with the gateway
    file: str = ""


class RehearsalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """[rehearsal]: a simulated SMSC inside the gateway's process; never beside a real operator."""

    listen: Listen


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Channels that are not `enabled` are here too, unread."""

    gateway: GatewaySettings = GatewaySettings()
    http: HttpSettings = HttpSettings()
    store: StoreSettings = StoreSettings()
    ledger: LedgerSettings = LedgerSettings()
    #: in the order in which they are asked whether they take a complaint; what none takes goes to `ledger`
    ledgers: dict[str, NamedLedger] = {}
    channels: dict[str, ChannelSettings] = {}
    #: by the word in capitals
    keywords: dict[str, Keyword] = {}
    answers: AnswerSettings = AnswerSettings()
    alerts: AlertSettings = AlertSettings()
    emergency: EmergencySettings = EmergencySettings()
    rules: RuleSettings = RuleSettings()
    rehearsal: RehearsalSettings | None = None
    console: ConsoleSettings = ConsoleSettings()
    probes: ProbeSettings = ProbeSettings()


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (None: defaults only) with the environment over them. Raises SettingsError."""
    tables = read_toml(path) if path else {}
    known = Settings.__struct_fields__
    for table in tables:
        if table not in known:
            raise SettingsError(table, "", f"unknown table; {nearest(table, known)}")
    overlay(tables, environ, nested=NESTED, known=known)
    return Settings(
        gateway=fit("gateway", tables.get("gateway", {}), GatewaySettings),
        http=fit("http", tables.get("http", {}), HttpSettings),
        store=fit("store", tables.get("store", {}), StoreSettings),
        ledger=_split("ledger", tables.get("ledger", {}), LedgerSettings),
        ledgers=_ledgers(tables.get("ledgers", {})),
        channels=_channels(tables.get("channels", {})),
        keywords=_keywords(tables.get("keywords", {})),
        answers=fit("answers", tables.get("answers", {}), AnswerSettings),
        alerts=fit("alerts", tables.get("alerts", {}), AlertSettings),
        emergency=fit("emergency", tables.get("emergency", {}), EmergencySettings),
        probes=fit("probes", tables.get("probes", {}), ProbeSettings),
        rules=fit("rules", tables.get("rules", {}), RuleSettings),
        console=fit("console", tables.get("console", {}), ConsoleSettings),
        rehearsal=fit("rehearsal", tables["rehearsal"], RehearsalSettings) if "rehearsal" in tables else None,
    )


def _split(table: str, values: Mapping[str, object], into: type[S]) -> S:
    """The keys that we know, and `rest` for the module that `kind` names."""
    known = set(into.__struct_fields__) - {"rest"}
    ours = {key: value for key, value in values.items() if key in known or key.removesuffix(FILE) in known}
    rest = Raw({key: value for key, value in values.items() if key not in ours})
    return msgspec.structs.replace(fit(table, ours, into), rest=rest)


def _named(room: str, name: str, values: object) -> Table:
    """A table [channels.<name>] or [ledgers.<name>], its name fit for metrics."""
    table = f"{room}.{name}"
    if not NAME.fullmatch(name):
        raise SettingsError(table, "", f"a {room[:-1]}'s name is made of a-z, 0-9, and single - or _ between them")
    if not isinstance(values, dict):
        raise SettingsError(room, name, f"expected a table [{table}]")
    return values


def _ledgers(tables: Table) -> dict[str, NamedLedger]:
    ledgers: dict[str, NamedLedger] = {}
    for name, values in tables.items():
        table = f"ledgers.{name}"
        if name == "ledger":
            raise SettingsError(table, "", "this is how the one of the table [ledger] is called; choose another name")
        own = _named("ledgers", name, values)
        must = fit(table, {key: own[key] for key in ("kind", "takes") if key in own}, NamedLedger)
        rest = {key: value for key, value in own.items() if key != "takes"}
        ledgers[name] = msgspec.structs.replace(must, own=_split(table, rest, LedgerSettings))
    return ledgers


def _channels(tables: Table) -> dict[str, ChannelSettings]:
    channels: dict[str, ChannelSettings] = {}
    for name, found in tables.items():
        table, values = f"channels.{name}", _named("channels", name, found)
        # a door that is switched off may be half written: nothing of it is judged but the switch
        switch = {"kind": "off"} | {key: value for key, value in values.items() if key == "enabled"}
        if fit(table, switch, ChannelSettings).enabled:
            channels[name] = _split(table, values, ChannelSettings)
        else:
            channels[name] = ChannelSettings(kind="off", enabled=False, rest=Raw(values))
    return channels


def _keywords(tables: Table) -> dict[str, Keyword]:
    keywords: dict[str, Keyword] = {}
    for name, values in tables.items():
        table, word = f"keywords.{name}", name.upper()
        if len(word.split()) != 1 or word in keywords:
            raise SettingsError(table, "", "given twice; capitals make no difference" if word in keywords else "a keyword is one word")
        if not isinstance(values, dict):
            raise SettingsError("keywords", name, 'expected a table, like { region = "…" } or { agency = "…" }')
        keywords[word] = fit(table, values, Keyword)
    return keywords
