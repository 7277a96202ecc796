"""What the tests of verdicts share: a case, a requirement, and exchanges of given bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kvgate.case import Ask, Case, Holding
from kvgate.interface import load_profile
from kvgate.level import Level
from kvgate.requirement import Requirement
from kvgate.verdict import (
    Answer,
    Breach,
    Check,
    Evidence,
    NotApplicable,
    Unjudged,
)
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request
from kvgate.wire.reader import read_response

RAW = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: 1\r\nx: 2\r\nY: \xe9\r\n\r\nok"
ASK = Ask("first", "GET", "/get2?key=k")
CASE = Case(
    "get2", "a-case", "", Level.MUST, (), "k", (Holding("one", "k", b"v", 3), Holding("one", "l", b"w")), (),
    (replace(ASK, label="second", target="/other"), ASK), {}, frozenset({"tag"}), (), "fixture",
)  # fmt: skip
REQUIREMENT = Requirement("get2.area.clause", "get2", Level.MUST, "page", "1", "It is so.")
PROFILE = replace(load_profile("get2"), raised=(), lowered=())


def exchange(raw: bytes = RAW, *, fault: FaultKind | None = None, label: str = "first") -> Exchange:
    response, _ = read_response(raw, "GET", closed=True) if raw else (None, None)
    told = Fault(fault, "it went wrong") if fault else None
    return Exchange(label, "", Request("GET", "/"), response, told, raw, len(raw), 0.0, 0.0, label)


def answer(raw: bytes = RAW, *, fault: FaultKind | None = None) -> Answer:
    return Evidence(CASE, (exchange(raw, fault=fault),)).answer()


def status(code: int) -> bytes:
    return RAW.replace(b"200", str(code).encode())


# Verdicts


def check_of(function: Callable[..., None], *arguments: str) -> Check:
    return Check("get2.area.clause", function, lambda _: True, "module", "name", arguments)


def breach() -> None:
    raise Breach("it is wrong", want="this", got="that")


def not_applicable() -> None:
    raise NotApplicable("it has no meaning here")


def unjudged() -> None:
    raise Unjudged("there was no server")
