"""Freedoms in what is answered where the page is silent, and in the cluster behind."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

from typing import Any, ClassVar

from kvgate.reference.buckets import Range, Table, even_table
from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha, Node, Written
from kvgate.reference.message import decode_percent

FREEDOMS = Deviations("get2")
_MISSING = "a key that a master lacks"
_NO_KEY = "no key"
_CLUSTER = "which node is master1 of a key"


class _Missing(Ha):
    """An HA that words a missing key in another way, where it says."""

    def missing(self, request: Request) -> Response:
        if not self.key_as_sent(request):
            return super().missing(request)
        return self.lacking(request)

    def lacking(self, request: Request) -> Response:
        return super().missing(request)


@FREEDOMS.freedom("missing-with-body", _MISSING)
class _WithBody(_Missing):
    """Says in the body of a 404 that there is no such key."""

    def lacking(self, request: Request) -> Response:
        return self.plain(404, "no such key\n")


@FREEDOMS.freedom("missing-as-html", _MISSING)
class _AsHtml(_Missing):
    """Sends an HTML page with a 404."""

    def lacking(self, request: Request) -> Response:
        headers = (*self.common_headers(), ("Content-Type", "text/html; charset=utf-8"))
        return Response(404, "Not Found", headers, b"<html><body><h1>404 Not Found</h1></body></html>\r\n")


@FREEDOMS.freedom("missing-as-json", _MISSING)
class _AsJson(_Missing):
    """Sends a JSON object with a 404, in chunks and without Version."""

    def lacking(self, request: Request) -> Response:
        headers = (*self.common_headers(), ("Content-Type", "application/problem+json"))
        return Response(404, "Not Found", headers, b'{"status":404,"title":"missing"}', "chunked")


@FREEDOMS.freedom("missing-without-type", _MISSING)
class _Bare(_Missing):
    """Sends a 404 with no header but its length."""

    def lacking(self, request: Request) -> Response:
        return Response(404, "")


@FREEDOMS.freedom("missing-is-410", _MISSING, warns=("get2.missing.status",))
class _Gone(_Missing):
    """Answers 410 where a master lacks the key."""

    def lacking(self, request: Request) -> Response:
        return self.plain(410)


@FREEDOMS.freedom("no-key-is-400", _NO_KEY)
class _BadRequest(Ha):
    """Answers 400 with a text when there is no key."""

    def get2(self, request: Request) -> Answer:
        return super().get2(request) if self.key_as_sent(request) else self.plain(400, "key is required\n")


@FREEDOMS.freedom("no-key-is-422", _NO_KEY)
class _Unprocessable(Ha):
    """Answers 422 when there is no key."""

    def get2(self, request: Request) -> Answer:
        return super().get2(request) if self.key_as_sent(request) else self.plain(422)


@FREEDOMS.freedom("no-key-redirects", _NO_KEY)
class _Redirects(Ha):
    """Redirects to its documentation when there is no key."""

    def get2(self, request: Request) -> Answer:
        if self.key_as_sent(request):
            return super().get2(request)
        return Response(302, "Found", (*self.common_headers(), ("Location", "/doc/get2.html")))


@FREEDOMS.freedom("other-parameters-refused", "a parameter besides the key (E9)")
class _OneParameter(Ha):
    """Answers 400 to a request with any parameter besides the key."""

    def get2(self, request: Request) -> Answer:
        return self.plain(400) if len(request.parameters) > 1 else super().get2(request)


@FREEDOMS.freedom("plus-is-space", "a key with a plus as it stands (E9)")
class _Plus(Ha):
    """Reads a plus in the query as a space."""

    def decode_key(self, sent: str) -> bytes:
        return decode_percent(sent.replace("+", " "))


@FREEDOMS.freedom("semicolon-separates", "a key with a semicolon as it stands (E9)")
class _Semicolon(Ha):
    """Takes a semicolon for an ampersand in the query."""

    def key_as_sent(self, request: Request) -> str:
        return super().key_as_sent(request).partition(";")[0]


@FREEDOMS.freedom("nul-in-key-refused", "a key with %00")
class _NulRefused(Ha):
    """Answers 400 to a key with %00."""

    def get2(self, request: Request) -> Answer:
        return self.plain(400) if "%00" in request.target else super().get2(request)


@FREEDOMS.freedom("empty-key-is-200", "an empty key (`key=`)")
class _EmptyKey(Ha):
    """Answers an empty key with a page about itself, and none with 404."""

    def get2(self, request: Request) -> Answer:
        return self.plain(200, "get2\n") if request.query == "key=" else super().get2(request)


@FREEDOMS.freedom("get-only", "HEAD, POST and others (E10)")
class _GetOnly(Ha):
    """Answers 405 to every method but GET."""

    def get2(self, request: Request) -> Answer:
        if request.method == "GET":
            return super().get2(request)
        return Response(405, "Method Not Allowed", (*self.common_headers(), ("Allow", "GET")))


@FREEDOMS.freedom("heads-are-empty", "HEAD, POST and others (E10)")
class _OtherMethods(Ha):
    """Answers 501 to every method but GET, and closes."""

    def get2(self, request: Request) -> Answer:
        if request.method == "GET":
            return super().get2(request)
        return Response(501, "Not Implemented", (*self.common_headers(), ("Connection", "close")))


@FREEDOMS.freedom("missing-without-version", _MISSING)
class _NoVersion(_Missing):
    """Sends no Version with a 404 (E8)."""

    def lacking(self, request: Request) -> Response:
        return self.plain(404)


@FREEDOMS.freedom("missing-with-version-now-and-then", _MISSING)
class _VersionNowAndThen(_Missing):
    """Sends `Version: 0` with every other 404, as two servers behind one address may (E8)."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._times = 0

    def lacking(self, request: Request) -> Response:
        self._times += 1
        return super().lacking(request) if self._times % 2 else self.plain(404)


@FREEDOMS.freedom("missing-of-two-backends", "a key that a master lacks, no key")
class _OfTwoBackends(Ha):
    """Sends a 404 with a page of the one or the other of two servers, in HTML or in plain text, that says which."""

    pages = (
        ("text/html", "<p>Not found. Served by backend one</p>"),
        ("text/plain", "Not found. Served by backend two\n"),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._times = 0

    def missing(self, request: Request) -> Response:
        self._times += 1
        kind, text = self.pages[self._times % 2]
        headers = (*self.common_headers(), ("Content-Type", kind))
        return Response(404, "Not Found", headers, text.encode("latin-1"))


# The cluster


class _Tabled(Ha):
    """An HA with a table of its own."""

    ranges: ClassVar[Table] = even_table(2)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **{**named, "table": self.ranges})


@FREEDOMS.freedom("table-reversed", _CLUSTER)
class _ReversedTable(_Tabled):
    """Has a table with the two nodes the other way round."""

    ranges = even_table(2, swapped=True)


@FREEDOMS.freedom("table-one-order", _CLUSTER)
class _OneOrder(_Tabled):
    """Has one range for all keys, the second node first."""

    ranges = (Range(0, 1024, 1, 0),)


def _short_ranges(nodes: int) -> tuple[Range, ...]:
    """128 ranges, of which neighbours differ in their first node and every second in the order of the two."""
    pairs = ((at % nodes, (at + 1 + at % (nodes - 1)) % nodes) for at in range(128))
    return tuple(Range(at * 8, at * 8 + 8, *pair) for at, pair in enumerate(pairs))


@FREEDOMS.freedom("table-of-many-ranges", _CLUSTER, nodes=5)
class _ManyRanges(_Tabled):
    """Has five nodes and 128 short ranges."""

    ranges = _short_ranges(5)


@FREEDOMS.freedom("three-nodes", _CLUSTER, nodes=3)
class _ThreeNodes(Ha):
    """Has three nodes behind it."""


@FREEDOMS.freedom("no-table", _CLUSTER, over_http=True)
class _NoTable(_Tabled):
    """Has no table to ask for: the operator names master1 and master2."""

    ranges = (Range(0, 1024, 0, 1),)

    def get_table(self, request: Request) -> Response:
        return self.plain(404)


class _Counting(Node):
    """A node whose versions begin elsewhere, or that counts in another way, where it says."""

    start = 1
    step = 1

    def put(
        self, key: bytes, value: bytes, *, version: int | None = None, duplicate: bool = False, ttl: int | None = None
    ) -> Written:
        if version is not None:
            return self.asked(key, value, version)
        held = self.read(key)
        wanted = self.start if held is None else held.version + self.step
        written = super().put(key, value, version=wanted, duplicate=True)
        return Written(written.status, written.version)

    def asked(self, key: bytes, value: bytes, version: int) -> Written:
        held = self.read(key)
        return Written(401, held.version if held else 0, error=True)


@FREEDOMS.freedom("versions-from-1000", "versions of nodes that count from 1000", replaces="node", over_http=True)
class _From1000(_Counting):
    """Has nodes whose versions begin at 1000, and that refuse to set one."""

    start = 1000


@FREEDOMS.freedom("versions-in-nanoseconds", "versions of 18 digits", replaces="node", over_http=True)
class _Nanoseconds(_Counting):
    """Has nodes whose versions look like times: 18 digits, a million apart."""

    start = 166_400_000_000_000_000
    step = 1_000_000


@FREEDOMS.freedom("versions-counted-only", "versions of nodes that refuse ver=", replaces="node", over_http=True)
class _CountedOnly(_Counting):
    """Has nodes that count puts from 1 and refuse to set a version."""


@FREEDOMS.freedom("versions-by-tens", "versions of nodes that count in steps of ten", replaces="node", over_http=True)
class _ByTens(Node):
    """Has nodes that count in steps of ten, and answer 409 where a version is wished for."""

    def put(
        self, key: bytes, value: bytes, *, version: int | None = None, duplicate: bool = False, ttl: int | None = None
    ) -> Written:
        if version is not None:
            return Written(409, 0)
        held = self.read(key)
        written = super().put(key, value, version=10 if held is None else held.version + 10, duplicate=True)
        return Written(written.status, written.version)


@FREEDOMS.freedom("long-addresses-refused", "a key of more than 2,048 bytes in an address")
class _LongRefused(Ha):
    """Has room for 2,048 bytes of an address, as some servers have unless told otherwise, and answers 414 to more."""

    def respond(self, request: Request) -> Answer:
        return self.plain(414) if len(request.target) > 2048 else super().respond(request)
