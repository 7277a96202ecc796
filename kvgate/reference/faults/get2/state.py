"""Faults that show when something else was asked before: caches, connections, and reads that write."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import edited
from kvgate.reference.http import Answer, Connection, Pair, Request, Response
from kvgate.reference.hustdb import Ha, Node
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_REPEATABLE = "get2.safe.repeatable"
_READ_ONLY = "get2.safe.read-only"
_ISOLATED = "get2.safe.isolated"


# The same again


class _Counting(Ha):
    """An HA that knows how often a key was asked for, and answers otherwise the later times, where it says."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._asked: Counter[str] = Counter()

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        response = super().answer(request, first, second)
        self._asked[request.target] += 1
        if self._asked[request.target] == 1 or first is None or second is None:
            return response
        return self.later(response, first, second)

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        return response


@FAULTS.fault("second-time-304", _REPEATABLE, "the same key again")
class _NotModified(_Counting):
    """Answers 304 when the same key is asked for again."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        return Response(304, "Not Modified", response.headers)


@FAULTS.fault("second-time-match", _REPEATABLE, "different values, asked for again")
class _TakenAsSettled(_Counting):
    """Tells a conflict once, and answers 200 with master1's value from then on."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200:
            return response
        return Response(200, "OK", edited(response, without=("Val-Offset",)).headers, first.value)


@FAULTS.fault("cache-forgets-offset", _REPEATABLE, "different values, asked for again")
class _CacheForgets(_Counting):
    """Answers from a cache that keeps versions and body but not Val-Offset."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, without=("Val-Offset",))


@FAULTS.fault("cache-forgets-version2", _REPEATABLE, "equal values with different versions, asked for again")
class _CacheForgetsSecond(_Counting):
    """Answers from a cache that keeps one version."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 409 or first.version == second.version:
            return response
        return edited(response, without=("Version1", "Version2"), plus=(("Version", str(first.version)),))


@FAULTS.fault("second-time-swapped", _REPEATABLE, "different values, asked for again")
class _RoundRobin(_Counting):
    """Takes turns about which master it calls the first."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        return response if response.status == 200 else self._turned(second, first)

    def _turned(self, first: Reading, second: Reading) -> Response:
        headers = self.build_headers(first, second, same_value=False)
        return Response(409, "Conflict", headers, self.build_body(first, second, same_value=False))


@FAULTS.fault("cache-as-text", _REPEATABLE, "values that are not UTF-8, asked for again")
class _CacheAsText(_Counting):
    """Answers from a cache that keeps text."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        return replace(response, body=response.body.decode("utf-8", "replace").encode())


@FAULTS.fault("counts-reads-as-versions", _REPEATABLE, "equal versions, asked for again")
class _CountsReads(_Counting):
    """Adds the number of reads to Version."""

    def later(self, response: Response, first: Reading, second: Reading) -> Response:
        if first.version != second.version:
            return response
        return edited(response, without=("Version",), plus=(("Version", str(first.version + 1)),))


@FAULTS.fault("negative-cache-inverted", _REPEATABLE, "a key that no master has, asked for again")
class _Inverted(Ha):
    """Remembers that a key was missing, and answers 200 to it the second time."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._missed: set[str] = set()

    def missing(self, request: Request) -> Response:
        known = request.target in self._missed
        self._missed.add(request.target)
        return self.plain(400) if known else super().missing(request)


# Reading only


class _Writing(Ha):
    """An HA that may write where it should read; it reaches its nodes in this process."""

    def node(self, index: int) -> Node:
        node = self.nodes[index]
        if not isinstance(node, Node):
            raise TypeError("reaches nodes of this process only")
        return node

    def get2(self, request: Request) -> Answer:
        answer = super().get2(request)
        sent = self.key_as_sent(request)
        if sent:
            one, two = self.choose_masters(sent)
            self.after(self.decode_key(sent), self.node(one), self.node(two))
        return answer

    def after(self, key: bytes, first: Node, second: Node) -> None:
        """What it does once the answer is made."""


@FAULTS.fault("read-repairs", _READ_ONLY, "values or versions that differ")
class _Repairs(_Writing):
    """Brings the master that is behind to the state of the other."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        one, two = first.read(key), second.read(key)
        if one and two and one.version != two.version:
            newer, behind = (one, second) if one.version > two.version else (two, first)
            behind.put(key, newer.value, version=newer.version, duplicate=True)


@FAULTS.fault("read-copies", _READ_ONLY, "a key on one master")
class _Copies(_Writing):
    """Copies a key to the master that lacks it."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        one, two = first.read(key), second.read(key)
        held = one or two
        if held and not (one and two):
            (second if one else first).put(key, held.value, version=held.version, duplicate=True)


@FAULTS.fault("read-creates", _READ_ONLY, "a key that no master has")
class _Creates(_Writing):
    """Writes down that a key was missing, as a value."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        if first.read(key) is None and second.read(key) is None:
            first.put(key, b"(missing)")


@FAULTS.fault("read-counts-up", _READ_ONLY, "any key that master2 has")
class _CountsUp(_Writing):
    """Writes master2's value again, so that its version goes up."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        held = second.read(key)
        if held:
            second.put(key, held.value)


@FAULTS.fault("read-drops-conflict", _READ_ONLY, "different values with equal versions")
class _Drops(_Writing):
    """Removes master2's value when it can't tell which of the two is right."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        one, two = first.read(key), second.read(key)
        if one and two and one.version == two.version and one.value != two.value:
            second.remove(key)


@FAULTS.fault("read-notes-the-time", _READ_ONLY, "any key that a master has")
class _NotesTime(_Writing):
    """Writes down under a key of its own, beside the one asked for, that it was read."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        if first.read(key) or second.read(key):
            first.put(key + b".read", b"now")


@FAULTS.fault("read-backs-up", _READ_ONLY, "different values")
class _BacksUp(_Writing):
    """Keeps master2's value under another key where the two differ."""

    def after(self, key: bytes, first: Node, second: Node) -> None:
        one, two = first.read(key), second.read(key)
        if one and two and one.value != two.value:
            second.put(b"backup:" + key, two.value)


@FAULTS.fault("second-read-writes", _READ_ONLY, "equal values with different versions, asked for again")
class _SecondWrites(_Writing):
    """Evens out versions when a key is asked for the second time."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._seen: set[bytes] = set()

    def after(self, key: bytes, first: Node, second: Node) -> None:
        one, two = first.read(key), second.read(key)
        if key in self._seen and one and two and one.value == two.value and one.version != two.version:
            behind, version = (first, two.version) if one.version < two.version else (second, one.version)
            behind.put(key, one.value, version=version, duplicate=True)
        self._seen.add(key)


# One connection


class _Remembering(Ha):
    """An HA that keeps the last answer of each connection, and lets it show in the next, where it says."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._last: dict[int, Response] = {}

    def encode(self, request: Request, response: Response) -> bytes:
        before = self._last.get(request.connection)
        self._last[request.connection] = response
        if before is None or request.path != "/get2":
            return super().encode(request, response)
        return super().encode(request, self.after(before, response))

    def after(self, before: Response, response: Response) -> Response:
        return response


def _sent(response: Response, *names: str) -> tuple[Pair, ...]:
    return tuple(pair for pair in response.headers if pair[0] in names)


@FAULTS.fault("offset-stays-on-connection", _ISOLATED, "equal values after different ones on one connection")
class _OffsetStays(_Remembering):
    """Leaves Val-Offset in the headers of the next answer on the connection."""

    def after(self, before: Response, response: Response) -> Response:
        return edited(response, plus=() if _sent(response, "Val-Offset") else _sent(before, "Val-Offset"))


@FAULTS.fault("pair-stays-on-connection", _ISOLATED, "equal versions after different ones on one connection")
class _PairStays(_Remembering):
    """Leaves Version1 and Version2 in the headers of the next answer on the connection."""

    def after(self, before: Response, response: Response) -> Response:
        left = () if _sent(response, "Version1") else _sent(before, "Version1", "Version2")
        return edited(response, plus=left)


@FAULTS.fault("version-stays-on-connection", _ISOLATED, "different versions after equal ones on one connection")
class _VersionStays(_Remembering):
    """Leaves Version in the headers of the next answer on the connection."""

    def after(self, before: Response, response: Response) -> Response:
        return edited(response, plus=() if _sent(response, "Version") else _sent(before, "Version"))


@FAULTS.fault("body-rest-stays-on-connection", _ISOLATED, "a shorter value after a longer one on one connection")
class _RestStays(_Remembering):
    """Writes a body into the buffer of the last one and sends the whole of the buffer."""

    def after(self, before: Response, response: Response) -> Response:
        return replace(response, body=response.body + before.body[len(response.body) :])


@FAULTS.fault("status-stays-on-connection", _ISOLATED, "a key that is there after one that is not, on one connection")
class _StatusStays(_Remembering):
    """Goes on to answer 404 on a connection on which it did once."""

    def after(self, before: Response, response: Response) -> Response:
        return before if before.status == 404 else response


@FAULTS.fault("body-of-last-on-connection", _ISOLATED, "two values of one length on one connection")
class _SameLength(_Remembering):
    """Sends the body before once more when the next has the same length."""

    def after(self, before: Response, response: Response) -> Response:
        return replace(response, body=before.body) if len(before.body) == len(response.body) else response


@FAULTS.fault("line-end-after-body", _ISOLATED, "two requests on one connection", unsteady=True)
class _StrayLineEnd(Ha):
    """Sends a line end that belongs to nothing after each body on a connection that stays open."""

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self.encode(request, response))
        if request.path == "/get2" and self.keeps_open(request, response):
            connection.write(b"\r\n")


@FAULTS.fault("value-tail-after-body", _ISOLATED, "a 409 and another on one connection", unsteady=True)
class _StrayValue(Ha):
    """Leaves the end of a 409's body in its buffer, and sends it before the next answer on the connection."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._left: dict[int, bytes] = {}

    def send(self, connection: Connection, request: Request, response: Response) -> None:
        connection.write(self._left.pop(request.connection, b"") + self.encode(request, response))
        if request.path == "/get2" and response.status == 409:
            self._left[request.connection] = response.body[-16:]
