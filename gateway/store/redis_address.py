"""Where a Redis is, by its URL, and which of its servers is the primary.

In: redis://, rediss:// for TLS, and each with +sentinel or +cluster. Out: host and port of the server that takes our writes. It keeps
no connection.

redis://[user:password@]host:port/db
redis+sentinel://[user:password@]host:port[,host:port …]/service/db   (user and password are Redis's)
redis+cluster://[user:password@]host:port[,host:port …]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException

from gateway.store.redis_scripts import SLOT

#: a server that does not answer for so long is lost, in seconds
ANSWER_S = 5.0
#: … and one that cannot be reached for so long
REACH_S = 2.0
PORT, SENTINEL_PORT = 6379, 26379


class Address(NamedTuple):
    """A Redis, as its URL says it."""

    scheme: str
    user: str | None
    password: str | None
    hosts: tuple[tuple[str, int], ...]
    #: the name under which Sentinel knows it
    service: str
    db: int

    def __str__(self) -> str:
        """Without the password: addresses end up in sentences."""
        return f"{self.scheme}://{','.join(f'{host}:{port}' for host, port in self.hosts)}"

    @property
    def several(self) -> bool:
        """Of more than one server: another may take over with what it has."""
        return "+" in self.scheme

    def options(self) -> Mapping[str, Any]:
        """How any of its servers is called. Nothing is tried twice: what failed may have happened."""
        return {
            "username": self.user, "password": self.password, "ssl": self.scheme.startswith("rediss"), "protocol": 2,
            "socket_timeout": ANSWER_S, "socket_connect_timeout": REACH_S, "socket_keepalive": True,
        }  # fmt: skip

    def client(self, host: str, port: int) -> Redis:
        """One of its servers."""
        return Redis(host=host, port=port, db=self.db, retry=Retry(NoBackoff(), 0), **self.options())

    async def primary(self) -> tuple[str, int]:
        """Raises redis.exceptions.RedisError or OSError."""
        if self.scheme.endswith("+sentinel"):
            return await self._by_sentinel()
        if self.scheme.endswith("+cluster"):
            return await self._by_cluster()
        return self.hosts[0]

    async def _by_sentinel(self) -> tuple[str, int]:
        secure = {name: value for name, value in self.options().items() if name not in {"username", "password"}}
        sentinel = Sentinel(self.hosts, sentinel_kwargs={**secure, "retry": Retry(NoBackoff(), 0)})  # type: ignore[no-untyped-call]  # theirs has no types
        try:
            host, port = await sentinel.discover_master(self.service)
        except MasterNotFoundError as error:
            # in their own words whole objects stand
            raise RedisConnectionError(f"no Sentinel knows a primary of {self.service}") from error
        finally:
            for each in sentinel.sentinels:
                await each.aclose()
        return str(host), int(port)

    async def _by_cluster(self) -> tuple[str, int]:
        nodes = [ClusterNode(host, port) for host, port in self.hosts]
        cluster = RedisCluster(startup_nodes=nodes, **self.options())
        try:
            await cluster.initialize()
            node = cluster.get_node_from_key(SLOT)
        except RedisClusterException as error:
            # which is no RedisError, though it says no more than that nobody is there
            raise RedisConnectionError("no node answers for our slot") from error
        finally:
            await cluster.aclose()
        if node is None:
            raise RedisConnectionError("no node answers for our slot")
        return str(node.host), int(node.port)


def address(url: str) -> Address:
    """Raises ValueError with words that do not repeat the URL, which has a password in it."""
    parts = urlsplit(url)
    where, path = parts.netloc.rpartition("@")[2], [each for each in parts.path.split("/") if each]
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    service = ""
    if parts.scheme.endswith("+sentinel"):
        if not path:
            raise ValueError("expected the name of the service behind the Sentinels: redis+sentinel://host:26379/name")
        service = path.pop(0)
    if len(path) > 1 or (path and not path[0].isdigit()) or (path and parts.scheme.endswith("+cluster")):
        raise ValueError("expected nothing but the number of the database behind the hosts; a Cluster has only one")
    standard = SENTINEL_PORT if service else PORT
    hosts = tuple(_host(each, standard) for each in where.split(","))
    if len(hosts) > 1 and not parts.scheme.endswith(("+sentinel", "+cluster")):
        raise ValueError("expected one host; several are for redis+sentinel:// and redis+cluster://")
    return Address(parts.scheme, unquote(user) or None, unquote(password) or None, hosts, service, int(path[0]) if path else 0)


def _host(written: str, standard: int) -> tuple[str, int]:
    parts = urlsplit(f"//{written}")
    try:
        port = parts.port or standard
    except ValueError:
        raise ValueError("expected a port from 1 to 65535 behind each host") from None
    if not parts.hostname:
        raise ValueError("expected host:port")
    return parts.hostname, port
