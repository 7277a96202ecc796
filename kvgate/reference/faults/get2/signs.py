"""Signs at the beginning or the end of a key, or round it, that are taken off."""

from __future__ import annotations

from kvgate.reference.deviation import Deviations
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
