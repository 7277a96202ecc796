"""What a conforming server may do: none of it is accused, not by a warning either, in any kind of case."""
# ruff: noqa: E501  # one freedom a line is what a reader runs an eye over

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable
from dataclasses import replace

import pytest
from geode_answers import BASE, DATE, Reply, breached, evidence, findings, placed, text

from kvgate.case import load_cases
from kvgate.verdict import Verdict

Freedom = Callable[[Reply], Reply]
# One case or more of every outcome, and those whose keys and values are hard to write.
CASES = [
    "control", "page-first-example", "page-second-example", "page-error-example", "five-shuffled", "sixty-keys-shuffled-some-missing",
    "sixty-keys-half-missing", "missing-alternating-ignored", "missing-dotted-of-found", "missing-markup-named", "missing-space-named",
    "missing-numbers-named", "missing-words-of-json", "empty-region", "empty-region-true", "no-region", "bad-markup", "bad-value-and-no-region",
    "number-fraction-zero", "number-exponents", "number-64-bit-limits", "text-emoji", "text-of-markup", "text-with-control-characters",
    "deep-both", "names-unusual", "duplicate-found", "duplicate-missing-ignored", "duplicate-missing", "duplicate-only", "equal-values",
    "encoded-in-middle", "encoded-letters", "literal-plus", "sub-delimiters", "utf8-accents", "utf8-decomposed", "leading-zeros", "dot-with-each-outcome",
    "same-keys-second", "one-connection-errors", "together-values-and-errors", "reading-changes-nothing", "reading-creates-no-region",
    "alike-but-for-the-region", "one-connection-encoded-keys", "together-encoded",
]  # fmt: skip


def permuted(order: Callable[[list[int]], list[int]]) -> Freedom:
    def made(reply: Reply) -> Reply:
        indexes = order(list(range(len(reply.keys))))
        return replace(
            reply, keys=tuple(reply.keys[i] for i in indexes), elements=tuple(reply.elements[i] for i in indexes)
        )

    return made


def by_hash(indexes: list[int]) -> list[int]:
    return sorted(indexes, key=lambda index: (index * 7919) % 13)


def once(reply: Reply) -> Reply:
    """Keys asked for twice are answered once (E30)."""
    first = dict(zip(reply.keys[::-1], reply.elements[::-1], strict=True))
    keys = tuple(dict.fromkeys(reply.keys))
    return replace(reply, keys=keys, elements=tuple(first[key] for key in keys))


def located(where: Callable[[Reply], str]) -> Freedom:
    return lambda reply: replace(reply, location=where(reply)) if reply.status == 200 else reply


def raw_keys(reply: Reply) -> str:
    return ",".join(text(key) for key in reply.keys)


def tight_keys(reply: Reply) -> str:
    return ",".join(urllib.parse.quote(text(key), safe="") for key in reply.keys)


def body(change: Callable[[object], object]) -> Freedom:
    """The JSON written otherwise; numbers keep their text."""

    def made(reply: Reply) -> Reply:
        parsed = json.loads(reply.values(), parse_float=Text, parse_int=Text)
        return reply.saying(Encoder.write(change(parsed)))

    return made


class Text(str):
    """A number as it was written."""

    __slots__ = ()


class Encoder:
    """Writes JSON with numbers as they were, or as another spelling has them."""

    @classmethod
    def write(
        cls,
        node: object,
        comma: str = ", ",
        colon: str = ": ",
        ascii_only: bool = False,
        number: Callable[[str], str] = str,
    ) -> str:
        def again(child: object) -> str:
            return cls.write(child, comma, colon, ascii_only, number)

        if isinstance(node, Text):
            return number(str(node))
        if isinstance(node, dict):
            return "{" + comma.join(f"{again(name)}{colon}{again(member)}" for name, member in node.items()) + "}"
        if isinstance(node, list):
            return "[" + comma.join(again(element) for element in node) + "]"
        return json.dumps(node, ensure_ascii=ascii_only)


def written(**how: object) -> Freedom:
    def made(reply: Reply) -> Reply:
        parsed = json.loads(reply.values(), parse_float=Text, parse_int=Text)
        return reply.saying(Encoder.write(parsed, **how))  # type: ignore[arg-type]

    return made


def reordered(node: object) -> object:
    if isinstance(node, dict):
        return {name: reordered(member) for name, member in reversed(list(node.items()))}
    return [reordered(element) for element in node] if isinstance(node, list) else node


def escaped(text: str) -> str:
    """Every character as an escape."""
    return re.sub("....", r"\\u\g<0>", text.encode("utf-16-be").hex())


def all_escaped(reply: Reply) -> Reply:
    def write(node: object) -> str:
        if isinstance(node, Text):
            return str(node)
        if isinstance(node, dict):
            return "{" + ",".join(f'"{escaped(name)}":{write(member)}' for name, member in node.items()) + "}"
        if isinstance(node, list):
            return "[" + ",".join(map(write, node)) + "]"
        return f'"{escaped(node)}"' if isinstance(node, str) else json.dumps(node)

    return reply.saying(write(json.loads(reply.values(), parse_float=Text, parse_int=Text)))


def exponent(number: str) -> str:
    return number if "e" in number.lower() else f"{number}e0" if "." in number else f"{number}.0"


def shifted(number: str) -> str:
    if "e" in number.lower():
        return number.replace("E", "e")
    whole, _, fraction = number.lstrip("-").partition(".")
    return (
        f"{'-' if number.startswith('-') else ''}{whole}{fraction}E{-len(fraction)}"
        if int(whole + fraction) and not (whole + fraction).startswith("0")
        else number
    )


def error(say: Callable[[Reply, list[str]], object]) -> Freedom:
    """A 400 for missing keys said in other words; other answers stay."""

    def made(reply: Reply) -> Reply:
        if reply.status != 400 or not reply.missing or b"Requested keys" not in reply.values():
            return reply
        lost = [text(key) for key in dict.fromkeys(reply.asked) if key in reply.missing]
        return reply.saying(json.dumps(say(reply, lost)))

    return made


def any_error(change: Freedom) -> Freedom:
    return lambda reply: change(reply) if reply.status >= 400 else reply


def only_404(change: Freedom) -> Freedom:
    return lambda reply: change(reply) if reply.status == 404 else reply


def header(name: str, *values: str) -> Freedom:
    return lambda reply: reply.having(name, *values)


def names(change: Callable[[str], str]) -> Freedom:
    return lambda reply: replace(reply, headers=tuple((change(name), value) for name, value in reply.headers))


FREEDOMS: dict[str, Freedom] = {
    "as the page": lambda reply: reply,
    "reversed": permuted(lambda i: i[::-1]),
    "hash order": permuted(by_hash),
    "sorted by key": lambda reply: permuted(lambda i: sorted(i, key=lambda n: reply.keys[n]))(reply),
    "duplicates once": once,
    "duplicates once, reversed": lambda reply: permuted(lambda i: i[::-1])(once(reply)),
    "location relative": located(lambda r: f"/geode/v1/{r.region}/{','.join(r.keys)}"),
    "location relative to the region": located(lambda r: ",".join(r.keys)),
    "location with dots": located(lambda r: f"../{r.region}/{','.join(r.keys)}"),
    "location of another host": located(lambda r: f"https://proxy.example:443/api/geode/v1/{r.region}/{','.join(r.keys)}"),
    "location without scheme": located(lambda r: f"//h:80/{r.region}/{','.join(r.keys)}"),
    "location with %2C": located(lambda r: f"{BASE}/{r.region}/{'%2C'.join(r.keys)}"),
    "location with %2c": located(lambda r: f"{BASE}/{r.region}/{'%2c'.join(r.keys)}"),
    "location not encoded": located(lambda r: f"{BASE}/{r.region}/{raw_keys(r)}"),
    "location all encoded": located(lambda r: f"{BASE}/{r.region}/{tight_keys(r)}"),
    "location encoded in lower case": located(lambda r: f"{BASE}/{r.region}/{re.sub('%[0-9A-F]{2}', lambda code: code[0].lower(), tight_keys(r))}"),
    "location with the query": located(lambda r: f"{BASE}/{r.region}/{','.join(r.keys)}?ignoreMissingKey=true"),
    "location with encoded region": located(lambda r: f"{BASE}/%{ord(r.region[0]):02X}{r.region[1:]}/{','.join(r.keys)}"),
    "reversed, location relative and encoded": lambda reply: located(lambda r: f"/{r.region}/{tight_keys(r)}")(permuted(lambda i: i[::-1])(reply)),
    "header names in lower case": names(str.lower),
    "header names in capitals": names(str.upper),
    "header order": lambda reply: replace(reply, headers=reply.headers[::-1]),
    "blanks round values": lambda reply: replace(reply, headers=tuple((n, f"  {v}\t ") for n, v in reply.headers)),
    "no blank before values": lambda reply: reply.raw().replace(b": ", b":", 3),  # type: ignore[return-value, dict-item]
    "extra headers": lambda reply: replace(reply, headers=(*reply.headers, ("ETag", '"x"'), ("Vary", "Accept"), ("Cache-Control", "no-store"), ("X-Frame-Options", "DENY"), ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d"))),
    "Server": header("Server", "Apache-Coyote/1.1 \xfc"),
    "a charset": header("Content-Type", "application/json;charset=UTF-8"),
    "a charset in quotes": header("Content-Type", 'application/json; charset="utf-8"'),
    "other parameters": header("Content-Type", "application/json ; profile=x; charset=utf-8"),
    "type in capitals": header("Content-Type", "Application/JSON"),
    "no date": header("Date"),
    "date of RFC 850": header("Date", "Wednesday, 21-May-14 11:24:00 GMT"),
    "date of RFC 850, last century": header("Date", "Sunday, 06-Nov-94 08:49:37 GMT"),
    "date of asctime": header("Date", "Thu May  1 11:24:00 2014"),
    "date of asctime, two digits": header("Date", "Wed May 21 11:24:00 2014"),
    "leap day": header("Date", "Mon, 29 Feb 2016 00:00:00 GMT"),
    "leap second": header("Date", "Sat, 31 Dec 2016 23:59:60 GMT"),
    "chunked": lambda reply: replace(reply, length=None),
    "one byte in each chunk": lambda reply: replace(reply, length=None, chunks=(1,) * 30),
    "chunked in one": lambda reply: replace(reply, length=None, chunks=()),
    "ends with the connection": lambda reply: replace(reply, length="none").having("Connection", "close"),
    "length with zeros before it": lambda reply: replace(reply, length=f"00{len(reply.values())}"),
    "keep-alive": lambda reply: header("Connection", "keep-alive")(header("Keep-Alive", "timeout=5")(reply)),
    "close": header("Connection", "close"),
    "HTTP/1.0": lambda reply: replace(reply, version="HTTP/1.0"),
    "HTTP/1.0 without length": lambda reply: replace(reply, version="HTTP/1.0", length="none"),
    "no reason": lambda reply: replace(reply, reason=""),
    "another reason": lambda reply: replace(reply, reason="BAD_REQUEST or so"),
    "100 before": lambda reply: replace(reply, before=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "103 before": lambda reply: replace(reply, before=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "no white space": written(comma=",", colon=":"),
    "much white space": written(comma=" ,\r\n\t", colon=" : "),
    "white space round": lambda reply: reply.saying(b" \r\n\t" + reply.values() + b"\n\n"),
    "ASCII only": written(ascii_only=True),
    "every character escaped": all_escaped,
    "members in another order": body(reordered),
    "numbers with .0": written(number=exponent),
    "numbers with exponents": written(number=shifted),
    "error as the releases up to 1.12": error(lambda r, lost: {"cause": f"Requested keys ({','.join(lost)}) not exist in region ({r.region})"}),
    "error as the releases since 1.13": error(lambda r, lost: {"cause": f"Requested keys ({','.join(lost)}) do not exist in region ({r.region})"}),
    "error as lists": error(lambda r, lost: {"region": r.region, "missing": lost}),
    "error by member names": error(lambda r, lost: {r.region: dict.fromkeys(lost, "missing")}),
    "error with its address": error(lambda r, lost: {"status": 400, "path": f"/geode/v1/{r.region}/{','.join(r.asked)}", "message": f"{r.region}: {', '.join(lost)}", "timestamp": 1400671440000}),
    "error with its address decoded": error(lambda r, lost: [f"{r.region}: {' | '.join(lost)}", {"uri": f"{BASE}/{r.region}/{','.join(map(text, r.asked))}?x=y"}]),
    "error by address, when all are missing": error(lambda r, lost: f"/{r.region}/{','.join(lost)} not found" if len(lost) == len(set(r.asked)) else f"{r.region} {lost}"),
    "error spelled as in the address": error(lambda r, _: f"{r.region} has no {' '.join(dict.fromkeys(k for k in r.asked if k in r.missing))}"),
    "error with quoted keys": error(lambda r, lost: f"'{r.region}' lacks " + ", ".join(f"'{key}'" for key in lost)),
    "error with keys in another order": error(lambda r, lost: f"{lost[::-1]} {r.region}" if not any("'" in k or "\\" in k for k in lost) else f"{lost} {r.region}"),
    "errors with more members": any_error(body(lambda node: {"error": node, "code": Text("7"), "trace": None})),
    "errors with a member twice": any_error(lambda reply: reply.saying(b'{"code":1,"error":' + reply.values() + b',"code":1}')),
    "errors with a member twice, the first is told by": any_error(lambda reply: reply.saying(b'{"error":' + reply.values() + b',"error":null}')),
    "errors with a lone surrogate": any_error(lambda reply: reply.saying(b'{"error":' + reply.values() + b',"icon":"\\ud83d"}')),
    "errors with a member twice, escaped": any_error(lambda reply: reply.saying(b"[" + all_escaped(reply).values() + b',{"a":0,"a":0}]')),
    "error with its address all encoded": error(lambda r, lost: {"path": f"/geode/v1/{r.region}/{urllib.parse.quote(','.join(map(text, r.asked)), safe='')}", "message": f"{r.region}: {' | '.join(lost)}"}),
    "error with its address normalised": error(lambda r, lost: {"path": f"/geode/v1/{r.region}/{urllib.parse.quote(','.join(map(text, r.asked)), safe='&,:@!$()*+;=~')}", "message": f"{r.region}: {' | '.join(lost)}"}),
    "404 without a body": only_404(lambda reply: reply.saying(b"").having("Content-Type")),
    "404 without a body, with its type": only_404(lambda reply: reply.saying(b"")),
    "404 without length": only_404(lambda reply: replace(reply.saying(b"").having("Content-Type"), length="none")),
    "404 with a JSON text": only_404(lambda reply: reply.saying(b'"no such region"')),
    "either error of two": lambda reply: replace(reply, status=404) if reply.region == "nowhere" else reply,
    "all at once": lambda reply: replace(
        located(lambda r: f"//x/{r.region}/{tight_keys(r)}")(permuted(by_hash)(once(reply))),
        headers=(("x", "y"), ("content-type", "APPLICATION/json;x=y"), ("DATE", DATE)), version="HTTP/1.0", length="none", reason="",
    ),
    "all of a release up to 1.12": lambda reply: FREEDOMS["error as the releases up to 1.12"](
        FREEDOMS["chunked"](FREEDOMS["a charset"](permuted(by_hash)(once(reply))))
    ),
}  # fmt: skip


@pytest.mark.parametrize("freedom", FREEDOMS)
def test_a_freedom_is_not_accused(freedom: str) -> None:
    for case in CASES:
        found = breached(findings(evidence(placed(case), FREEDOMS[freedom])))
        assert not found, (case, {id_: (f.message, f.want, f.got) for id_, f in found.items()})


def test_the_plainest_right_answer_is_judged_by_every_check_of_its_case() -> None:
    excused = {
        (finding.requirement, name)
        for name in load_cases("geode")
        for finding in findings(evidence(placed(name)))
        if finding.verdict not in (Verdict.PASS, Verdict.OBSERVED)
    }
    assert excused == {
        ("geode.type.json", "observed-head"),
        ("geode.body.value-intact", "sixty-keys-none-there"),
        ("geode.body.value-intact", "missing-256-ignored"),
        ("geode.body.value-intact", "missing-all-ignored"),
        ("geode.body.value-intact", "missing-two-all-ignored"),
        ("geode.body.value-intact", "missing-words-of-json-ignored"),
        ("geode.body.value-intact", "empty-region-true"),
        ("geode.body.value-intact", "empty-region-words-true"),
        ("geode.body.value-intact", "empty-region-stored-elsewhere"),
        ("geode.body.value-intact", "empty-region-stays-empty"),
        ("geode.body.value-intact", "empty-region-stays-empty-for-others"),
        ("geode.body.value-intact", "empty-region-stays-empty-after-an-error"),
        ("geode.body.value-intact", "reading-creates-nothing-in-empty-region"),
    }


@pytest.mark.parametrize("freedom", ["all at once", "all of a release up to 1.12", "every character escaped"])
def test_a_freedom_is_not_accused_in_any_case(freedom: str) -> None:
    accused = {name: breached(findings(evidence(placed(name), FREEDOMS[freedom]))) for name in load_cases("geode")}
    assert not {name: found for name, found in accused.items() if found}


@pytest.mark.parametrize(
    "freedom",
    ["reversed", "hash order", "every character escaped", "numbers with .0", "chunked", "members in another order"],
)
def test_asked_again_a_server_may_use_its_freedom(freedom: str) -> None:
    for case in CASES:
        found = breached(findings(evidence(placed(case), FREEDOMS[freedom], only="again")))
        assert not found, {id_: (f.message, f.want, f.got) for id_, f in found.items()}


def test_there_are_more_than_sixty_freedoms() -> None:
    assert len(FREEDOMS) >= 60
