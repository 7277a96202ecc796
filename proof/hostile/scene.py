"""Sets the scene of a behaviour: servers, certificates, and the target file that leads the gate there."""

from __future__ import annotations

import datetime
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kvgate.reference.buckets import BUCKETS, Range
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.http import Server
from kvgate.reference.hustdb import Node
from proof.hostile.behaviour import Behaviour
from proof.hostile.servers import HostileGeode, HostileHa, HostileNode, Plot, Witness

_LIMITS = {"connect": 1.0, "read": 1.0, "total": 3.0}
OTHER_HOST = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class Scene:
    """A behaviour's servers, running. `target` is the target file to ask them by.

    `strayed` is how often somebody asked the other host that servers redirect to, `left` how many keys are there now,
    `failures` how often a server of ours failed at its own part.
    """

    target: Path
    witness: Witness
    servers: tuple[Server, ...]

    @property
    def strayed(self) -> int:
        """Connections to the other host."""
        return self.witness.asked

    @property
    def left(self) -> int:
        """Keys that the servers hold, those that are down too."""
        nodes = [server for server in self.servers if isinstance(server, Node)]
        regions = [region for server in self.servers if isinstance(server, Geode) for region in server.regions.values()]
        return sum(len(node.stored()) for node in nodes) + sum(len(region) for region in regions)

    @property
    def failures(self) -> int:
        """Exceptions in the servers."""
        return sum(server.failures for server in self.servers)


@contextmanager
def scene(behaviour: Behaviour, folder: Path) -> Iterator[Scene]:
    """Starts the servers of a behaviour, writes the target file to `folder`, and stops them in the end."""
    plot, given = Plot(behaviour), behaviour.scene
    tls, trusted = _tls(given.get("tls"), folder)
    interfaces = ("get2", "geode") if given.get("swapped") else (behaviour.interface,)
    with Embedded.start(
        interfaces=interfaces,
        nodes=given.get("nodes", 2),
        table=(Range(0, BUCKETS, 0, 1),) if given.get("one_order") else None,
        tls=tls,
        make_ha=partial(HostileHa, plot=plot, role="interface"),
        make_node=partial(HostileNode, plot=plot, role="node"),
        make_geode=partial(HostileGeode, plot=plot, role="interface"),
    ) as servers:
        witness = Witness()
        servers.add(witness, host=OTHER_HOST)
        plot.other = witness.origin
        target = folder / "target.toml"
        target.write_text(_target(behaviour, servers, trusted), encoding="utf-8")
        for gone in given.get("down", ()):
            _take_down(servers, gone)
        parts = (servers.ha, servers.geode, *servers.nodes)
        yield Scene(target, witness, tuple(part for part in parts if part is not None))


def _take_down(servers: Embedded, gone: str) -> None:
    if gone == "interface":
        server = servers.ha or servers.geode
        if server is not None:
            servers.remove(server)
        return
    number = gone.removeprefix("node")
    for node in servers.nodes if number == "s" else servers.nodes[int(number) - 1 :][:1]:
        servers.remove(node)


def _target(behaviour: Behaviour, servers: Embedded, trusted: Path | None) -> str:
    given = behaviour.scene
    scheme = given.get("scheme")

    def url(text: str) -> str:
        before, _, rest = text.partition("://")
        return f"{scheme or before}://{rest.replace('127.0.0.1', given.get('host', '127.0.0.1'))}"

    swapped = given.get("swapped", False)
    table: dict[str, Any] = {}
    if behaviour.interface == "get2":
        ha = servers.geode_url.removesuffix("/geode/v1") if swapped else servers.ha_url
        table = {"url": url(ha), "nodes": [url(node) for node in servers.node_urls]}
        if "masters" in given:
            table["masters"] = given["masters"]
    else:
        geode = f"{servers.ha_url}/geode/v1" if swapped else servers.geode_url
        regions = given.get("regions") or [servers.regions[role] for role in ("data", "second", "empty")]
        table = {"url": url(geode), "regions": regions}
    tables: dict[str, Mapping[str, Any]] = {behaviour.interface: table, "limits": {**_LIMITS, **behaviour.limits}}
    if "mark" in given:
        tables["run"] = {"mark": given["mark"]}
    if trusted is not None:
        tables["tls"] = {"ca": str(trusted)}
    return "".join(_toml(name, values) for name, values in tables.items())


def _toml(name: str, values: Mapping[str, Any]) -> str:
    # JSON's texts, numbers and lists are TOML's too.
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    return f"[{name}]\n{lines}\n"


def _tls(kind: str | None, folder: Path) -> tuple[ssl.SSLContext | None, Path | None]:
    """The servers' side of TLS, and the file of the CA that the gate is told to trust."""
    if kind is None:
        return None, None
    import trustme  # noqa: PLC0415  # only these few behaviours need it

    authority, stranger = trustme.CA(), trustme.CA()
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    issuer = stranger if kind == "self-signed" else authority
    certificate = issuer.issue_cert(
        "192.0.2.1" if kind == "other-name" else "127.0.0.1",
        not_after=yesterday if kind == "expired" else None,
        not_before=yesterday - datetime.timedelta(days=30) if kind == "expired" else None,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if kind == "asks-for-a-certificate":
        context.verify_mode = ssl.CERT_REQUIRED
        stranger.configure_trust(context)
    trusted = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    return context, trusted
