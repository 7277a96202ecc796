"""The reference servers in the foreground: what `kvgate serve` runs."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import ssl
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from kvgate.errors import InputError
from kvgate.exits import Exit
from kvgate.reference.buckets import even_table
from kvgate.reference.embedded import INTERFACES, Embedded, Ports
from kvgate.reference.geode import BEHAVIOURS
from kvgate.reference.http import Pair, basic_credential

DEFAULT_USER = "kvgate"

_BASIC_AUTH = re.compile(r"(?:(?P<user>[^:\"\\\x00-\x1f]+):)?env:(?P<name>[A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """Whom the servers let in: `password` is the reference to the secret, `credential` the header that holds it."""

    user: str
    password: str
    credential: Pair = field(repr=False)

    @property
    def toml(self) -> str:
        """As a target file says it."""
        return f'{{ basic = {{ user = "{self.user}", password = "{self.password}" }} }}'


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{self.prog}: {message}")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="kvgate serve", description="Run the reference servers until Ctrl-C or SIGTERM.", allow_abbrev=False
    )
    parser.add_argument("--interface", choices=INTERFACES, action="append", help="only this one (default: both)")
    parser.add_argument("--nodes", type=int, default=2, metavar="N", help="storage nodes behind the HA, 2 to 64")
    parser.add_argument("--reversed", action="store_true", help="a bucket table with master1 and master2 swapped")
    parser.add_argument("--geode-behaviour", default="doc", metavar="NAME", help=f"one of {', '.join(BEHAVIOURS)}")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=0, help="the HA's port; Geode takes the next, the nodes those after (0: free ones)"
    )
    parser.add_argument(
        "--basic-auth",
        metavar="[USER:]env:NAME",
        help=f"demand Basic auth: the password is in the variable NAME, the user is USER (default: {DEFAULT_USER})",
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain (PEM): serve https")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    return parser


def serve(argv: Sequence[str]) -> int:
    """Run the reference servers until interrupted, and return the exit status: 0, or 4 after one line on stderr."""
    try:
        given = _parser().parse_args(argv)
        return _serve(given)
    except InputError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE


def _serve(given: argparse.Namespace) -> int:
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    auth = None if given.basic_auth is None else basic_auth(given.basic_auth)
    credential = auth.credential if auth else None
    tls = _tls(given.tls_cert, given.tls_key)
    ports = _ports(given.port, given.nodes)
    table = even_table(given.nodes, swapped=True) if given.reversed else None
    # Before the first port is open: a signal that comes while starting ends as cleanly as one that comes later.
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with Embedded.start(
            interfaces=given.interface or INTERFACES,
            nodes=given.nodes,
            table=table,
            geode_behaviour=given.geode_behaviour,
            host=given.host,
            ports=ports,
            ha_credential=credential,
            node_credential=credential,
            geode_credential=credential,
            tls=tls,
        ) as embedded:
            print(describe(embedded, auth=auth, ca=given.tls_cert), flush=True)
            while not ended.wait(3600):  # a wait without a limit is not interrupted by signals on every system
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return Exit.CONFORMING


def describe(embedded: Embedded, *, auth: BasicAuth | None = None, ca: Path | None = None) -> str:
    """What a person needs to point the gate at `embedded`: URLs, a command line, a target file."""
    urls, options, snippet = [], [], []
    if embedded.ha:
        urls += [f"HA     {embedded.ha_url}"]
        urls += [f"node {index + 1} {url}" for index, url in enumerate(embedded.node_urls)]
        options += [f"--get2-url={embedded.ha_url}", f"--get2-nodes={','.join(embedded.node_urls)}"]
        snippet += ["[get2]", f'url = "{embedded.ha_url}"', f"nodes = {json.dumps(embedded.node_urls)}"]
        if auth:
            snippet += [f"auth = {auth.toml}", f"nodes_auth = {auth.toml}"]
        snippet.append("")
    if embedded.geode:
        roles = embedded.regions
        urls += [f"Geode  {embedded.geode_url}"]
        names = ",".join(roles[role] for role in ("data", "second", "empty"))
        options += [f"--geode-url={embedded.geode_url}", f"--geode-regions={names}"]
        inline = ", ".join(f'{role} = "{name}"' for role, name in roles.items())
        snippet += ["[geode]", f'url = "{embedded.geode_url}"', f"regions = {{ {inline} }}"]
        if auth:
            snippet.append(f"auth = {auth.toml}")
        snippet.append("")
    if ca:
        snippet += ["[tls]", f"ca = {json.dumps(str(ca))}  # or the file of the CA that signed it", ""]
    # Not pytest, which knows kvgate's options in a checkout only.
    command = "kvgate run " + " ".join(options)
    if auth or ca:
        command = "kvgate run --target=reference.toml"
    return "\n".join([*urls, "", "Ask them:", f"    {command}", "", "As a target file (reference.toml):", *snippet])


def basic_auth(given: str) -> BasicAuth:
    """What clients must prove, from `[USER:]env:NAME` where NAME holds the password. Raises InputError."""
    match = _BASIC_AUTH.fullmatch(given)
    if match is None:
        raise InputError("--basic-auth: give [USER:]env:NAME, NAME being the variable that holds the password")
    user, name = match["user"] or DEFAULT_USER, match["name"]
    password = os.environ.get(name, "")
    if not password:
        raise InputError(f"--basic-auth: the variable {name} is unset or empty: put the password there")
    return BasicAuth(user, f"env:{name}", basic_credential(user, password))


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise InputError("--tls-cert and --tls-key go together: give both")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise InputError(f"--tls-cert={certificate} --tls-key={key}: {error.strerror or error}") from error
    return context


def _ports(first: int, nodes: int) -> Ports | None:
    if first == 0:
        return None
    last = first + 1 + nodes
    if first < 0 or last > 65535:
        raise InputError(f"--port={first}: ports {first} to {last} are needed, out of 1 to 65535")
    return Ports(ha=first, geode=first + 1, nodes=tuple(range(first + 2, last + 1)))
