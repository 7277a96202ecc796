"""What a run has left behind in the regions of a server that was empty before it."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

from kvgate.errors import SurroundingsError
from realsystems.geode.server import Server

_SHOWN = 10


def left_behind(server: Server) -> Mapping[str, str]:
    """By region that is not empty: its keys, or how many values where the release does not list keys.

    Raises SurroundingsError when the server no longer answers.
    """
    found = {region: _left(server, region) for region in server.regions}
    return {region: text for region, text in found.items() if text}


def _left(server: Server, region: str) -> str:
    status, body = _asked(server, f"/{region}/keys")
    if status == 200:
        keys = _member(body, "keys", region)
        more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
        return ", ".join(json.dumps(key) for key in keys[:_SHOWN]) + more
    # Up to 1.6 the list of keys is answered with 500; the region's values are not.
    status, body = _asked(server, f"/{region}?limit=ALL")
    if status != 200:
        raise SurroundingsError(f"cannot see what is left in region {region}: status {status}")
    values = _member(body, region, region)
    return f"{len(values)} values" if values else ""


def _asked(server: Server, path: str) -> tuple[int, bytes]:
    try:
        return server.get(path)
    except (OSError, http.client.HTTPException) as error:
        raise SurroundingsError(
            f"the server no longer answers after the run: {error or type(error).__name__}"
        ) from None


def _member(body: bytes, name: str, region: str) -> list[object]:
    try:
        member = json.loads(body)[name]
    except (ValueError, KeyError, TypeError):
        member = None
    if not isinstance(member, list):
        raise SurroundingsError(f"cannot see what is left in region {region}: its listing is not understood")
    return member
