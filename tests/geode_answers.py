"""Builds answers to Geode cases by hand, right and wrong, and judges them: no server, no network.

The conforming answer is put together from the texts that the case stores, without any code of the suite.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kvgate.case import Ask, Case, Mark, load_cases, place
from kvgate.interface import load_profile
from kvgate.requirement import load_requirements
from kvgate.verdict import Evidence, Finding, Verdict, judge, load_checks
from kvgate.wire.exchange import Exchange, Fault, Request
from kvgate.wire.reader import read_response

MARK = Mark("kvtest")
WORDS = frozenset(map(MARK.words, load_cases("geode")))
PLACES = {"data": "orders", "second": "items", "empty": "nothing", "absent": "nowhere"}
DATE = "Wed, 21 May 2014 11:24:00 GMT"
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 500: "Server Error"}
BASE = "http://localhost:8080/geode/v1"


def text(key: str) -> str:
    """A key as the region has it."""
    return urllib.parse.unquote(key)


@dataclass(frozen=True)
class Reply:
    """An answer before it becomes bytes: what it says (keys, elements), and how (headers, body, framing).

    `keys` are spelled as in the URL, `elements` are JSON texts, `asked` and `missing` those of the question.
    """

    status: int
    region: str
    asked: tuple[str, ...]
    missing: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    location: str | None = None  # None: the true one
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"), ("Date", DATE))
    body: bytes | None = None  # None: put together from region and elements
    length: str | None = "true"  # None: chunked
    chunks: tuple[int, ...] = (7, 1, 40)
    before: bytes = b""
    after: bytes = b""
    version: str = "HTTP/1.1"
    reason: str | None = None
    closed: bool = True

    def having(self, name: str, *values: str) -> Reply:
        rest = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return replace(self, headers=(*rest, *((name, value) for value in values)))

    def saying(self, body: bytes | str) -> Reply:
        return replace(self, body=body.encode() if isinstance(body, str) else body)

    def values(self) -> bytes:
        if self.body is not None:
            return self.body
        return f"{{{json.dumps(self.region)}: [{', '.join(self.elements)}]}}".encode()

    def raw(self) -> bytes:
        body, headers = self.values(), list(self.headers)
        if self.status == 200 and self.location != "":
            where = f"{BASE}/{self.region}/{','.join(self.keys)}" if self.location is None else self.location
            headers.append(("Content-Location", where))
        if self.length is None:
            headers.append(("Transfer-Encoding", "chunked"))
            body = self._chunked(body)
        elif self.length != "none":
            headers.append(("Content-Length", str(len(body)) if self.length == "true" else self.length))
        reason = REASONS.get(self.status, "Something") if self.reason is None else self.reason
        head = "\r\n".join([f"{self.version} {self.status} {reason}", *(f"{n}: {v}" for n, v in headers), "", ""])
        return self.before + head.encode("utf-8") + body + self.after

    def _chunked(self, body: bytes) -> bytes:
        out, rest = b"", body
        for size in (*self.chunks, len(body)):
            part, rest = rest[:size], rest[size:]
            out += f"{len(part):x}\r\n".encode() + part + b"\r\n" if part else b""
        return out + b"0\r\n\r\n"


Change = Callable[[Reply], Reply | Fault | bytes]


def placed(name: str) -> Case:
    return place(load_cases("geode")[name], MARK, PLACES)


def conforming(case: Case, ask: Ask) -> Reply:
    """The plainest right answer to one question of a case."""
    facts = case.expect if "outcome" in case.expect else case.expect[ask.label]
    asked, missing, region = tuple(ask.fields["keys"]), tuple(facts.get("missing", ())), ask.fields["region"]
    role = next((role for role, name in PLACES.items() if name == region), "absent")
    if facts["outcome"] == "unjudged":
        return Reply(404, region, asked).saying(b"")
    status = facts["status"][0] if isinstance(facts["status"], list) else facts["status"]
    reply = Reply(status, region, asked, missing)
    if status == 200:
        held = {text(h.key): h.value.decode() for h in case.holdings if h.place == role}
        elements = tuple("null" if key in missing else held[text(key)] for key in asked)
        return replace(reply, keys=asked, elements=elements)
    if facts["outcome"] == "missing":
        lost = ",".join(text(key) for key in dict.fromkeys(asked) if key in missing)
        return reply.saying(json.dumps(f"Requested keys [{lost}] not exist in region [{region}]"))
    if facts["outcome"] == "bad-parameter":
        return reply.saying(json.dumps({"cause": "ignoreMissingKey is not valid"}))
    return reply.saying(json.dumps({"cause": f"The Region identified by name ({region}) could not be found!"}))


def exchange(ask: Ask, label: str, reply: Reply | Fault | bytes) -> Exchange:
    request = Request(ask.method, "/geode/v1" + ask.target)
    if isinstance(reply, Fault):
        return Exchange(label, "http://localhost:8080", request, None, reply, b"", 0, 0.0, 0.0, label)
    closed = reply.closed if isinstance(reply, Reply) else True
    raw = reply.raw() if isinstance(reply, Reply) else reply
    response, fault = read_response(raw, ask.method, closed=closed)
    return Exchange(label, "http://localhost:8080", request, response, fault, raw, len(raw), 0.0, 0.0, label)


def evidence(case: Case, change: Change | None = None, *, only: str | None = None, everywhere: bool = True) -> Evidence:
    """All answers to a case; `change` is made to those with the label `only`, or to every one."""
    made: list[Exchange] = []
    labels = [(ask, ask.label) for ask in case.asks]
    if len(case.asks) == 1:
        labels.append((case.asks[0], "again"))
    for ask, label in labels:
        reply: Reply | Fault | bytes = conforming(case, ask)
        judged = case.expect.get(label, {}).get("outcome") != "unjudged"
        if (
            change is not None
            and judged
            and isinstance(reply, Reply)
            and (only == label or (only is None and everywhere))
        ):
            reply = change(reply)
        made.append(exchange(ask, label, reply))
    return Evidence(case, tuple(made), places=PLACES, own=MARK.own(case.name, WORDS))


def findings(seen: Evidence, *, strict: bool = False) -> list[Finding]:
    catalogue, profile = load_requirements("geode"), load_profile("geode")
    checks = [
        check for check in load_checks("geode") if check.applies(load_cases("geode").get(seen.case.name, seen.case))
    ]
    return [judge(check, catalogue[check.requirement], profile, seen, strict=strict) for check in checks]


def breached(found: list[Finding]) -> Mapping[str, Finding]:
    """The findings that accuse, by requirement."""
    return {f.requirement: f for f in found if f.verdict in (Verdict.FAIL, Verdict.WARN)}
