"""Ways to change a conforming answer into a wrong one, and what a wrong answer is meant to be caught by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from geode_answers import Change, Reply

from kvgate.wire.exchange import Fault, FaultKind


@dataclass(frozen=True)
class Wrong:
    """One fault: what is changed in which case, whom it is meant for, and who else is right to accuse."""

    name: str
    case: str
    change: Change
    meant: str
    also: str = ""
    only: str | None = None

    @property
    def accusers(self) -> set[str]:
        return {f"geode.{self.meant}", *(f"geode.{other}" for other in self.also.split())}


def elements(change: Callable[[list[str]], object]) -> Change:
    def made(reply: Reply) -> Reply:
        found = list(reply.elements)
        new = change(found)
        return replace(reply, elements=tuple(new if isinstance(new, list) else found))

    return made


def location(change: Callable[[str], str]) -> Change:
    return lambda reply: replace(reply, location=change(f"http://h/geode/v1/{reply.region}/{','.join(reply.keys)}"))


def status(code: int, body: bytes | None = None) -> Change:
    return lambda reply: replace(reply if body is None else reply.saying(body), status=code)


def missing_400(*names: str) -> Change:
    """The error that a server gives which has not found these keys."""
    return lambda reply: replace(
        reply.saying(json.dumps(f"Requested keys [{','.join(names)}] not exist in region [{reply.region}]")), status=400
    )


def element(index: int, text: str) -> Change:
    return elements(lambda found: [*found[:index], text, *found[index + 1 :]])


def values_of(*texts: str) -> Change:
    """A 200 with these elements for the keys asked for."""
    return lambda reply: replace(reply, status=200, body=None, keys=reply.asked, elements=texts)


def edit(old: str, new: str) -> Change:
    """The answer with a part of its text changed; the part has to be there."""

    def made(reply: Reply) -> Reply:
        body = reply.values().decode()
        assert old in body, body
        return reply.saying(body.replace(old, new))

    return made


def type_(*values: str) -> Change:
    return lambda reply: reply.having("Content-Type", *values)


def fault(kind: FaultKind) -> Change:
    return lambda _: Fault(kind, f"it was {kind}")


CUT = lambda reply: reply.raw()[:-5]  # noqa: E731
NULL_FIRST = elements(lambda found: sorted(found, key=lambda text: text != "null"))
SWAP = elements(lambda found: found[::-1])
STATUS = {
    "found": ("default-all-found", "status.found", "parameter.values"),
    "ignored": ("missing-middle-ignored", "status.ignored", ""),
    "missing": ("missing-middle", "status.missing", ""),
    "bad-parameter": ("bad-yes", "status.bad-parameter", ""),
    "no-region": ("no-region", "status.no-region", ""),
}
