"""What HTTP can carry of a request: one rule for who sends it and for who only writes it down."""

from __future__ import annotations

import re

from kvgate.errors import InputError
from kvgate.wire.exchange import Request

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"[\x21-\x7e]+")
_VALUE = re.compile(r"(?:[^\x00-\x20\x7f](?:[^\x00-\x08\x0a-\x1f\x7f]*[^\x00-\x20\x7f])?)?")


def check_request(request: Request) -> None:
    """Raises InputError for what HTTP cannot carry; no header value is repeated in its message."""
    if not _TOKEN.fullmatch(request.method):
        raise InputError(f"not a request method: {request.method!r}")
    if not _TARGET.fullmatch(request.target):
        raise InputError(f"not a request target (printable ASCII, percent-encoded): {request.target!r}")
    for name, value in request.headers:
        check_header(name, value)
        if name.lower() == "transfer-encoding" or (
            name.lower() == "content-length" and value != str(len(request.body))
        ):
            raise InputError(f"header {name} contradicts the body of the request, which goes out as it is")
    hosts = sum(name.lower() == "host" for name, _ in request.headers)
    if hosts > 1 or (not hosts and "host" in (name.lower() for name in request.without)):
        raise InputError("header Host may be given once")


def check_header(name: str, value: str) -> None:
    """Raises InputError for a header that HTTP cannot carry, without its value, which may be a secret."""
    if not _TOKEN.fullmatch(name):
        raise InputError(f"not a header name: {name!r}")
    if not _VALUE.fullmatch(value):
        raise InputError(f"header {name}: its value has a control code, or white space at an end")
