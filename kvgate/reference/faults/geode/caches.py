"""Answers kept under too little of the question: another question gets them."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.javahash import string_hash

FAULTS = GeodeDeviations()
_INTACT = "geode.body.value-intact"


class _Cache(Geode):
    """Keeps the answers to questions for several keys under `kept_under`, until one of their own keys is written."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[object, tuple[Response, str, str, object]] = {}

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if "," not in keys_as_sent:
            return super().get(request, name, keys_as_sent)
        under = self.kept_under(request, name, keys_as_sent)
        if under in self._kept:
            answer, region, keys, stored = self._kept[under]
            if stored == self._stored(region, keys):
                return answer
        made = super().get(request, name, keys_as_sent)
        if isinstance(made, Response):
            self._kept[under] = made, name, keys_as_sent, self._stored(name, keys_as_sent)
        return made

    def _stored(self, name: str, keys_as_sent: str) -> object:
        region = self.region(name)
        return region is not None and [region.get(key) for key in self.keys_asked(keys_as_sent)]

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return request.target


@FAULTS.fault("cache-of-keys-joined", _INTACT, "two lists that are one text when their keys are joined")
class _Joined(_Cache):
    """Keeps answers under the keys joined without anything between them."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return name, "".join(self.keys_asked(keys_as_sent)), request.target.partition("?")[2]


@FAULTS.fault("cache-of-keys-joined-by-hyphens", _INTACT, "two lists that are one text with hyphens between their keys")
class _Hyphens(_Cache):
    """Keeps answers under the keys joined by hyphens."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return name, "-".join(self.keys_asked(keys_as_sent)), request.target.partition("?")[2]


@FAULTS.fault("cache-of-both-ends", _INTACT, "two lists with the same first and last key and number of keys")
class _Ends(_Cache):
    """Keeps answers under the first and the last key and the number of keys."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        keys = self.keys_asked(keys_as_sent)
        return name, keys[0], keys[-1], len(keys), request.target.partition("?")[2]


@FAULTS.fault("cache-in-small-letters", _INTACT, "two lists that differ in case only")
class _SmallLetters(_Cache):
    """Keeps answers under the address in small letters."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return request.target.lower()


@FAULTS.fault("cache-by-hash", _INTACT, "two lists of one hash")
class _Hash(_Cache):
    """Keeps answers under the hash of the address, 32 bits in which each letter counts 31 times the next."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return string_hash(request.target)


@FAULTS.fault("cache-cut-at-250", _INTACT, "two long lists that part after 250 characters")
class _Cut(_Cache):
    """Keeps answers under the first 250 characters of the address."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return request.target[:250], request.target.partition("?")[2]


@FAULTS.fault("cache-as-a-form", _INTACT, "two lists that are one where a plus is a blank")
class _Form(_Cache):
    """Keeps answers under the address read as a form, where a plus is a blank."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        return unquote_plus(request.target)


@FAULTS.fault("cache-without-the-value", "geode.status.missing", "a missing key with true, and then with false")
class _Parameter(_Cache):
    """Keeps answers under the path and whether there is a query."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        path, mark, _ = request.target.partition("?")
        return path, mark


@FAULTS.fault(
    "cache-of-missing-in-any-region", "geode.status.found", "keys missing in one region and stored in another"
)
class _Regions(_Cache):
    """Keeps errors for missing keys under the keys, whichever the region."""

    def kept_under(self, request: Request, name: str, keys_as_sent: str) -> object:
        region = self.region(name)
        missing = region is not None and self.missing_keys(region, self.keys_asked(keys_as_sent))
        under = keys_as_sent, request.target.partition("?")[2]
        return under if missing or under in self._kept else request.target


@FAULTS.fault("cache-of-errors-by-count", "geode.safe.isolated", "as many keys missing as in an earlier request")
class _ErrorsByCount(Geode):
    """Keeps what it says of missing keys under their number: the keys named are those of an earlier request."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._texts: dict[tuple[str, int], str] = {}

    def missing_text(self, name: str, missing: Sequence[str]) -> str:
        return self._texts.setdefault((name, len(missing)), super().missing_text(name, missing))
