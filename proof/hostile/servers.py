"""The reference's servers, made to misbehave where a behaviour says so, and a witness whom nobody may ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kvgate.reference.geode import Geode
from kvgate.reference.http import Answer, Connection, Request, Response, Server
from kvgate.reference.hustdb import Ha, Node
from proof.hostile.behaviour import Behaviour
from proof.hostile.deeds import DEEDS, Hit

_CONTROLS = {"get2": 1, "geode": 2}


class Plot:
    """Decides which requests of a run are struck. Touched by the servers' one thread only."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.other = ""
        self._controls: list[str] = []
        self._asked: set[str] = set()
        self._nodes = 0
        self._met = 0

    def number(self, role: str) -> int:
        """The number of a server that begins its part: of a storage node from 1, else 0."""
        self._nodes += role == "node"
        return self._nodes if role == "node" else 0

    def strikes(self, role: str, request: Request, number: int = 0) -> bool:
        """Whether this request, to the storage node of this number, is struck; counts it."""
        behaviour = self.behaviour
        kinds = {kind_of(role, request), "everything"}
        if "questions" in kinds:
            if self._is_control(request.target) and not behaviour.control:
                return False
            if request.target in self._asked:
                kinds.add("again")
            self._asked.add(request.target)
        if not behaviour.deed or behaviour.on not in kinds or not self._is_meant(role, number):
            return False
        return self._is_next()

    def strikes_connection(self, role: str, number: int = 0) -> bool:
        """Whether a connection is struck as soon as it is there; counts it."""
        return self.behaviour.on == "connections" and self._is_meant(role, number) and self._is_next()

    def _is_meant(self, role: str, number: int) -> bool:
        behaviour = self.behaviour
        return role == (behaviour.role or "interface") and behaviour.number in (0, number)

    def _is_next(self) -> bool:
        self._met += 1
        past = self._met - self.behaviour.after
        return past > 0 and (past - 1) % self.behaviour.every == 0

    def _is_control(self, target: str) -> bool:
        # The control is asked before anything else, and under keys of its own.
        if target not in self._controls and len(self._controls) < _CONTROLS[self.behaviour.interface]:
            self._controls.append(target)
        return target in self._controls


def kind_of(role: str, request: Request) -> str:
    """What a request is for: a question, the table, a read or a write of the seeding, or a removal."""
    if role == "node":
        return {"/hustdb/put": "writes", "/hustdb/del": "removals"}.get(request.path, "reads")
    if request.path == "/get_table":
        return "table"
    if request.method in ("PUT", "POST") and request.header("Content-Type"):
        return "writes"
    if request.method == "DELETE":
        return "removals"
    # Seeding asks for a key it has removed with the header of its writes.
    return "reads" if request.header("Content-Type") else "questions"


if TYPE_CHECKING:
    _Base = Server
else:
    _Base = object


class Hostile(_Base):
    """One step before each of a reference server's own: is this request struck?"""

    def __init__(self, *args: Any, plot: Plot, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plot, self._role, self._number = plot, role, plot.number(role)
        self._struck: set[tuple[int, int]] = set()

    def connected(self, connection: Connection) -> bool:
        """Does to a connection what the deed says: ignores, closes or resets it."""
        if not self._plot.strikes_connection(self._role, self._number):
            return super().connected(connection)
        deed = self._plot.behaviour.deed
        if deed == "reset":
            connection.reset()
        elif deed == "close":
            connection.close()
        elif deed == "say":
            connection.write(str(self._plot.behaviour.options["sends"]).encode("latin-1"))
        return False

    def handle(self, request: Request) -> Answer:
        """Lets the request be carried out, or only pretends to."""
        if not self._plot.strikes(self._role, request, self._number):
            return super().handle(request)
        self._struck.add((request.connection, request.sequence))
        if not self._plot.behaviour.carried_out:
            return self.plain(200) if self._role == "interface" else Response(200, "OK", (("Version", "1"),))
        stored = self._plot.behaviour.options.get("stores")
        return super().handle(request if stored is None else replace(request, body=stored.encode("utf-8")))

    def send(self, connection: Connection, request: Request, response: Response) -> Awaitable[None] | None:
        """The conforming answer, or the deed."""
        if (request.connection, request.sequence) not in self._struck:
            return super().send(connection, request, response)
        behaviour = self._plot.behaviour
        hit = Hit(self, connection, request, response, behaviour.options, self._plot.other)
        return DEEDS[behaviour.deed](hit)


class HostileHa(Hostile, Ha):
    """An HA that misbehaves."""


class HostileNode(Hostile, Node):
    """A storage node that misbehaves."""


class HostileGeode(Hostile, Geode):
    """A Geode that misbehaves."""


class Witness(Server):
    """A server on another host that redirects point to; `asked` counts who came."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self._lock = threading.Lock()

    def connected(self, connection: Connection) -> bool:
        """Counts, and answers nothing."""
        with self._lock:
            self.asked += 1
        asyncio.get_running_loop().call_soon(connection.close)
        return False
