"""Answers that are remembered until something is written, and not with everything that is written."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()

_INTACT = "geode.body.value-intact"


class _Remembering(Geode):
    """Keeps each answer to several keys by its URL, until `forgets` says of a write that it is one of theirs."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, tuple[str, str, Response]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if request.target in self._kept:
            return self._kept[request.target][2]
        answer = super().get(request, name, keys_as_sent)
        if isinstance(answer, Response) and "," in keys_as_sent and self.region(name) is not None:
            self._kept[request.target] = name, keys_as_sent, answer
        return answer

    def put(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._forget("PUT", name, keys_as_sent)
        return super().put(request, name, keys_as_sent)

    def delete(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._forget("DELETE", name, keys_as_sent)
        return super().delete(request, name, keys_as_sent)

    def _forget(self, method: str, name: str, written: str) -> None:
        self._kept = {
            target: kept
            for target, kept in self._kept.items()
            if kept[0] != name or not self.forgets(method, name, written, kept[1], kept[2])
        }

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        """Whether the answer to the keys `listed` is forgotten when the keys `written` are; both as they were sent."""
        return bool(set(self.split_keys(written)) & set(self.split_keys(listed)))


@FAULTS.fault(
    "remembers-until-put", "geode.status.missing", "a key that was removed, with nothing written", over_http=True
)
class _UntilPut(_Remembering):
    """Forgets the answers to lists with a key that is put, and none when a key is removed."""

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        return method == "PUT" and super().forgets(method, name, written, listed, kept)


@FAULTS.fault(
    "remembers-until-first-key", _INTACT, "a change of a key that is not the first of its list", over_http=True
)
class _UntilFirstKey(_Remembering):
    """Keeps answers under the first key of their list, and forgets them when that one is written or removed."""

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        return self.split_keys(listed)[0] in self.split_keys(written)


@FAULTS.fault("remembers-lists-of-found", "geode.status.found", "a missing key that is stored", over_http=True)
class _ListsOfFound(_Remembering):
    """Forgets the answers to lists in which a key was found when it is written, not those in which it was missing."""

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        region = self.region(name)
        found = [key for key in self.split_keys(written) if region is not None and key in region]
        return bool(set(found) & set(self.split_keys(listed)))


@FAULTS.fault(
    "remembers-by-spelling", _INTACT, "a key asked for in another spelling than it is written in", over_http=True
)
class _BySpelling(_Remembering):
    """Compares keys as they were sent: what is kept of `%61` is not forgotten when `a` is written."""

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        return bool(set(written.split(",")) & set(listed.split(",")))


@FAULTS.fault("remembers-in-second-region", _INTACT, "a change of a key of the second region", over_http=True)
class _InSecondRegion(_Remembering):
    """Hears of the changes of the first region only."""

    def forgets(self, method: str, name: str, written: str, listed: str, kept: Response) -> bool:
        return name == next(iter(self.regions)) and super().forgets(method, name, written, listed, kept)


@FAULTS.fault(
    "removed-stays-removed", "geode.status.found", "a key that was removed and is stored again", over_http=True
)
class _StaysRemoved(Geode):
    """Marks a key as removed, and does not take the mark away when it is stored again."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._removed: set[tuple[str, str]] = set()
        self._asked = ""

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        self._asked = name
        return super().get_keys(request, name, keys)

    def look_up(self, region: Region, key: str) -> str | None:
        return None if (self._asked, key) in self._removed else super().look_up(region, key)

    def delete(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        self._removed |= {(name, key) for key in self.split_keys(keys_as_sent)}
        return super().delete(request, name, keys_as_sent)


@FAULTS.fault("remembers-on-connection", _INTACT, "a value that changes between two questions of one connection")
class _OnConnection(Geode):
    """Keeps for each connection what it answered there, as long as it is open."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[tuple[int, str], Answer] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        return self._kept.setdefault((request.connection, request.target), answer) if "," in keys_as_sent else answer
