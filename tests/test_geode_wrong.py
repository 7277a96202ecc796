"""Wrong answers, each rejected by the check that is meant to reject it, and by no other than those it says.

The answers are conforming ones with one thing changed; there is no server.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from geode_answers import Change, Reply, breached, evidence, findings, placed
from kvgate.verdict import Verdict
from kvgate.wire.exchange import Fault, FaultKind
from test_geode_catalogue import MUST, SHOULD


@dataclass(frozen=True)
class Wrong:
    """One fault: what is changed in which case, whom it is meant for, and who else is right to accuse."""

    name: str
    case: str
    change: Change
    meant: str
    also: str = ""
    only: str | None = None

    @property
    def accusers(self) -> set[str]:
        return {f"geode.{self.meant}", *(f"geode.{other}" for other in self.also.split())}


def elements(change: Callable[[list[str]], object]) -> Change:
    def made(reply: Reply) -> Reply:
        found = list(reply.elements)
        new = change(found)
        return replace(reply, elements=tuple(new if isinstance(new, list) else found))

    return made


def location(change: Callable[[str], str]) -> Change:
    return lambda reply: replace(reply, location=change(f"http://h/geode/v1/{reply.region}/{','.join(reply.keys)}"))


def status(code: int, body: bytes | None = None) -> Change:
    return lambda reply: replace(reply if body is None else reply.saying(body), status=code)


def missing_400(*names: str) -> Change:
    """The error that a server gives which has not found these keys."""
    return lambda reply: replace(
        reply.saying(json.dumps(f"Requested keys [{','.join(names)}] not exist in region [{reply.region}]")), status=400
    )


def element(index: int, text: str) -> Change:
    return elements(lambda found: [*found[:index], text, *found[index + 1 :]])


def values_of(*texts: str) -> Change:
    """A 200 with these elements for the keys asked for."""
    return lambda reply: replace(reply, status=200, body=None, keys=reply.asked, elements=texts)


def edit(old: str, new: str) -> Change:
    """The answer with a part of its text changed; the part has to be there."""

    def made(reply: Reply) -> Reply:
        body = reply.values().decode()
        assert old in body, body
        return reply.saying(body.replace(old, new))

    return made


def type_(*values: str) -> Change:
    return lambda reply: reply.having("Content-Type", *values)


def fault(kind: FaultKind) -> Change:
    return lambda _: Fault(kind, f"it was {kind}")


CUT = lambda reply: reply.raw()[:-5]  # noqa: E731
NULL_FIRST = elements(lambda found: sorted(found, key=lambda text: text != "null"))
SWAP = elements(lambda found: found[::-1])
STATUS = {
    "found": ("default-all-found", "status.found", "parameter.values"),
    "ignored": ("missing-middle-ignored", "status.ignored", ""),
    "missing": ("missing-middle", "status.missing", ""),
    "bad-parameter": ("bad-yes", "status.bad-parameter", ""),
    "no-region": ("no-region", "status.no-region", ""),
}

WRONG = [
    # served
    Wrong("control answered by 404", "control", status(404), "request.served", "status.found"),
    Wrong("control answered by 405", "control", status(405), "request.served", "status.found"),
    Wrong("control of the second region answered by 500", "control-second", status(500), "request.served", "status.found"),
    Wrong("control answered by a reset", "control", fault(FaultKind.RESET), "request.served", "status.found"),
    # status, in each outcome
    *(
        Wrong(f"{outcome}: {what}", case, change, meant, others if "status" in what else "")
        for outcome, (case, meant, others) in STATUS.items()
        for what, change in {
            "status 500": status(500), "status 501": status(501), "status 405": status(405), "status 204": status(204, b""),
            "status 302": status(302), "reset": fault(FaultKind.RESET), "time-out": fault(FaultKind.TIMEOUT),
            "empty reply": fault(FaultKind.EMPTY), "not HTTP": lambda reply: b"what?",
        }.items()
    ),
    Wrong("found: 400", "three-sorted", missing_400("a"), "status.found"),
    Wrong("found: 404", "three-sorted", status(404), "status.found"),
    Wrong("found: 206", "three-sorted", status(206), "status.found"),
    Wrong("ignored: 400", "missing-last-ignored", missing_400("x"), "status.ignored"),
    Wrong("ignored: 404 when none is there", "missing-all-ignored", status(404), "status.ignored"),
    Wrong("missing: 200 with nulls", "missing-first", values_of("null", '{"id":"a"}', '{"id":"b"}'), "status.missing"),
    Wrong("missing: 404", "missing-all", status(404), "status.missing"),
    Wrong("missing: 404 for an empty region", "empty-region", status(404), "status.missing"),
    Wrong("missing: 200 for the last of sixty", "sixty-keys-last-missing", status(200, b'{"orders":[]}'), "status.missing"),
    Wrong("bad parameter: 200", "bad-truee", values_of('{"id":1}', '{"id":2}'), "status.bad-parameter"),
    Wrong("bad parameter: taken for true", "bad-yes-missing", values_of('{"id":1}', "null"), "status.bad-parameter"),
    Wrong("bad parameter: 404", "bad-empty", status(404), "status.bad-parameter"),
    Wrong("bad parameter and no region: 200", "bad-value-and-no-region", status(200), "status.bad-parameter"),
    Wrong("no region: 400", "no-region-stored-keys", missing_400("a"), "status.no-region"),
    Wrong("no region: 200 and nulls", "no-region-true", values_of("null", "null"), "status.no-region"),
    Wrong("no region: values of another", "no-region-stored-keys-true", values_of('{"id":1}', '{"id":2}'), "status.no-region"),
    # parameter
    Wrong("false is no valid value", "false-all-found", status(400), "parameter.values", "status.found"),
    Wrong("true is no valid value", "true-all-found", status(400), "parameter.values", "status.found"),
    Wrong("false is taken for true", "false-one-missing", values_of('{"id":1}', "null"), "parameter.values", "status.missing"),
    Wrong("true is the default", "default-one-missing", values_of('{"id":1}', "null"), "parameter.values", "status.missing"),
    Wrong("true is not heeded", "true-one-missing", missing_400("x"), "parameter.values", "status.ignored"),
    # keys whole
    Wrong("numbers: 01 is not found", "leading-zero", missing_400("01"), "key.whole", "status.found"),
    Wrong("numbers: 01 is 1", "leading-zero", element(0, '{"id":2}'), "key.whole", "body.aligned body.value-intact"),
    Wrong("numbers: 01 is found as 1", "leading-zero-missing", values_of('{"id":1}', '{"id":2}'), "key.whole", "status.missing"),
    Wrong("numbers: 01 is not null", "leading-zero-missing-ignored", element(0, '{"id":1}'), "key.whole", "body.aligned body.missing-null"),
    Wrong("numbers: 20 digits as a double", "twenty-digits", element(1, '{"id":1}'), "key.whole", "body.aligned body.value-intact"),
    Wrong("case is folded", "upper-and-lower-case", elements(lambda f: [f[0]] * 3), "key.whole", "body.aligned body.value-intact"),
    Wrong("case is folded, found", "other-case-missing", values_of('{"id":1}', '{"id":2}'), "key.whole", "status.missing"),
    Wrong("cut at a dot", "dot-in-last", element(1, '{"id":3}'), "key.whole", "body.value-intact"),
    Wrong("cut at a dot, not found", "dot-in-first", missing_400("a"), "key.whole", "status.found"),
    Wrong("a file extension chooses a format", "file-extension-last", status(406), "key.whole", "status.found"),
    Wrong("a prefix is found", "missing-prefix-of-found", values_of('{"id":"ab"}', '{"id":"ab"}', '{"id":"c"}'), "key.whole", "status.missing"),
    Wrong("prefix match brings more", "prefix-decoys", elements(lambda f: [*f, '{"id":4}']), "key.whole", "body.one-per-key"),
    Wrong("cut at 64", "longer-than-64", element(1, '{"id":1}'), "key.whole", "body.aligned body.value-intact"),
    Wrong("long keys are refused", "two-hundred-long", status(414), "key.whole", "status.found"),
    Wrong("a long key is lost", "two-hundred-long", element(0, "null"), "key.whole", "body.value-intact"),
    Wrong("inner blanks are one", "inner-spaces", element(1, '{"id":2}'), "key.whole", "key.decoded body.aligned body.value-intact"),
    # keys decoded
    Wrong("%20 is not decoded", "encoded-space", missing_400("a%20b"), "key.decoded", "status.found"),
    Wrong("%20 is dropped", "encoded-space", element(0, '{"id":3}'), "key.decoded", "body.value-intact"),
    Wrong("%23 ends the path", "encoded-number-sign", element(0, '{"id":3}'), "key.decoded", "body.value-intact"),
    Wrong("%26 is refused", "encoded-ampersand", status(400), "key.decoded", "status.found"),
    Wrong("%7B is refused by 500", "encoded-brace-open", status(500), "key.decoded", "status.found"),
    Wrong("plus is a space", "literal-plus", element(0, '{"id":1}'), "key.decoded", "body.aligned body.value-intact"),
    Wrong("plus is a space, found", "literal-plus-missing", values_of('{"id":1}', '{"id":2}'), "key.decoded", "status.missing"),
    Wrong("%41 is not A", "encoded-letters", missing_400("%41"), "key.decoded", "status.found"),
    Wrong("%31 is not 1", "encoded-digits", element(0, '{"id":3}'), "key.decoded", "body.value-intact"),
    Wrong("lower-case hexadecimal is not read", "lower-case-hexadecimal", missing_400("%3c"), "key.decoded", "status.found"),
    Wrong("UTF-8 is not read", "utf8-accents", missing_400("x"), "key.decoded", "status.found"),
    # region member
    Wrong("the member is called values", "three-sorted", edit('"orders":', '"values":'), "body.region-member"),
    Wrong("the member is in capitals", "three-sorted", edit('"orders":', '"ORDERS":'), "body.region-member"),
    Wrong("the member is the path", "three-sorted", edit('"orders":', '"/orders":'), "body.region-member"),
    Wrong("the member is the other region", "same-keys-second", edit('"items":', '"orders":'), "body.region-member"),
    Wrong("another member beside it", "three-sorted", edit('{"orders"', '{"count":3, "orders"'), "body.region-member"),
    Wrong("a member called {region} beside it", "three-sorted", edit('{"orders"', '{"{region}":[], "orders"'), "body.region-member"),
    Wrong("a bare array", "three-sorted", lambda r: r.saying(f"[{','.join(r.elements)}]"), "body.region-member"),
    Wrong("an object by key", "three-sorted", lambda r: r.saying('{"orders":{"a":{"id":1}}}'), "body.region-member"),
    Wrong("an empty object", "three-sorted", lambda r: r.saying("{}"), "body.region-member"),
    Wrong("null as body", "missing-all-ignored", lambda r: r.saying("null"), "body.region-member"),
    Wrong("the array as a text", "three-sorted", lambda r: r.saying(json.dumps({r.region: json.dumps([1])})), "body.region-member"),
    # one per key
    Wrong("one short", "three-sorted", elements(lambda f: f[:-1]), "body.one-per-key"),
    Wrong("one long, the last twice", "three-sorted", elements(lambda f: [*f, f[-1]]), "body.one-per-key"),
    Wrong("one long, null at the end", "three-sorted", elements(lambda f: [*f, "null"]), "body.one-per-key"),
    Wrong("no element at all", "three-sorted", elements(lambda _: []), "body.one-per-key"),
    Wrong("cut at ten", "eleven-keys", elements(lambda f: f[:10]), "body.one-per-key"),
    Wrong("cut at fifty", "fifty-one-keys", elements(lambda f: f[:50]), "body.one-per-key"),
    Wrong("cut with its location", "sixty-keys", lambda r: replace(r, keys=r.keys[:50], elements=r.elements[:50]), "body.one-per-key", "location.names-keys"),
    Wrong("equal values are one", "equal-values", elements(lambda f: f[:1]), "body.one-per-key"),
    Wrong("duplicate: array once, location twice", "duplicate-found", elements(lambda f: f[1:]), "body.one-per-key"),
    # aligned
    Wrong("reversed", "three-sorted", SWAP, "body.aligned"),
    Wrong("first two swapped", "page-second-example", SWAP, "body.aligned"),
    Wrong("array sorted, location as asked", "five-shuffled", elements(sorted), "body.aligned"),
    Wrong("location sorted, array as asked", "five-shuffled", lambda r: replace(r, location=f"/geode/v1/orders/{','.join(sorted(r.keys))}"), "body.aligned"),
    Wrong("shifted by one", "sixty-keys", elements(lambda f: [*f[1:], f[0]]), "body.aligned"),
    Wrong("nulls last", "missing-alternating-ignored", elements(lambda f: sorted(f, key=lambda t: t == "null")), "body.aligned", "body.missing-null"),
    Wrong("nulls first", "missing-last-ignored", NULL_FIRST, "body.aligned", "body.missing-null"),
    Wrong("location of another order, with nulls", "page-first-example", lambda r: replace(r, location="http://h/geode/v1/orders/" + ",".join(reversed(r.keys))), "body.aligned", "body.missing-null"),
    Wrong("swapped around equal values", "equal-values-and-missing", elements(lambda f: [f[0], f[2], f[1]]), "body.aligned", "body.missing-null"),
    # missing null
    Wrong("null left out", "missing-middle-ignored", elements(lambda f: [t for t in f if t != "null"]), "body.missing-null", "body.one-per-key"),
    Wrong("all nulls left out", "missing-all-ignored", elements(lambda _: []), "body.missing-null", "body.one-per-key"),
    Wrong("null left out with its key", "missing-middle-ignored", lambda r: replace(r, keys=(r.keys[0], r.keys[2]), elements=(r.elements[0], r.elements[2])), "body.missing-null", "body.one-per-key location.names-keys"),
    Wrong("nulls in a row are one", "missing-run-ignored", elements(lambda f: [f[0], "null", f[-1]]), "body.missing-null", "body.one-per-key"),
    Wrong("{} for null", "missing-middle-ignored", element(1, "{}"), "body.missing-null"),
    Wrong("empty text for null", "missing-last-ignored", element(2, '""'), "body.missing-null"),
    Wrong("the word null for null", "missing-first-ignored", element(0, '"null"'), "body.missing-null"),
    Wrong("false for null", "missing-two-all-ignored", element(0, "false"), "body.missing-null"),
    Wrong("an error object for null", "missing-one-of-two-ignored", element(1, '{"error":"not found"}'), "body.missing-null"),
    Wrong("the value before for null", "one-request-nulls-between", element(1, '{"a1":"first"}'), "body.missing-null", "body.aligned safe.isolated"),
    # value intact
    Wrong("15.5 becomes 15", "page-first-example", edit("15.5", "15"), "body.value-intact"),
    Wrong("9007199254740993 as a double", "number-beyond-double", edit("9007199254740993", "9007199254740992"), "body.value-intact"),
    Wrong("the limit of 64 bits rounded", "number-64-bit-limits", edit("9223372036854775807", "9223372036854775808"), "body.value-intact"),
    Wrong("32 bits overflow", "number-above-32-bits", edit("2147483648}", "0}") if False else edit('"more":2147483648', '"more":-2147483648'), "body.value-intact"),
    Wrong("single precision", "number-small-fractions", edit("0.1,", "0.10000000149011612,"), "body.value-intact"),
    Wrong("a number becomes a text", "number-negative", edit("-7", '"-7"'), "body.value-intact"),
    Wrong("the sign is lost", "number-negative", edit("-0.25", "0.25"), "body.value-intact"),
    Wrong("an exponent is lost", "number-exponents", edit("1.5E-7", "1.5"), "body.value-intact"),
    Wrong("a text becomes a number", "number-like-texts", edit('"1.50"', "1.50"), "body.value-intact"),
    Wrong("30 digits as a double", "integer-beyond-64-bits", edit("123456789012345678901234567890", "1.2345678901234568E29"), "body.value-intact"),
    Wrong("true becomes 1", "booleans", edit('"t":true', '"t":1'), "body.value-intact"),
    Wrong("true becomes a text", "booleans", edit('"t":true', '"t":"true"'), "body.value-intact"),
    Wrong("null members are left out", "null-inside", edit('"a":null,', ""), "body.value-intact"),
    Wrong("null in an array is left out", "null-in-arrays", edit("[null,1", "[1"), "body.value-intact"),
    Wrong("an empty array becomes null", "empty-array", edit("[]", "null"), "body.value-intact"),
    Wrong("an empty array is left out", "empty-array", edit('"items":[],', ""), "body.value-intact"),
    Wrong("an empty text becomes null", "empty-text", edit('""', "null"), "body.value-intact"),
    Wrong("an empty object becomes null", "empty-object", edit("{}", "null"), "body.value-intact"),
    Wrong("a stored empty object becomes null", "empty-object-and-missing-ignored", element(0, "null"), "body.value-intact"),
    Wrong("texts are trimmed", "text-with-blanks-at-its-ends", edit('" a "', '"a"'), "body.value-intact"),
    Wrong("markup is escaped", "text-of-markup", edit('"<&>"', '"&lt;&amp;&gt;"'), "body.value-intact"),
    Wrong("escapes are escaped again", "text-with-escapes", edit("\\n", "\\\\n"), "body.value-intact"),
    Wrong("accents are lost", "text-accented", edit("Zürich", "Zurich"), "body.value-intact"),
    Wrong("read as ISO-8859-1", "text-cjk", edit("中文", "中文".encode().decode("latin-1")), "body.value-intact"),
    Wrong("question marks for emoji", "text-emoji", edit("😀", "??"), "body.value-intact"),
    Wrong("normalised", "text-decomposed", edit("e\u0301", "\u00e9"), "body.value-intact"),
    Wrong("a date is turned round", "text-dates", edit("01/10/2014", "2014-01-10"), "body.value-intact"),
    Wrong("a text of JSON is parsed", "text-of-json", edit('"[1,2]"', "[1,2]"), "body.value-intact"),
    Wrong("a long text is cut at 4096", "text-long", edit("c" * 4096, "c" * 4095), "body.value-intact"),
    Wrong("a text is cut at 255", "text-long", edit("b" * 256, "b" * 255), "body.value-intact"),
    Wrong("@type is taken away", "type-member", edit('"@type":"org.example.Order",', ""), "body.value-intact"),
    Wrong("@type is put in", "documents-of-other-shape", edit('{"name"', '{"@type":"x","name"'), "body.value-intact"),
    Wrong("names in capitals", "names-unusual", edit('"_g"', '"_G"'), "body.value-intact"),
    Wrong("cut at a depth", "deep-objects", edit('{"a":"bottom"}', "{}"), "body.value-intact"),
    Wrong("cut at a depth of arrays", "deep-arrays", edit("[5]", "[]"), "body.value-intact"),
    Wrong("an array is sorted", "array-order", edit("[3,1,2,3,1]", "[1,1,2,3,3]"), "body.value-intact"),
    Wrong("an array is a set", "array-order", edit("[3,1,2,3,1]", "[3,1,2]"), "body.value-intact"),
    Wrong("an array of one is its element", "array-of-one", edit('"a":[1]', '"a":1'), "body.value-intact"),
    Wrong("items of one number are one", "array-of-objects-alike", edit(',{"itemNo":1,"d":"Product-2"}', ""), "body.value-intact"),
    Wrong("a member is lost", "many-members", edit('"m59":59', '"m59x":59'), "body.value-intact"),
    Wrong("the key is put into the value", "three-sorted", edit('{"id":2}', '{"id":2,"key":"b"}'), "body.value-intact"),
    Wrong("the value is wrapped", "three-sorted", edit('{"id":2}', '{"value":{"id":2}}'), "body.value-intact"),
    Wrong("the value is a text", "three-sorted", edit('{"id":2}', '"{}"'), "body.value-intact"),
    Wrong("a value that is there is null", "three-sorted", element(1, "null"), "body.value-intact"),
    Wrong("the first value for all", "documents-nearly-alike", elements(lambda f: [f[0], f[0]]), "body.value-intact", "body.aligned"),
    Wrong("one short, and another altered", "three-sorted", elements(lambda f: ['{"id":9}', *f[2:]]), "body.value-intact", "body.one-per-key"),
    Wrong("altered without location", "three-sorted", lambda r: replace(element(1, '{"id":9}')(r), location=""), "body.value-intact", "location.sent"),  # type: ignore[type-var]
    # strict JSON
    Wrong("a member twice", "three-sorted", edit('{"id":2}', '{"id":2,"id":2}'), "body.strict-json"),
    Wrong("the region twice", "three-sorted", edit('{"orders"', '{"orders":[], "orders"'), "body.strict-json"),
    Wrong("NaN", "number-fraction", edit("15.5", "NaN"), "body.strict-json"),
    Wrong("a comma after the last element", "three-sorted", edit("]}", ",]}"), "body.strict-json"),
    Wrong("a byte-order mark", "three-sorted", lambda r: r.saying(b"\xef\xbb\xbf" + r.values()), "body.strict-json"),
    Wrong("something after", "three-sorted", lambda r: r.saying(r.values() + b"\nnull"), "body.strict-json"),
    Wrong("raw control character", "text-with-escapes", lambda r: r.saying(r.values().replace(b"\\n", b"\n")), "body.strict-json"),
    Wrong("not UTF-8", "text-accented", lambda r: r.saying(r.values().decode().encode("cp1252", "replace")), "body.strict-json"),
    Wrong("a lone surrogate", "text-emoji", edit("\\ude00", ""), "body.strict-json"),
    Wrong("CESU-8", "text-emoji", lambda r: r.saying(r.values().replace("😀".encode(), b"\xed\xa0\xbd\xed\xb8\x80")), "body.strict-json"),
    Wrong("an unescaped quote", "text-with-quotes", edit('\\"hi\\"', '"hi"'), "body.strict-json"),
    Wrong("single quotes", "three-sorted", lambda r: r.saying(r.values().replace(b'"', b"'")), "body.strict-json"),
    Wrong("no body", "three-sorted", lambda r: r.saying(b""), "body.strict-json"),
    Wrong("HTML", "three-sorted", lambda r: r.saying("<html>"), "body.strict-json"),
    Wrong("cut off inside a chunked body", "three-sorted", lambda r: r.saying(r.values()[:-4]), "body.strict-json"),
    Wrong("a hundred thousand brackets", "three-sorted", lambda r: r.saying(b"[" * 100_000), "body.strict-json"),
    # location
    Wrong("no location", "three-sorted", lambda r: replace(r, location=""), "location.sent"),
    Wrong("no location with nulls", "missing-middle-ignored", lambda r: replace(r, location=""), "location.sent"),
    Wrong("no location and another order", "three-sorted", lambda r: replace(SWAP(r), location=""), "location.sent"),  # type: ignore[type-var]
    Wrong("a key is missing in location", "three-sorted", location(lambda u: u.rpartition(",")[0]), "location.names-keys"),
    Wrong("a key too many in location", "three-sorted", location(lambda u: u + ",x"), "location.names-keys"),
    Wrong("found keys only in location", "missing-last-ignored", location(lambda u: u.rpartition(",")[0]), "location.names-keys"),
    Wrong("location of the region", "three-sorted", location(lambda u: u.rpartition("/")[0]), "location.names-keys"),
    Wrong("location of another region", "three-sorted", location(lambda u: u.replace("/orders/", "/items/")), "location.names-keys"),
    Wrong("location without the region", "three-sorted", location(lambda u: u.replace("/orders", "")), "location.names-keys"),
    Wrong("location ends in a comma", "three-sorted", location(lambda u: u + ","), "location.names-keys"),
    Wrong("location in capitals", "three-sorted", location(str.upper), "location.names-keys"),
    Wrong("location with blanks", "three-sorted", location(lambda u: u.replace(",", ", ")), "location.names-keys"),
    Wrong("location empty of keys", "three-sorted", location(lambda _: "/"), "location.names-keys"),
    Wrong("location with one key twice", "three-sorted", location(lambda u: u.rpartition(",")[0] + "," + u.rpartition("/")[2].split(",")[0]), "location.names-keys"),
    Wrong("two locations", "three-sorted", lambda r: r.having("Content-Location", "/orders/x"), "location.names-keys"),
    # types
    Wrong("text/plain", "three-sorted", type_("text/plain"), "type.json"),
    Wrong("text/json", "three-sorted", type_("text/json"), "type.json"),
    Wrong("no type", "three-sorted", type_(), "type.json"),
    Wrong("application/json5", "three-sorted", type_("application/json5"), "type.json"),
    Wrong("two types", "three-sorted", type_("application/json", "text/html"), "type.json"),
    Wrong("an error in HTML", "missing-first", type_("text/html"), "type.json"),
    Wrong("an error without type", "missing-all", type_(), "type.json"),
    Wrong("application/problem", "missing-all", type_("application/problem+json"), "type.json"),
    Wrong("a wrong parameter in plain text", "bad-one", type_("text/plain"), "type.other-errors"),
    Wrong("a wrong parameter without type", "bad-one", type_(), "type.other-errors"),
    Wrong("no region in HTML", "no-region", type_("text/html;charset=utf-8"), "type.other-errors"),
    Wrong("no region without type", "no-region", type_(), "type.other-errors"),
    # errors
    Wrong("an error in plain words", "missing-first", lambda r: r.saying(json.loads(r.values())), "error.json"),
    Wrong("an error with an unescaped quote", "missing-quote-named", lambda r: r.saying(r.values().replace(b'\\"', b'"')), "error.json"),
    Wrong("an error without a body", "missing-first", lambda r: r.saying(b""), "error.json", "error.names-missing"),
    Wrong("an error in HTML with its type", "missing-all", lambda r: type_("text/html")(r.saying(f"<b>{r.values().decode()}</b>")), "error.json", "type.json"),  # type: ignore[arg-type]
    Wrong("an error in single quotes", "missing-all", lambda r: r.saying(r.values().replace(b'"', b"'")), "error.json"),
    Wrong("a wrong parameter in plain words", "bad-word", lambda r: r.saying("ignoreMissingKey is wrong"), "error.json-parameter"),
    Wrong("a wrong parameter without a body", "bad-word", lambda r: r.saying(""), "error.json-parameter"),
    Wrong("a wrong parameter that breaks the JSON", "bad-quoted", lambda r: r.saying('{"cause":"("true") is wrong"}'), "error.json-parameter"),
    # names
    Wrong("only the first is named", "missing-some-named", lambda r: r.saying(json.dumps(f"{r.missing[0]} {r.region}")), "error.names-missing"),
    Wrong("all but the last are named", "missing-twelve-named", lambda r: r.saying(json.dumps(f"{r.missing[:-1]} {r.region}")), "error.names-missing"),
    Wrong("ten are named", "sixty-keys-half-missing", lambda r: r.saying(json.dumps(f"{r.missing[:10]}... {r.region}")), "error.names-missing"),
    Wrong("all requested are named", "page-error-example", lambda r: r.saying(json.dumps(f"{r.asked} {r.region}")), "error.names-missing"),
    Wrong("the found are named", "missing-some-named", lambda r: r.saying(json.dumps(f"{[k for k in r.asked if k not in r.missing]} {r.region}")), "error.names-missing"),
    Wrong("nothing is named", "missing-first", lambda r: r.saying('"not found"'), "error.names-missing"),
    Wrong("the region is not named", "missing-first", edit("[orders]", "[]"), "error.names-missing"),
    Wrong("another region is named", "second-region-missing", edit("[items]", "[orders]"), "error.names-missing"),
    Wrong("a longer key is named", "missing-prefix-of-found", lambda r: r.saying(json.dumps(f"{r.missing[0]}b {r.region}")), "error.names-missing"),
    Wrong("a part of the key is named", "missing-dotted-of-found", lambda r: r.saying(json.dumps(f"{r.missing[0][:-2]} {r.region}")), "error.names-missing"),
    Wrong("markup is escaped twice", "missing-markup-named", lambda r: r.saying(r.values().replace(b"<", b"&lt;")), "error.names-missing"),
    Wrong("a space is cut at", "missing-space-named", lambda r: r.saying(r.values().replace(b" y]", b"]")), "error.names-missing"),
    Wrong("only the address names them", "missing-first", lambda r: r.saying(json.dumps({"path": f"/geode/v1/orders/{','.join(r.asked)}", "status": 400})), "error.names-missing"),
    # length
    Wrong("length too small by one", "three-sorted", lambda r: replace(r, length=str(len(r.values()) - 1)), "length.true", "body.strict-json"),
    Wrong("length too great by one", "three-sorted", lambda r: replace(r, length=str(len(r.values()) + 1)), "length.true", "status.found"),
    Wrong("length too great, and silence", "three-sorted", lambda r: replace(r, length=str(len(r.values()) + 1), closed=False), "length.true", "status.found"),
    Wrong("length 51 as on the page", "page-error-example", lambda r: replace(r, length="51"), "length.true", "error.json error.names-missing"),
    Wrong("length in characters", "text-cjk", lambda r: replace(r, length=str(len(r.values().decode()))), "length.true", "body.strict-json"),
    Wrong("length in words", "bad-one", lambda r: replace(r, length="many"), "length.true"),
    Wrong("length with a sign", "no-region", lambda r: replace(r, length=f"+{len(r.values())}"), "length.true"),
    Wrong("length zero", "missing-first", lambda r: replace(r, length="0"), "length.true", "error.json error.names-missing"),
    Wrong("two lengths of one value", "three-sorted", lambda r: r.having("Content-Length", str(len(r.values()))), "length.true"),
    Wrong("length and chunks", "three-sorted", lambda r: replace(r.having("Content-Length", "5"), length=None), "length.true"),
    Wrong("something after the body", "three-sorted", lambda r: replace(r, after=b"\r\n\r\n"), "length.true"),
    Wrong("a bad chunk", "three-sorted", lambda r: replace(r, length=None).raw().replace(b"7\r\n", b"zz\r\n", 1), "length.true", "body.strict-json"),
    # date
    Wrong("the wrong weekday", "three-sorted", lambda r: r.having("Date", "Mon, 21 May 2014 11:24:00 GMT"), "date.valid"),
    Wrong("no such day", "three-sorted", lambda r: r.having("Date", "Sat, 31 Feb 2014 11:24:00 GMT"), "date.valid"),
    Wrong("no such hour", "missing-first", lambda r: r.having("Date", "Wed, 21 May 2014 24:24:00 GMT"), "date.valid"),
    Wrong("local time", "no-region", lambda r: r.having("Date", "Wed, 21 May 2014 11:24:00 CEST"), "date.valid"),
    Wrong("an offset", "bad-one", lambda r: r.having("Date", "Wed, 21 May 2014 11:24:00 +0000"), "date.valid"),
    Wrong("ISO 8601", "three-sorted", lambda r: r.having("Date", "2014-05-21T11:24:00Z"), "date.valid"),
    Wrong("one digit for the day", "three-sorted", lambda r: r.having("Date", "Thu, 1 May 2014 11:24:00 GMT"), "date.valid"),
    Wrong("another language", "three-sorted", lambda r: r.having("Date", "Mi, 21 Mai 2014 11:24:00 GMT"), "date.valid"),
    Wrong("two dates", "three-sorted", lambda r: r.having("Date", "Wed, 21 May 2014 11:24:00 GMT", "Wed, 21 May 2014 11:24:00 GMT"), "date.valid"),
    Wrong("an empty date", "three-sorted", lambda r: r.having("Date", ""), "date.valid"),
    # repeatable
    Wrong("again: another status", "three-sorted", missing_400("a"), "safe.repeatable", only="again"),
    Wrong("again: no answer", "three-sorted", fault(FaultKind.RESET), "safe.repeatable", only="again"),
    Wrong("again: another value", "three-sorted", element(0, '{"id":9}'), "safe.repeatable", only="again"),
    Wrong("again: other order, same location", "three-sorted", SWAP, "safe.repeatable", only="again"),
    Wrong("again: one short", "three-sorted", elements(lambda f: f[:-1]), "safe.repeatable", only="again"),
    Wrong("again: found now", "missing-one-of-two", values_of('{"id":"a"}', "null"), "safe.repeatable", only="again"),
    Wrong("again: another key named", "missing-some-named", lambda r: r.saying(json.dumps(f"{r.missing[:2]} {r.region}")), "safe.repeatable", only="again"),
    Wrong("again: another type", "three-sorted", type_("text/html"), "safe.repeatable", only="again"),
    Wrong("again: no JSON", "three-sorted", lambda r: r.saying(r.values() + b"]"), "safe.repeatable", only="again"),
    Wrong("again: a null for a value", "missing-all-ignored", element(0, "{}"), "safe.repeatable", only="again"),
    # read-only
    Wrong("reading creates a null", "reading-creates-nothing", values_of('{"id":1}', "null"), "safe.read-only", "status.missing", only="after"),
    Wrong("reading creates an empty object", "reading-creates-nothing", element(1, "{}"), "safe.read-only", "body.missing-null", only="ignored-after"),
    Wrong("reading creates the region", "reading-creates-no-region", missing_400("x", "y"), "safe.read-only", "status.no-region", only="after"),
    Wrong("reading fills an empty region", "reading-creates-nothing-in-empty-region", values_of("{}", "{}"), "safe.read-only", "body.missing-null", only="after"),
    Wrong("reading counts", "reading-changes-nothing", edit('"id":1', '"id":1,"read":1'), "safe.read-only", "body.value-intact", only="after"),
    Wrong("reading empties", "reading-changes-nothing", missing_400("a", "b"), "safe.read-only", "status.found", only="once-more"),
    Wrong("an error removes", "an-error-changes-nothing", element(0, "null"), "safe.read-only", "body.value-intact", only="after"),
    Wrong("reading copies to the other region", "reading-leaves-the-other-region-alone", element(0, '{"id":1}'), "safe.read-only", "body.missing-null", only="after"),
    # isolated
    Wrong("the last answer again", "one-connection-values", values_of('{"id":1,"text":"the first of the long list"}', '{"id":2,"text":"the second of the long list"}'), "safe.isolated", "body.value-intact", only="short"),
    Wrong("the last answer's rest", "one-connection-values", lambda r: replace(r, elements=(*r.elements, '{"id":3,"text":"the third of the long list"}')), "safe.isolated", "body.one-per-key", only="short"),
    Wrong("the last location again", "one-connection-values", lambda r: replace(r, location=f"/geode/v1/orders/{','.join(r.asked[0][:-1] + c for c in 'abc')}"), "safe.isolated", "location.names-keys", only="short"),
    Wrong("the parameter stays", "one-connection-parameter", values_of('{"id":2}', "null"), "safe.isolated", "status.missing parameter.values", only="missing"),
    Wrong("the type stays", "one-connection-error-between", type_("text/html"), "safe.isolated", "type.json", only="found-again"),
    Wrong("the region stays", "one-connection-regions", values_of('{"in":"data","id":1}', '{"in":"data","id":2}'), "safe.isolated", "body.value-intact", only="second"),
    Wrong("the missing keys stay", "one-connection-errors", lambda r: r.saying(r.values().replace(b"[", f"[{r.asked[0][:-1]}x,".encode(), 1)), "safe.isolated", only="missing-others"),
    Wrong("two at once are mixed up", "together-values", element(1, '{"id":3,"of":"two"}'), "safe.isolated", "body.value-intact", only="one"),
    Wrong("two at once are exchanged", "together-regions", values_of('{"in":"second","id":3}', '{"in":"second","id":4}'), "safe.isolated", "body.value-intact", only="data"),
    Wrong("an error at once is another's", "together-values-and-errors", lambda r: r.saying(r.values().replace(b"x]", b"y]")), "safe.isolated", "error.names-missing", only="missing"),
    Wrong("an answer at once is another status", "together-values-and-errors", status(400), "safe.isolated", "status.found", only="found"),
    Wrong("the other region's value", "same-keys-second", element(0, '{"in":"data","id":1}'), "safe.isolated", "body.value-intact"),
    Wrong("a key of the other region", "key-in-other-region-only-ignored", element(0, '{"id":1}'), "safe.isolated", "body.missing-null"),
    Wrong("members of the document before", "one-request-other-members", edit('{"b1"', '{"a1":"first","b1"'), "safe.isolated", "body.value-intact"),
    Wrong("a neighbour is shown too", "neighbours-not-shown", elements(lambda f: [f[0], '{"id":"b"}', f[1]]), "safe.isolated", "body.one-per-key"),
    # an answer cut off
    Wrong("cut off: found", "three-sorted", CUT, "status.found", "length.true"),
    Wrong("cut off: missing", "missing-first", CUT, "status.missing", "length.true"),
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.name.replace(" ", "-"))
def test_a_wrong_answer_is_rejected_by_the_check_meant_for_it(wrong: Wrong) -> None:
    found = breached(findings(evidence(placed(wrong.case), wrong.change, only=wrong.only)))
    assert set(found) == wrong.accusers, {id_: (f.message, f.want, f.got) for id_, f in found.items()}
    for finding in found.values():
        assert finding.message
        assert "\n" not in finding.message + finding.want + finding.got


def test_each_must_and_should_has_wrong_answers_of_its_own() -> None:
    meant = {requirement: sum(f"geode.{wrong.meant}" == requirement for wrong in WRONG) for requirement in [*MUST, *SHOULD]}
    assert min(meant.values()) >= 2, meant
    assert len({wrong.name for wrong in WRONG}) == len(WRONG) >= 100


def test_a_should_warns_and_fails_only_when_strict() -> None:
    seen = evidence(placed("three-sorted"), lambda reply: replace(reply, location=""))
    for strict, verdict in ((False, Verdict.WARN), (True, Verdict.FAIL)):
        finding = breached(findings(seen, strict=strict))["geode.location.sent"]
        assert finding.verdict is verdict


def test_a_must_on_a_case_of_level_should_warns() -> None:
    found = breached(findings(evidence(placed("utf8-accents"), status(400))))
    assert {finding.verdict for finding in found.values()} == {Verdict.WARN}


def test_what_the_page_leaves_open_is_observed_whatever_comes() -> None:
    for name in ("upper-true", "repeated-true", "observed-encoded-slash", "observed-head", "observed-empty-key-last"):
        for change in (status(500), status(400), status(404), fault(FaultKind.RESET)):
            assert not breached(findings(evidence(placed(name), change)))


@pytest.mark.parametrize("code", [401, 403, 407, 429, 502, 503, 504])
def test_the_surroundings_are_no_verdict(code: int) -> None:
    found = findings(evidence(placed("three-sorted"), status(code)))
    assert {finding.verdict for finding in found} == {Verdict.NO_VERDICT}
