"""How an HA reads a master: from a node in its own process, or from one over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote_from_bytes, urlsplit

from kvgate.reference.http import Pair


@dataclass(frozen=True, slots=True)
class Reading:
    """What one master holds for a key."""

    value: bytes
    version: int


Asked = Reading | Awaitable[Reading | None] | None


class Readable(Protocol):
    """What the HA asks: a node in this process, or one over HTTP. A node that is down holds nothing."""

    def read(self, key: bytes) -> Asked:
        """The value and version held for a key."""


class RemoteNode:
    """A node asked over HTTP, one connection for each question.

    `url` is scheme://host:port; whatever goes wrong, or takes more than `seconds`, is a node that is down.
    """

    def __init__(
        self, url: str, *, credential: Pair | None = None, tls: ssl.SSLContext | None = None, seconds: float = 5
    ) -> None:
        self._url = urlsplit(url)
        self._credential = credential
        self._tls = tls
        self._seconds = seconds

    async def read(self, key: bytes) -> Reading | None:
        """The value and version the node holds for a key."""
        try:
            return await asyncio.wait_for(self._read(key), self._seconds)
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            return None

    async def _read(self, key: bytes) -> Reading | None:
        reader, writer = await asyncio.open_connection(self._url.hostname, self._url.port, ssl=self._tls)
        try:
            lines = [f"GET /hustdb/get?key={quote_from_bytes(key, safe='')} HTTP/1.1", f"Host: {self._url.netloc}"]
            if self._credential is not None:
                lines.append(": ".join(self._credential))
            writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            if head[0].split(" ")[1] != "200":
                return None
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            value = await reader.readexactly(int(headers.get("content-length", "")))
            return Reading(value, int(headers.get("version", "")))
        finally:
            writer.close()


async def both(first: Asked, second: Asked) -> tuple[Reading | None, Reading | None]:
    """What two masters hold, asked at the same time."""

    async def settle(reading: Asked) -> Reading | None:
        return await reading if isinstance(reading, Awaitable) else reading

    one, two = await asyncio.gather(settle(first), settle(second))
    return one, two
