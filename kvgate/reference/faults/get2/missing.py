"""Faults about keys that a master lacks."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_SUCCESS = "get2.missing.no-success"
_STATUS = "get2.missing.status"


class _Lacking(Ha):
    """An HA that answers otherwise where a master lacks the key, where it says."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first is None or second is None:
            return self.lacking(request, first, second)
        return super().answer(request, first, second)

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request)

    def only(self, held: Reading) -> Response:
        headers = (*self.common_headers(), ("Content-Type", self.value_type), ("Version", str(held.version)))
        return Response(200, "OK", headers, held.value)


@FAULTS.fault("missing-is-empty-200", _SUCCESS, "a key that no master has")
class _Empty(_Lacking):
    """Answers 200 with an empty body when no master has the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request) if first or second else self.plain(200)


@FAULTS.fault("one-master-is-enough", _SUCCESS, "a key on one master, whichever")
class _Either(_Lacking):
    """Answers 200 with what one master has when the other lacks the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        held = first or second
        return self.missing(request) if held is None else self.only(held)


@FAULTS.fault("master1-is-enough", _SUCCESS, "a key on master1 only")
class _First(_Lacking):
    """Answers 200 with master1's value when master2 lacks the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request) if first is None else self.only(first)


@FAULTS.fault("master2-is-enough", _SUCCESS, "a key on master2 only")
class _Second(_Lacking):
    """Falls back to master2 when master1 lacks the key, and answers 200."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request) if second is None else self.only(second)


@FAULTS.fault("newer-than-first-is-enough", _SUCCESS, "a key on one master, put there more than once")
class _Settled(_Lacking):
    """Answers 200 with the one value there is when its version is above 1."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        held = first or second
        return self.missing(request) if held is None or held.version == 1 else self.only(held)


@FAULTS.fault("one-sided-is-conflict", _STATUS, "a key on one master")
class _Conflict(_Lacking):
    """Takes a key that one master lacks for one with an empty value there: 409."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first is None and second is None:
            return self.missing(request)
        empty = Reading(b"", 0)
        return super().answer(request, first or empty, second or empty)


@FAULTS.fault("missing-is-204", _STATUS, "a key that no master has")
class _NoContent(_Lacking):
    """Answers 204 when no master has the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request) if first or second else Response(204, "No Content", self.common_headers())


@FAULTS.fault("missing-is-400", _STATUS, "a key that no master has")
class _BadRequest(_Lacking):
    """Answers 400 when no master has the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.missing(request) if first or second else self.plain(400)


@FAULTS.fault("master2-missing-is-500", _STATUS, "a key on master1 only")
class _Crash(_Lacking):
    """Crashes on the master that holds nothing when it is master2."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        return self.plain(500) if first else self.missing(request)


@FAULTS.fault("master1-missing-is-206", _STATUS, "a key on master2 only")
class _Partial(_Lacking):
    """Answers 206 with what there is when master1 lacks the key."""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if second is None:
            return self.missing(request)
        whole = self.only(second)
        return Response(206, "Partial Content", whole.headers, whole.body)


@FAULTS.fault("missing-streamed-before-both-are-known", _SUCCESS, "more than 64 KiB on master1 alone")
class _Streamed(Ha):
    """Begins to send a value of more than 64 KiB before it knows whether master2 has any."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        large = first is not None and len(first.value) > 65536
        return super().answer(request, first, second or (first if large else None))


@FAULTS.fault("missing-text-kept", "get2.safe.isolated", "a missing key after other missing keys")
class _TextKept(_Lacking):
    """Says in a 404 which key is not there, in the text that it made for the first one."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._text = ""

    def lacking(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        self._text = self._text or f"no value under {request.target}"
        return self.plain(404, self._text)
