"""Faults of one outcome's own code: they show where it meets one kind of key, of list, of value or of connection."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response, reason_of

FAULTS = GeodeDeviations()

_FOUND = "geode.status.found"
_IGNORED = "geode.status.ignored"
_MISSING = "geode.status.missing"
_BAD = "geode.status.bad-parameter"
_NO_REGION = "geode.status.no-region"
_INTACT = "geode.body.value-intact"
_ISOLATED = "geode.safe.isolated"

_IGNORING = "ignoreMissingKey=true"
_LONG_LIST = 20  # keys
_LONG_ADDRESS = 2048  # characters
_LARGE = 8192  # bytes


class _Failing(Geode):
    """Answers 500 to the requests for several keys that `fails` says."""

    status = 500

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if "," not in keys_as_sent or not isinstance(answer, Response):
            return answer
        if not self.fails(request, self.split_keys(keys_as_sent), answer):
            return answer
        return replace(answer, status=self.status, reason=reason_of(self.status), body=b'{"cause":"failed"}')

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        raise NotImplementedError


def _has_null(answer: Response) -> bool:
    return answer.status == 200 and re.search(rb"[\[,]null[,\]]", answer.body) is not None


def _is_bad(request: Request, answer: Response) -> bool:
    return answer.status == 400 and request.query not in ("", _IGNORING, "ignoreMissingKey=false")


# Values that are answered in one way


@FAULTS.fault("pair-null-and-escape-500", _IGNORED, "a text with an escape beside a missing key, ignored")
class _NullAndEscape(_Failing):
    """Writes arrays with nulls by code of their own, which knows no escapes: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return request.query == _IGNORING and _has_null(answer) and b"\\" in answer.body


@FAULTS.fault("pair-null-and-large-500", _IGNORED, "a document of more than 8,192 bytes beside a missing key, ignored")
class _NullAndLarge(_Failing):
    """Writes arrays with nulls into a buffer that does not grow: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return request.query == _IGNORING and _has_null(answer) and len(answer.body) > _LARGE


@FAULTS.fault("pair-true-and-not-ascii", _INTACT, "a text that is not ASCII, asked for with true")
class _TrueAndNotAscii(Geode):
    """Writes in ASCII what is asked for with true: a question mark for every other character."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if request.query != _IGNORING or not isinstance(answer, Response) or answer.status != 200:
            return answer
        return replace(answer, body=answer.body.decode("utf-8", "replace").encode("ascii", "replace"))


# Lists and addresses with one outcome


@FAULTS.fault("pair-false-in-long-lists-500", _FOUND, "more than twenty keys asked for with false")
class _FalseInLongLists(_Failing):
    """Reads false for long lists by code that was never run: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return request.query == "ignoreMissingKey=false" and len(keys) > _LONG_LIST


@FAULTS.fault("pair-bad-in-long-lists-500", _BAD, "more than twenty keys with a wrong value")
class _BadInLongLists(_Failing):
    """Puts every key into the error for a wrong value, which has room for twenty: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return _is_bad(request, answer) and len(keys) > _LONG_LIST


@FAULTS.fault("pair-no-region-in-long-lists-400", _NO_REGION, "more than twenty keys of an unknown region")
class _NoRegionInLongLists(_Failing):
    """Looks at the number of keys before it looks for the region: 400 for more than twenty."""

    status = 400

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return answer.status == 404 and len(keys) > _LONG_LIST


@FAULTS.fault("pair-missing-in-long-address-500", _MISSING, "an address of more than 2,048 characters, a key missing")
class _MissingInLongAddress(_Failing):
    """Repeats the address in the error, which has room for 2,048 characters: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return answer.status == 400 and not _is_bad(request, answer) and len(request.target) > _LONG_ADDRESS


@FAULTS.fault("pair-twice-in-long-lists-500", _FOUND, "a key twice in a list of more than five")
class _TwiceInLongLists(_Failing):
    """Puts more than five keys into a set and misses one of them: 500."""

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return len(keys) > 5 and len(set(keys)) < len(keys)


@FAULTS.fault("pair-location-of-a-hundred", "geode.location.names-keys", "more than a hundred keys asked for with true")
class _LocationOfAHundred(Geode):
    """Names a hundred keys in Content-Location where missing ones are to be ignored, and no more."""

    def content_location(self, request: Request, name: str, keys: Sequence[str]) -> str | None:
        return super().content_location(request, name, keys[:100] if request.query == _IGNORING else keys)


# Keys with one outcome


@FAULTS.fault("pair-error-by-suffix-406", _NO_REGION, "an unknown region, and a dot in the last key")
class _ErrorBySuffix(_Failing):
    """Takes what stands after the last dot for the type that an error is to have, and has none such: 406."""

    status = 406

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        return (answer.status == 404 or _is_bad(request, answer)) and "." in keys[-1]


# Connections


class _OnConnection(_Failing):
    """Knows of each connection how long its last request and its last answer were."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._before: dict[int, tuple[int, int]] = {}

    def fails(self, request: Request, keys: Sequence[str], answer: Response) -> bool:
        asked, answered = self._before.get(request.connection, (0, 0))
        self._before[request.connection] = len(request.target), len(answer.body)
        return request.sequence > 1 and self.fails_after(asked, answered, request)

    def fails_after(self, asked: int, answered: int, request: Request) -> bool:
        """Whether a request fails after one of `asked` characters whose answer had `answered` bytes."""
        raise NotImplementedError


@FAULTS.fault("pair-connection-after-large-500", _FOUND, "a question after an answer of more than 8,192 bytes")
class _AfterLarge(_OnConnection):
    """Has given the buffer of a connection away once it grew: the next answer is 500."""

    def fails_after(self, asked: int, answered: int, request: Request) -> bool:
        return answered > _LARGE


@FAULTS.fault("pair-connection-after-long-500", _FOUND, "a short request after one of more than 2,048 characters")
class _AfterLong(_OnConnection):
    """Reads a short request behind the rest of a long one: 500."""

    def fails_after(self, asked: int, answered: int, request: Request) -> bool:
        return asked > _LONG_ADDRESS and len(request.target) < asked


@FAULTS.fault("pair-connection-later-encoded", _ISOLATED, "an encoded key after the first question of a connection")
class _LaterEncoded(Geode):
    """Makes its decoder once for a connection, and uses it up with the first question: others are not decoded."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if request.sequence > 1 and "%" in keys_as_sent:
            keys_as_sent = keys_as_sent.replace("%", "%25")
        return super().get(request, name, keys_as_sent)
