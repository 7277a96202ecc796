"""What a hostile server does to a request: coroutines that put bytes on the wire, by the names that the data uses."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kvgate.reference.http import Connection, Request, Response, Server
from kvgate.reference.hustdb import Ha, Node

_LONG = 3600.0
_FLOOD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Hit:
    """A request that is struck. `response` is what a conforming server would answer; `options` are the behaviour's.

    `other` is the origin of a server that nobody may ask.
    """

    server: Server
    connection: Connection
    request: Request
    response: Response
    options: Mapping[str, Any]
    other: str

    @property
    def conforming(self) -> bytes:
        """The bytes of the conforming answer."""
        return self.server.encode(self.request, self.response)

    def cut(self, stage: str) -> bytes:
        """The conforming answer as far as a stage: "request" (nothing yet), "head" or "body" (half of it)."""
        whole = self.conforming
        head = whole.index(b"\r\n\r\n") + 4
        ends = {"request": 0, "head": head // 2, "headers": head, "body": head + max(1, (len(whole) - head) // 2)}
        return whole[: ends[stage]]

    def literal(self, text: str) -> bytes:
        """Bytes written down in the data, each character one byte (UTF-8 beyond), with who is asked filled in."""
        filled = text.replace("@OTHER@", self.other).replace("@SELF@", self.server.origin)
        filled = filled.replace("@TARGET@", self.request.target).replace("@ADDRESS@", self.server.address)
        try:
            return filled.encode("latin-1")
        except UnicodeEncodeError:
            return filled.encode("utf-8")


Deed = Callable[[Hit], Awaitable[None]]
DEEDS: dict[str, Deed] = {}


def _deed(deed: Deed) -> Deed:
    DEEDS[deed.__name__] = deed
    return deed


# Silence and haste.


@_deed
async def hang(hit: Hit) -> None:
    """Goes silent at a stage of the answer, and stays there."""
    hit.connection.write(hit.cut(hit.options.get("stage", "request")))
    await asyncio.sleep(_LONG)


@_deed
async def reset(hit: Hit) -> None:
    """Resets the connection at a stage of the answer."""
    hit.connection.write(hit.cut(hit.options["stage"]))
    # What was written has to leave before the reset throws it away.
    await asyncio.sleep(0.02)
    hit.connection.reset()


@_deed
async def close(hit: Hit) -> None:
    """Closes the connection at a stage of the answer."""
    hit.connection.write(hit.cut(hit.options["stage"]))
    hit.connection.close()


@_deed
async def drip(hit: Hit) -> None:
    """Sends the conforming answer in pieces, with a pause before each."""
    whole, size = hit.conforming, hit.options.get("size", 1)
    for start in range(0, len(whole), size):
        await asyncio.sleep(hit.options["pause"])
        if hit.connection.closed:
            return
        hit.connection.write(whole[start : start + size])


@_deed
async def delay(hit: Hit) -> None:
    """Answers well, and late."""
    await asyncio.sleep(hit.options["seconds"])
    hit.connection.write(hit.conforming)


# Bytes.


@_deed
async def comply(hit: Hit) -> None:
    """Answers as a conforming server would; the mischief is elsewhere."""
    hit.connection.write(hit.conforming)


@_deed
async def say(hit: Hit) -> None:
    """Sends bytes written down in the data (`head`, `body` after its Content-Length), then closes or `stays`."""
    data = hit.literal(hit.options["sends"])
    if "body" in hit.options:
        body = hit.literal(hit.options["body"])
        data += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    hit.connection.write(data)
    if not hit.options.get("stays"):
        hit.connection.close()


@_deed
async def flood(hit: Hit) -> None:
    """Sends `sends` and then `piece` over and over, as fast as it is taken."""
    piece = hit.literal(hit.options["piece"])
    piece *= max(1, _FLOOD // len(piece))
    hit.connection.write(hit.literal(hit.options.get("sends", "")))
    while not hit.connection.closed:
        if not hit.connection.congested:
            hit.connection.write(piece)
        await asyncio.sleep(0)


@_deed
async def dress(hit: Hit) -> None:
    """The conforming answer with other headers: `drop` names, then `add` lines; `reason`.

    `before` comes before it, `times` over, `after` behind it; `closes` the connection then.
    """
    dropped = {name.lower() for name in hit.options.get("drop", ())}
    kept = [pair for pair in hit.response.headers if pair[0].lower() not in dropped]
    added = [(name, hit.literal(value).decode("latin-1")) for name, value in hit.options.get("add", {}).items()]
    reason = hit.literal(hit.options.get("reason", hit.response.reason)).decode("latin-1")
    response = replace(hit.response, reason=reason, headers=(*kept, *added))
    before, after = (hit.literal(hit.options.get(name, "")) for name in ("before", "after"))
    hit.connection.write(before * hit.options.get("times", 1) + hit.server.encode(hit.request, response) + after)
    if hit.options.get("closes"):
        hit.connection.close()


@_deed
async def swell(hit: Hit) -> None:
    """The conforming answer with a `header` that is `before`, and `middle` `times` over.

    With `behind` it is what a conforming server would send, and that; an answer without such a header is left alone.
    """
    given = hit.options
    name = given["header"].lower()
    own = next((value for sent, value in hit.response.headers if sent.lower() == name), None)
    if given.get("behind") and own is None:
        hit.connection.write(hit.conforming)
        return
    before = own if given.get("behind") and own is not None else given.get("before", "")
    value = before + given["middle"] * given["times"]
    kept = [pair for pair in hit.response.headers if pair[0].lower() != name]
    response = replace(hit.response, headers=(*kept, (given["header"], value)))
    hit.connection.write(hit.server.encode(hit.request, response))


@_deed
async def miscount(hit: Hit) -> None:
    """The conforming answer with a Content-Length that is `by` bytes off, or `length` as written; `stays` or closes."""
    body, options = hit.response.body, hit.options
    lengths = options.get("lengths") or [str(max(0, len(body) + options["by"]))]
    headers = (*hit.response.headers, *(("Content-Length", length) for length in lengths))
    hit.connection.write(hit.server.encode(hit.request, replace(hit.response, headers=headers, framing="length")))
    if options.get("stays"):
        await asyncio.sleep(_LONG)
    hit.connection.close()


@_deed
async def large(hit: Hit) -> None:
    """A body of so many `bytes` made of `piece`, honestly announced after the `head`."""
    length = hit.options["bytes"]
    head = hit.literal(hit.options.get("head", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"))
    hit.connection.write(head + b"Content-Length: %d\r\n\r\n" % length)
    piece = hit.literal(hit.options.get("piece", "x"))
    piece *= max(1, _FLOOD // len(piece))
    while length > 0 and not hit.connection.closed:
        if not hit.connection.congested:
            hit.connection.write(piece[:length])
            length -= len(piece)
        await asyncio.sleep(0)


@_deed
async def bomb(hit: Hit) -> None:
    """A small body that would be `bytes` long if anybody unpacked it."""
    packed = _packed(hit.options["bytes"])
    head = hit.literal("HTTP/1.1 200 OK\r\nContent-Type: @TYPE@\r\nContent-Encoding: gzip\r\nVersion: 1\r\n")
    head = head.replace(b"@TYPE@", b"application/json" if "," in hit.request.path else b"text/plain")
    hit.connection.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(packed), packed))


@_deed
async def values(hit: Hit) -> None:
    """A 200 of Geode whose every element is one JSON text: `before`, `middle` `times` over, `after`."""
    given = hit.options
    element = given.get("before", "") + given["middle"] * given["times"] + given.get("after", "")
    region, _, keys = hit.request.path.removeprefix("/geode/v1/").partition("/")
    body = f'{{"{region}":[{",".join([element] * len(keys.split(",")))}]}}'.encode("latin-1")
    location = f"{hit.server.origin}/geode/v1/{region}/{keys}".encode("latin-1")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Location: %b\r\n" % location
    hit.connection.write(head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


@_deed
async def elements(hit: Hit) -> None:
    """A 200 of Geode without Content-Location, its array made of `element` `times` over.

    With `successes` only where a conforming server would answer 200.
    """
    if hit.options.get("successes") and hit.response.status != 200:
        hit.connection.write(hit.conforming)
        return
    region = hit.request.path.removeprefix("/geode/v1/").partition("/")[0]
    array = ",".join([hit.options["element"]] * hit.options["times"])
    body = f'{{"{region}":[{array}]}}'.encode("latin-1")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    hit.connection.write(head + body)


@_deed
async def number(hit: Hit) -> None:
    """The conforming answer with `digits` digits in the headers of get2 that hold a number."""
    digits = "9" * hit.options["digits"]
    changed = {"version", "version1", "version2", "val-offset"}
    headers = tuple((name, digits if name.lower() in changed else value) for name, value in hit.response.headers)
    hit.connection.write(hit.server.encode(hit.request, replace(hit.response, headers=headers)))


@_deed
async def table(hit: Hit) -> None:
    """An answer to /get_table: `before`, `middle` `times` over, `after`."""
    given = hit.options
    body = (given.get("before", "") + given["middle"] * given["times"] + given.get("after", "")).encode("latin-1")
    hit.connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


# Storage.


@_deed
async def lose(hit: Hit) -> None:
    """The nodes behind the interface lose all that they hold; the answer is that of a moment before."""
    if isinstance(hit.server, Ha):
        for node in hit.server.nodes:
            if isinstance(node, Node):
                for key in node.stored():
                    node.remove(key)
    hit.connection.write(hit.conforming)


# Presence.


@_deed
async def die(hit: Hit) -> None:
    """The process is gone: nothing listens any more."""
    await _leave(hit)


@_deed
async def leave(hit: Hit) -> None:
    """Stops listening and comes back on the same port after so many `seconds`."""
    address = hit.server.address
    await _leave(hit)
    host, _, port = address.rpartition(":")

    async def come_back() -> None:
        await asyncio.sleep(hit.options["seconds"])
        await hit.server.listen(host, int(port))

    # Kept by its server: the loop itself holds tasks weakly.
    hit.server.returning = asyncio.ensure_future(come_back())  # type: ignore[attr-defined]


async def _leave(hit: Hit) -> None:
    # Closing waits for the connections to be gone, this one too, whose task this is.
    asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(hit.server.close()))
    hit.connection.reset()


def _packed(length: int) -> bytes:
    """`length` zero bytes as gzip, made of members so that it costs little to make."""
    member = gzip.compress(bytes(2**20), 9)
    return member * (length // 2**20)
