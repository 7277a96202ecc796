"""Bodies of a 200 that are not one well-formed JSON text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number, dump, load

FAULTS = GeodeDeviations()

_STRICT = "geode.body.strict-json"

Values = Sequence[str | None]


def _dump_raw(value: Json, *, raw: str) -> str:
    """A JSON text in which the characters of `raw` stand unescaped."""
    text = dump(value)
    for character in raw:
        text = text.replace(json.dumps(character)[1:-1], character)
    return text


@FAULTS.fault("body-byte-order-mark", _STRICT, "every 200")
class _ByteOrderMark(Geode):
    """Begins the body with a byte-order mark."""

    def render_values(self, name: str, values: Values) -> bytes:
        return b"\xef\xbb\xbf" + super().render_values(name, values)


@FAULTS.fault("body-trailing-comma-after-null", _STRICT, "the last key missing, ignored")
class _TrailingCommaAfterNull(Geode):
    """Writes the comma before it knows that what follows is missing: [1,2,null,]."""

    def render_values(self, name: str, values: Values) -> bytes:
        body = super().render_values(name, values)
        return body[:-2] + b",]}" if values and values[-1] is None else body


@FAULTS.fault("body-member-per-batch", _STRICT, "more than twenty keys")
class _MemberPerBatch(Geode):
    """Writes batches of twenty, each under a member of its own with the same name."""

    def render_values(self, name: str, values: Values) -> bytes:
        batches = [values[start : start + 20] for start in range(0, len(values), 20)]
        return (
            b"{" + b",".join(super(_MemberPerBatch, self).render_values(name, batch)[1:-1] for batch in batches) + b"}"
        )


@FAULTS.fault("body-type-twice", _STRICT, "a document with @type")
class _TypeTwice(Geode):
    """Writes @type of its own before the members stored, @type among them."""

    def render_value(self, text: str | None) -> str:
        value = load(text) if text is not None else None
        if text is None or not isinstance(value, dict) or "@type" not in value:
            return super().render_value(text)
        return '{"@type":"java.util.LinkedHashMap",' + text.strip()[1:]


@FAULTS.fault("body-nan-inside", _STRICT, "a null inside a document")
class _NanInside(Geode):
    """Writes NaN for a null inside a document."""

    def render_value(self, text: str | None) -> str:
        return "null" if text is None else dump(_nan(load(text)))


def _nan(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _nan(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_nan(element) for element in value]
    return Number("NaN") if value is None else value


@FAULTS.fault("body-line-feed-raw", _STRICT, "a text with a line feed or a tab")
class _LineFeedRaw(Geode):
    """Does not escape line feeds and tabs in texts."""

    def render_value(self, text: str | None) -> str:
        return "null" if text is None else _dump_raw(load(text), raw="\n\t")


@FAULTS.fault("body-quote-as-apostrophe-escape", _STRICT, "a text with an apostrophe")
class _ApostropheEscaped(Geode):
    r"""Escapes apostrophes as JavaScript does: \' is no escape in JSON."""

    def render_value(self, text: str | None) -> str:
        return super().render_value(text).replace("'", "\\'")


@FAULTS.fault("body-hex-escapes", _STRICT, "a text with a character of ISO-8859-1 beyond ASCII")
class _HexEscapes(Geode):
    r"""Escapes characters below 256 as C does: \xE9 is no escape in JSON."""

    def render_value(self, text: str | None) -> str:
        if text is None:
            return super().render_value(text)
        return re.sub(r"\\u00([89a-fA-F][0-9a-fA-F])", r"\\x\1", dump(load(text)))


@FAULTS.fault("body-latin-1", _STRICT, "a text that is not ASCII")
class _Latin1(Geode):
    """Writes the body as ISO-8859-1 where that can be, without saying so."""

    def render_values(self, name: str, values: Values) -> bytes:
        body = json.dumps({name: None})[:-5] + f"[{','.join(map(self._unescaped, values))}]}}"
        return body.encode("latin-1", "replace")

    def _unescaped(self, text: str | None) -> str:
        value = dump(load(text)) if text is not None else "null"
        return re.sub(r"\\u00([a-f][0-9a-f])", lambda match: chr(int(match[1], 16)), value)


@FAULTS.fault("body-second-text", _STRICT, "every 200")
class _SecondText(Geode):
    """Writes a second JSON text behind the first, for those who read line by line."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name, values) + b"\n{}"


@FAULTS.fault("body-nul-terminated", _STRICT, "every 200")
class _NulTerminated(Geode):
    """Sends the NUL that ends its buffer."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name, values) + b"\0"


@FAULTS.fault("body-fraction-without-zero", _STRICT, "a fraction between -1 and 1")
class _FractionWithoutZero(Geode):
    """Writes .5 for 0.5."""

    def render_value(self, text: str | None) -> str:
        return "null" if text is None else dump(_without_zero(load(text)))


def _without_zero(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_zero(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_zero(element) for element in value]
    return Number(re.sub(r"^(-?)0\.", r"\1.", value)) if isinstance(value, Number) else value


@FAULTS.fault("body-comment", _STRICT, "a missing key, ignored")
class _Comment(Geode):
    """Says in a comment why there is a null."""

    def render_value(self, text: str | None) -> str:
        return "null /* not found */" if text is None else text


@FAULTS.fault("body-ends-at-65536", _STRICT, "a body of more than 64 KiB")
class _EndsAt65536(Geode):
    """Ends the body at 64 KiB, and frames it as if it were whole."""

    def render_values(self, name: str, values: Values) -> bytes:
        return super().render_values(name, values)[:65_536]
