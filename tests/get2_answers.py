"""Builds answers to get2 cases by hand, right and wrong, and judges them: no server, no network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from kvgate.case import Ask, Case, Mark, load_cases, place
from kvgate.interface import load_profile
from kvgate.requirement import load_requirements
from kvgate.verdict import Evidence, Finding, Held, Situation, Verdict, judge, load_checks
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request
from kvgate.wire.reader import read_response

MARK = Mark("kvtest")
WORDS = frozenset(map(MARK.words, load_cases("get2")))
REASONS = {200: "OK", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error"}
DATE = "Thu, 19 May 2016 10:05:31 GMT"
Raw = bytes | Fault


@dataclass(frozen=True)
class Reply:
    """An answer before it becomes bytes. Content-Length is added at the end unless `length` is given (None: none)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    length: str | None = "true"
    after: bytes = b""
    version: str = "HTTP/1.1"
    reason: str | None = None
    before: bytes = b""
    chunks: tuple[int, ...] = field(default=())

    def having(self, name: str, *values: str) -> Reply:
        """The header sent once for each value, in its old place, or at the end."""
        lower = [n.lower() for n, _ in self.headers]
        at = lower.index(name.lower()) if name.lower() in lower else len(lower)
        rest = [pair for pair in self.headers if pair[0].lower() != name.lower()]
        return replace(self, headers=(*rest[:at], *((name, value) for value in values), *rest[at:]))

    def without(self, *names: str) -> Reply:
        lower = {name.lower() for name in names}
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() not in lower))

    def saying(self, body: bytes) -> Reply:
        return replace(self, body=body)

    def being(self, status: int) -> Reply:
        return replace(self, status=status)

    def value(self, name: str) -> str:
        return next(value for n, value in self.headers if n.lower() == name.lower())

    def raw(self) -> bytes:
        reason = REASONS.get(self.status, "Something") if self.reason is None else self.reason
        lines = [f"{self.version} {self.status} {reason}", *(f"{name}: {value}" for name, value in self.headers)]
        body = self.body
        if self.chunks:
            lines.append("Transfer-Encoding: chunked")
            body = self._chunked()
        elif self.length is not None:
            lines.append(f"Content-Length: {len(body) if self.length == 'true' else self.length}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return self.before + head + body + self.after

    def _chunked(self) -> bytes:
        rest, out = self.body, b""
        for size in (*self.chunks, len(self.body)):
            part, rest = rest[:size], rest[size:]
            out += f"{len(part):x}\r\n".encode() + part + b"\r\n" if part else b""
        return out + b"0\r\n\r\n"


Change = Callable[[Reply], Reply | Raw]


def placed(name: str) -> Case:
    return place(load_cases("get2")[name], MARK, {})


def situation(case: Case) -> Situation:
    held = {(h.place, h.key): Held(h.value, h.version) for h in case.holdings}
    return Situation({**{pair: Held(None) for pair in case.absent}, **held})


def right(case: Case, ask: Ask) -> Reply:
    """What a conforming server answers, worked out from what is stored and nothing else."""
    key = ask.fields["key"]
    first, second = case.held("master1", key), case.held("master2", key)
    common = (("Server", "nginx/1.9.4"), ("Date", DATE), ("Content-Type", "text/plain"), ("Connection", "keep-alive"))
    if first is None or second is None or "no_key" in case.expect:
        return Reply(404, (*common, ("Version", "0")), b"")
    versions = (("Version1", str(first.version)), ("Version2", str(second.version)))
    if first.version == second.version:
        versions = (("Version", str(first.version)),)  # type: ignore[assignment]  # one pair instead of two
    if first.value == second.value:
        return Reply(200, (*common, *versions), b"" if ask.method == "HEAD" else first.value)
    offset = ("Val-Offset", str(len(first.value)))
    body = b"" if ask.method == "HEAD" else first.value + second.value
    return Reply(409, (*common, *versions, offset), body)


def exchange(ask: Ask, answer: Reply | Raw, label: str | None = None, *, closed: bool = True) -> Exchange:
    request = Request(ask.method, ask.target, ask.headers, ask.body)
    raw = answer.raw() if isinstance(answer, Reply) else b"" if isinstance(answer, Fault) else answer
    response, trouble = (None, answer) if isinstance(answer, Fault) else _read(raw, ask.method, closed=closed)
    return Exchange(
        label or ask.label, "http://ha.example:8082", request, response, trouble, raw, len(raw), 0.0, 0.0, "1"
    )


# Of a case with one wrong answer all others are as they were with another.
_read = functools.lru_cache(maxsize=512)(read_response)


def evidence(
    case: Case,
    changes: Mapping[str, Change] | None = None,
    *,
    closed: bool = True,
    after: Situation | None = None,
) -> Evidence:
    """The case with right answers, but for those changed by label ("again" follows "first" unless named)."""
    changes = changes or {}
    made = []
    for ask in case.asks:
        change = changes.get(ask.label, _as_it_is)
        made.append(exchange(ask, change(right(case, ask)), closed=closed))
        if len(case.asks) == 1:
            again = changes.get("again", change)
            made.append(exchange(ask, again(right(case, ask)), "again", closed=closed))
    before = situation(case)
    return Evidence(case, tuple(made), before=before, after=after or before, own=MARK.own(case.name, WORDS))


def _as_it_is(reply: Reply) -> Reply:
    return reply


def findings(given: Evidence) -> dict[str, Finding]:
    catalogue, profile = load_requirements("get2"), load_profile("get2")
    found = {}
    for check in load_checks("get2"):
        if check.applies(load_cases("get2").get(given.case.name, given.case)):
            finding = judge(check, catalogue[check.requirement], profile, given, strict=False)
            found[check.requirement] = finding
    return found


def breached(given: Evidence) -> dict[str, str]:
    """The requirements that failed or warned, with what was said."""
    bad = (Verdict.FAIL, Verdict.WARN)
    return {id_: finding.told for id_, finding in findings(given).items() if finding.verdict in bad}


def being(status: int) -> Change:
    return lambda reply: reply.being(status)


def having(name: str, *values: str) -> Change:
    return lambda reply: reply.having(name, *values)


def without(*names: str) -> Change:
    return lambda reply: reply.without(*names)


def saying(body: bytes) -> Change:
    return lambda reply: reply.saying(body)


def fault(kind: FaultKind, message: str = "by hand") -> Change:
    """An exchange in which no answer came."""
    return instead(Fault(kind, message))


def instead(answer: Reply | Raw) -> Change:
    """This, whatever would be right."""

    def changed(_: Reply) -> Reply | Raw:
        return answer

    return changed
