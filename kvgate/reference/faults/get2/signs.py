"""Signs at the beginning or the end of a key, or round it, that are taken off."""

from __future__ import annotations

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Request
from kvgate.reference.hustdb import Ha

FAULTS = Deviations("get2")
_DECODED = "get2.request.key-decoded"
_OWN = "get2.request.own-value"


def _between(key: bytes, first: bytes, last: bytes) -> bytes:
    return key[1:-1] if len(key) > 1 and key.startswith(first) and key.endswith(last) else key


@FAULTS.fault("sign-quotes-round-taken-off", _DECODED, "a key between encoded quotation marks")
class _Quotes(Ha):
    """Takes a key between quotation marks for a literal."""

    def decode_key(self, sent: str) -> bytes:
        return _between(super().decode_key(sent), b'"', b'"')


@FAULTS.fault("sign-parentheses-round-taken-off", _OWN, "a key between parentheses")
class _Parentheses(Ha):
    """Takes a key between parentheses for a group."""

    def decode_key(self, sent: str) -> bytes:
        return _between(super().decode_key(sent), b"(", b")")


@FAULTS.fault("sign-padding-last-taken-off", _DECODED, "a key that ends with an encoded equals sign")
class _Padding(Ha):
    """Takes equals signs at the end of a key for padding."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).rstrip(b"=")


@FAULTS.fault("sign-slash-first-taken-off", _DECODED, "a key that begins with an encoded slash")
class _Slashes(Ha):
    """Takes a key for a path, and slashes round it for nothing."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).strip(b"/")


@FAULTS.fault("sign-hyphens-first-taken-off", _OWN, "a key that begins with a hyphen")
class _Hyphens(Ha):
    """Takes hyphens at the beginning of a key for those of an option."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).lstrip(b"-")


class _Cut(Ha):
    """Ends a key at a sign that stands in it as it is, in hash and name."""

    sign = ""

    def key_as_sent(self, request: Request) -> str:
        return super().key_as_sent(request).partition(self.sign)[0]


@FAULTS.fault("key-cut-at-equals-sign", _OWN, "a key with an equals sign as it stands")
class _EqualsSign(_Cut):
    """Splits a parameter at each equals sign, and takes the second part for its value."""

    sign = "="


@FAULTS.fault("key-cut-at-slash", _OWN, "a key with a slash as it stands")
class _Slash(_Cut):
    """Takes a slash in the query for the end of the address."""

    sign = "/"


@FAULTS.fault("key-cut-at-at-sign", _OWN, "a key with an at sign as it stands")
class _AtSign(_Cut):
    """Takes what is behind an at sign in the query for a host."""

    sign = "@"


@FAULTS.fault("key-cut-at-dollar-sign", _OWN, "a key with a dollar sign as it stands")
class _DollarSign(_Cut):
    """Takes a dollar sign in the query for the beginning of a variable, which is empty."""

    sign = "$"
