"""Faults in how a request and its key are read."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from kvgate.reference.deviation import Deviations
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Asked, Reading

FAULTS = Deviations("get2")
_MATCH = "get2.status.match"
_CONFLICT = "get2.status.conflict"
_SERVED = "get2.request.served"
_REQUIRED = "get2.request.key-required"
_DECODED = "get2.request.key-decoded"
_OWN = "get2.request.own-value"


# Served


@FAULTS.fault("redirects-encoded-keys", _SERVED, "a key with %XX")
class _Redirects(Ha):
    """Redirects a key with %XX to another spelling."""

    def get2(self, request: Request) -> Answer:
        if "%" not in request.target:
            return super().get2(request)
        location = ("Location", request.target.replace("%", "%25"))
        return Response(301, "Moved Permanently", (*self.common_headers(), location))


@FAULTS.fault("refuses-long-keys", _SERVED, "a key of more than 64 bytes as it stands in the URL")
class _LongKeys(Ha):
    """Has room for 64 bytes of key and answers 414 to more."""

    def get2(self, request: Request) -> Answer:
        return self.plain(414) if len(self.key_as_sent(request)) > 64 else super().get2(request)


@FAULTS.fault("refuses-very-long-keys", _SERVED, "a key of more than 255 bytes as it stands in the URL")
class _VeryLongKeys(Ha):
    """Has room for 255 bytes of key and answers 414 to more."""

    def get2(self, request: Request) -> Answer:
        return self.plain(414) if len(self.key_as_sent(request)) > 255 else super().get2(request)


@FAULTS.fault("refuses-second-on-connection", _MATCH, "the second request on one connection")
class _SecondRequest(Ha):
    """Reads the second request on a connection wrongly and answers 400."""

    def get2(self, request: Request) -> Answer:
        return self.plain(400) if request.sequence > 1 else super().get2(request)


@FAULTS.fault("refuses-reserved-keys", _SERVED, "a key with an encoded character that a URL reserves")
class _Reserved(Ha):
    """Refuses keys that hold anything beyond letters, digits and a few marks."""

    def get2(self, request: Request) -> Answer:
        key = self.decode_key(self.key_as_sent(request))
        return self.plain(400) if re.search(rb"[:/?#\[\]@!$&'()*+,;=]", key) else super().get2(request)


@FAULTS.fault("accepted-for-large", _SERVED, "values of 1 MiB")
class _Accepted(Ha):
    """Answers 202 for values that take long to fetch."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        if first and second and len(first.value) + len(second.value) >= 2**20:
            return self.plain(202, "ask again later\n")
        return super().answer(request, first, second)


# The key demanded


@FAULTS.fault("no-key-is-200", _REQUIRED, "no key at all")
class _NoKey(Ha):
    """Answers 200 with nothing in the body when there is no key."""

    def get2(self, request: Request) -> Answer:
        if request.parameter("key") is not None:
            return super().get2(request)
        return self.plain(200)


@FAULTS.fault("no-key-is-409", _REQUIRED, "no key at all")
class _NoKeyConflict(Ha):
    """Calls it a conflict when there is no key."""

    def get2(self, request: Request) -> Answer:
        if request.parameter("key") is not None:
            return super().get2(request)
        return self.plain(409)


@FAULTS.fault("no-key-is-last-key", _REQUIRED, "no key at all, after a request with one on the same connection")
class _LastKey(Ha):
    """Takes the key of the request before on the connection when there is none."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._last: dict[int, str] = {}

    def key_as_sent(self, request: Request) -> str:
        given = request.parameter("key")
        if given is not None:
            self._last[request.connection] = given
        return self._last.get(request.connection, "")


@FAULTS.fault("key-in-any-case", _REQUIRED, "the parameter written Key or KEY")
class _AnyCase(Ha):
    """Takes Key and KEY for key."""

    def key_as_sent(self, request: Request) -> str:
        return next((value for name, value in request.parameters if name.lower() == "key"), "")


@FAULTS.fault("key-by-prefix", _REQUIRED, "a parameter whose name begins with key, such as keys")
class _ByPrefix(Ha):
    """Takes any parameter whose name begins with key."""

    def key_as_sent(self, request: Request) -> str:
        return next((value for name, value in request.parameters if name.startswith("key")), "")


@FAULTS.fault("any-parameter-is-key", _REQUIRED, "one parameter of another name")
class _AnyParameter(Ha):
    """Takes the first parameter, whatever its name."""

    def key_as_sent(self, request: Request) -> str:
        return next((value for _, value in request.parameters), "")


# Decoded


@FAULTS.fault("key-not-decoded", _DECODED, "a key with %XX")
class _NotDecoded(Ha):
    """Asks the masters for the key as it stands in the URL."""

    def decode_key(self, sent: str) -> bytes:
        return sent.encode("latin-1")


@FAULTS.fault("key-decoded-twice", _DECODED, "a key with an encoded percent sign")
class _Twice(Ha):
    """Decodes a key twice."""

    def decode_key(self, sent: str) -> bytes:
        return unquote_to_bytes(super().decode_key(sent))


@FAULTS.fault("key-lower-hex-not-decoded", _DECODED, "a key with %XX in lower case")
class _LowerHex(Ha):
    """Knows hexadecimal digits in upper case only."""

    def decode_key(self, sent: str) -> bytes:
        return re.sub(rb"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), sent.encode("latin-1"))


@FAULTS.fault("key-plus-after-decoding", _DECODED, "a key with an encoded plus")
class _PlusAfter(Ha):
    """Turns plus signs into spaces after decoding."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).replace(b"+", b" ")


@FAULTS.fault("key-split-after-decoding", _DECODED, "a key with an encoded ampersand")
class _SplitAfter(Ha):
    """Decodes the query before it splits it at ampersands."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).partition(b"&")[0]


@FAULTS.fault("key-cut-at-equals", _DECODED, "a key with an encoded equals sign")
class _CutAtEquals(Ha):
    """Takes what stands between two equals signs after decoding."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).partition(b"=")[0]


@FAULTS.fault("key-slash-not-decoded", _DECODED, "a key with %2F")
class _Slash(Ha):
    """Leaves %2F encoded, as some routers do."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(re.sub("%2f", "%252F", sent, flags=re.IGNORECASE))


@FAULTS.fault("key-basename", _DECODED, "a key with an encoded slash")
class _Basename(Ha):
    """Takes what follows the last slash of a key."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).rpartition(b"/")[2]


@FAULTS.fault("key-cut-at-hash", _DECODED, "a key with an encoded number sign")
class _CutAtHash(Ha):
    """Cuts a key at its number sign after decoding."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).partition(b"#")[0]


@FAULTS.fault("key-cut-at-semicolon", _DECODED, "a key with an encoded semicolon")
class _CutAtSemicolon(Ha):
    """Takes a semicolon in a decoded key for the end of the parameter."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).partition(b";")[0]


@FAULTS.fault("key-trimmed", _DECODED, "a key with an encoded space at an end")
class _Trimmed(Ha):
    """Trims white space off a decoded key."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).strip()


@FAULTS.fault("key-as-latin-1", _DECODED, "a key with encoded bytes above 127")
class _Latin1(Ha):
    """Takes %XX for a character of ISO-8859-1 and asks in UTF-8."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).decode("latin-1").encode()


@FAULTS.fault("key-repaired-utf8", _DECODED, "a key with encoded bytes that are not UTF-8")
class _Repaired(Ha):
    """Replaces what is not UTF-8 in a key by U+FFFD."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).decode("utf-8", "replace").encode()


@FAULTS.fault("key-normalised", _DECODED, "a key in decomposed UTF-8")
class _Normalised(Ha):
    """Composes the characters of a key."""

    def decode_key(self, sent: str) -> bytes:
        key = super().decode_key(sent)
        try:
            return unicodedata.normalize("NFC", key.decode()).encode()
        except UnicodeDecodeError:
            return key


@FAULTS.fault("key-decoded-once", _DECODED, "a key with several %XX")
class _FirstOnly(Ha):
    """Decodes the first %XX of a key only."""

    def decode_key(self, sent: str) -> bytes:
        return re.sub(rb"%([0-9A-Fa-f]{2})", lambda f: bytes.fromhex(f[1].decode()), sent.encode("latin-1"), count=1)


@FAULTS.fault("key-line-end-dropped", _DECODED, "a key with an encoded CR, LF or tab")
class _Controls(Ha):
    """Drops control characters from a key."""

    def decode_key(self, sent: str) -> bytes:
        return re.sub(rb"[\x00-\x1f\x7f]", b"", super().decode_key(sent))


@FAULTS.fault("key-quote-doubled", _DECODED, "a key with an encoded apostrophe")
class _Quote(Ha):
    """Doubles apostrophes, as for a database."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).replace(b"'", b"''")


# The key's own value


@FAULTS.fault("key-lower-case", _OWN, "a key with capital letters")
class _LowerKey(Ha):
    """Asks for a key in lower case."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).lower()


@FAULTS.fault("key-cut-at-32", _MATCH, "a key of more than 32 bytes")
class _CutKey(Ha):
    """Asks for the first 32 bytes of a key."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent)[:32]


@FAULTS.fault("cached-by-bucket", _OWN, "two keys of one bucket", unsteady=True)
class _Bucket(Ha):
    """Keeps what it read in a cache that has one place for each of 64 hashes, and forgets to compare the keys."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._cache: dict[tuple[int, int], Asked] = {}

    def read_master(self, master: int, key: bytes) -> Asked:
        place = (master, sum(key) % 64)
        if place not in self._cache:
            self._cache[place] = super().read_master(master, key)
        return self._cache[place]


@FAULTS.fault("cached-by-prefix", _OWN, "two keys that begin alike", unsteady=True)
class _Prefix(Ha):
    """Remembers the last value by the first 20 bytes of its key."""

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they came
        self._cache: dict[tuple[int, bytes], Asked] = {}

    def read_master(self, master: int, key: bytes) -> Asked:
        place = (master, key[:20])
        if place not in self._cache or self._cache[place] is None:
            self._cache[place] = super().read_master(master, key)
        return self._cache[place]


@FAULTS.fault("reads-one-master-twice", _CONFLICT, "any different values")
class _OneMaster(Ha):
    """Reads master1 for both."""

    def choose_masters(self, sent: str) -> tuple[int, int]:
        first, _ = super().choose_masters(sent)
        return first, first


@FAULTS.fault("version-of-last-answer", _OWN, "a key after another one with other versions", unsteady=True)
class _LastVersion(Ha):
    """Tells the versions of the answer before when they are greater: a maximum that is never reset."""

    _greatest = 0

    def read_master(self, master: int, key: bytes) -> Asked:
        reading = super().read_master(master, key)
        if not isinstance(reading, Reading):
            return reading
        self._greatest = max(self._greatest, reading.version)
        return Reading(reading.value, self._greatest)


@FAULTS.fault("mixes-requests-under-way", _OWN, "two requests at the same time", unsteady=True)
class _Mixed(Ha):
    """Keeps the key of the request under way in one variable for all requests."""

    _key = ""

    async def _slowly(self, request: Request) -> Response:
        await asyncio.sleep(0.005)
        sent = self._key
        readings = self.read_masters(self.choose_masters(sent), self.decode_key(sent))
        return self.answer(request, *(readings if isinstance(readings, tuple) else await readings))

    def get2(self, request: Request) -> Answer:
        self._key = self.key_as_sent(request)
        return self._slowly(request) if self._key else self.missing(request)


@FAULTS.fault("key-doubled-percent-halved", _DECODED, "a key with two encoded percent signs in a row")
class _DoubledPercentHalved(Ha):
    """Puts a key into a format, in which two percent signs stand for one."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(sent).replace(b"%%", b"%")


@FAULTS.fault("key-hex-of-both-cases-not-decoded", _DECODED, "an escape such as %aB")
class _BothCases(Ha):
    """Decodes an escape whose letters are of one case only."""

    def decode_key(self, sent: str) -> bytes:
        return super().decode_key(re.sub(r"%([a-f][A-F]|[A-F][a-f])", r"%25\1", sent))
