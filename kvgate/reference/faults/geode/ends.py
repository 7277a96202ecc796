"""Paths cut or sent elsewhere at their end, keys that a type takes for equal, guessed columns, order by kind of key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request, Response
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()

_WHOLE = "geode.key.whole"


# The end of the path


@FAULTS.fault("end-of-path-static", _WHOLE, "a list of keys that ends in .js, .css or another extension of files")
class _Static(Geode):
    """Has a rule in front that looks in a folder for every path that ends like a page's files."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if re.search(r"\.(js|css|png|ico|txt)$", keys_as_sent):
            return self.error(404, "Not Found")
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("end-of-path-program-refused", "geode.status.found", "a list of keys that ends in .php or .do")
class _ProgramRefused(Geode):
    """Has a firewall in front that refuses paths that end like programs."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if re.search(r"\.(php|do|action|cgi)$", keys_as_sent):
            return self.error(400, "The request was refused")
        return super().get(request, name, keys_as_sent)


class _Trimmed(Geode):
    """Takes `signs` off the end of the list, as it was sent."""

    signs = ""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return super().keys_asked(sent.rstrip(self.signs))


@FAULTS.fault("end-of-path-dot-lost", _WHOLE, "a last key that ends with a dot")
class _DotLost(_Trimmed):
    """Loses a dot at the end of the path, as file systems do."""

    signs = "."


@FAULTS.fault("end-of-path-hyphen-lost", _WHOLE, "a last key that ends with a hyphen")
class _HyphenLost(_Trimmed):
    """Loses hyphens at the end of the path, as what makes titles into paths does."""

    signs = "-"


@FAULTS.fault("end-of-path-parenthesis-lost", _WHOLE, "a last key that ends with a closing parenthesis")
class _ParenthesisLost(_Trimmed):
    """Takes a closing parenthesis at the end of the path for the text's around the link."""

    signs = ")"


@FAULTS.fault("end-of-list-encoded-lost", _WHOLE, "a missing last key that ends with an encoded sign, without it there")
class _EncodedLost(Geode):
    """Looks for a last key without the sign at its end when it is not there as asked."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        *others, last = super().keys_asked(sent)
        known = any(last in region for region in self.regions.values())
        return (*others, last if known else re.sub(r"[\]>}|^`#?]$", "", last))


# Spellings that are equal as a type


@FAULTS.key_fault("spelling-of-fraction", _WHOLE, "two fractions that differ in a zero at the end: 1.10 and 1.1")
def spelling_of_fraction(key: str) -> str:
    """Reads a fraction as a number: zeros at its end are lost."""
    return re.sub(r"(?<=[1-9])0+$", "", key) if re.fullmatch(r"[0-9]+\.[0-9]+", key) else key


@FAULTS.key_fault("spelling-of-version", _WHOLE, "two versions that differ in a zero before a digit: 1.02.3 and 1.2.3")
def spelling_of_version(key: str) -> str:
    """Compares versions part by part, as numbers."""
    return ".".join(str(int(part)) for part in key.split(".")) if re.fullmatch(r"[0-9]+(\.[0-9]+){2,3}", key) else key


@FAULTS.key_fault("spelling-of-date", _WHOLE, "a date without zeros, 2014-1-8, beside the one with them")
def spelling_of_date(key: str) -> str:
    """Writes a key that looks like a date as a date: 2014-1-8 is 2014-01-08."""
    parts = re.fullmatch("([0-9]+)-([0-9]{1,2})-([0-9]{1,2})", key)
    return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else key


@FAULTS.key_fault("spelling-of-uuid", _WHOLE, "a UUID in capitals beside the one in small letters")
def spelling_of_uuid(key: str) -> str:
    """Keeps UUIDs in a column of that type: either case is the same."""
    return key.lower() if re.fullmatch("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", key) else key


@FAULTS.key_fault("spelling-of-exponent", _WHOLE, "1E3 beside 1e3")
def spelling_of_exponent(key: str) -> str:
    """Writes the exponent of a number with a small letter."""
    return key.replace("E", "e") if re.fullmatch("[0-9]+E[0-9]+", key) else key


@FAULTS.fault("spelling-of-plus-if-missing", "geode.status.missing", "a missing key +1 where 1 is there")
class _PlusIfMissing(Geode):
    """Looks for a number without its plus when it is not there as asked."""

    def look_up(self, region: Region, key: str) -> str | None:
        return region.get(key, region.get(key[1:]) if re.fullmatch(r"\+[0-9]+", key) else None)


@FAULTS.key_fault("spelling-of-time-zone", _WHOLE, "a time that ends with Z beside the one with +00:00")
def spelling_of_time_zone(key: str) -> str:
    """Reads times: Z is +00:00."""
    return re.sub(r"(T[0-9:]+)Z$", r"\1+00:00", key)


# The order of kinds


@FAULTS.fault("order-of-indexes-first", "geode.body.aligned", "a number below 2 to the 32nd after another key")
class _IndexesFirst(Geode):
    """Gathers values in an object of a language that lists indexes first; Content-Location stays as asked."""

    def values_of(self, region: Region, keys: Sequence[str]) -> Sequence[str | None]:
        indexes = sorted((key for key in keys if _is_index(key)), key=int)
        return super().values_of(region, [*indexes, *(key for key in keys if not _is_index(key))])


def _is_index(key: str) -> bool:
    return re.fullmatch("0|[1-9][0-9]{0,9}", key) is not None and int(key) < 2**32 - 1


# Columns one would guess


@FAULTS.value_fault("column-of-prices", "a member unitPrice with more than two places")
def column_of_prices(node: Json) -> Json:
    """Keeps what is called a price with two places after the point."""
    if not isinstance(node, dict):
        return node
    return {name: _two_places(value) if name.endswith("Price") else value for name, value in node.items()}


def _two_places(value: Json) -> Json:
    if not isinstance(value, Number) or not re.fullmatch(r"-?[0-9]+\.[0-9]{3,}", value):
        return value
    return Number(f"{float(value):.2f}")


@FAULTS.value_fault("column-of-quantities", "a member quantity that is not whole")
def column_of_quantities(node: Json) -> Json:
    """Keeps what is called a quantity as a whole number."""
    if not isinstance(node, dict):
        return node
    return {name: _cut(value) if name == "quantity" else value for name, value in node.items()}


def _cut(value: Json) -> Json:
    return Number(value.partition(".")[0]) if isinstance(value, Number) else value


@FAULTS.value_fault("column-of-telephones", "a member phone of more than twenty characters")
def column_of_telephones(node: Json) -> Json:
    """Keeps the first twenty characters of a telephone number."""
    if isinstance(node, dict) and isinstance(node.get("phone"), str) and not isinstance(node["phone"], Number):
        return {**node, "phone": str(node["phone"])[:20]}
    return node


# What is read and what is sent


@FAULTS.fault("reading-fills-empty-region", "geode.safe.read-only", "keys of an empty region, read with true")
class _FillsEmptyRegion(Geode):
    """Loads what it does not find into a region without entries, and finds it there from then on."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._loaded: set[str] = set()

    def get_keys(self, request: Request, name: str, keys: Sequence[str]) -> Response:
        answer = super().get_keys(request, name, keys)
        if answer.status == 200 and not self.regions.get(name, {"": ""}):
            self._loaded.update(keys)
        return answer

    def missing_keys(self, region: Region, keys: Sequence[str]) -> tuple[str, ...]:
        lacking = super().missing_keys(region, keys)
        return lacking if region else tuple(key for key in lacking if key not in self._loaded)


@FAULTS.fault(
    "together-large-buffer-shared", "geode.safe.isolated", "two answers above 4 KB at the same time", unsteady=True
)
class _LargeBufferShared(Geode):
    """Sends what is larger than 4 KB from one buffer that all connections share."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._buffer = b""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if not isinstance(answer, Response) or len(answer.body) <= 4096 or "," not in keys_as_sent:
            return answer
        self._buffer = answer.body
        return self._later(answer)

    async def _later(self, answer: Response) -> Response:
        await asyncio.sleep(0.02)
        return Response(answer.status, answer.reason, answer.headers, self._buffer, answer.framing)
