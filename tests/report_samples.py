"""Runs for the tests of the reports: a small one with every verdict, a hostile one, one with 1,000 failures."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from kvgate.exits import Exit
from kvgate.level import Level
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.requirement import Requirement, Ruling
from kvgate.verdict.model import Finding, Verdict
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Request, Response
from kvgate.wire.headers import Header

HA, NODE1, NODE2 = "http://127.0.0.1:8082", "http://127.0.0.1:8085", "http://127.0.0.1:8086"
BEGAN = 1_795_000_000.25

# Each would do harm in some format if it came through: HTML, XML, Markdown, CSV of a shell, a terminal, the eye.
HOSTILE = (
    "<script>alert(1)</script>",
    "]]><x/>&lt;&amp;",
    "\x1b[31mred\x1b[0m\x07",
    "\u202etxt.exe\u2066",
    "a|b`c`*d*_e_[f](javascript:g)~h~ @octocat #1 https://evil.example/ $x$",
    "line one\r\nline two\x00\ufffe\ud800",
    "'\" onmouseover=alert(1) x='",
    "{{ 7 * 7 }}{% raw %}",
)

REQUIREMENTS = (
    Requirement("get2.request.served", "get2", Level.MUST, "get2", "3-5, 15", "answers `GET /get2?key=K`"),
    Requirement(
        "get2.status.match", "get2", Level.MUST, "get2", "21, 37", "answers 200 when both values are the same", ("E2",)
    ),
    Requirement(
        "get2.version.pair", "get2", Level.MUST, "get2", "43-44, 50-51", "sends Version1 and Version2 when they differ"
    ),
    Requirement(
        "get2.offset.cut",
        "get2",
        Level.MUST,
        "get2",
        "69",
        "Val-Offset is the number of bytes of master1's value",
        ("E5",),
    ),
    Requirement("get2.body.match", "get2", Level.MUST, "get2", "29, 46", "the body is the value, once, byte for byte"),
    Requirement("get2.length.sent", "get2", Level.SHOULD, "get2", "25, 41", "sends Content-Length"),
    Requirement("get2.date.valid", "get2", Level.SHOULD, "get2", "23, 39", "Date is a valid HTTP date", (), True),
    Requirement("get2.safe.repeatable", "get2", Level.MUST, "get2", "5", "same answer when asked again"),
    Requirement("geode.status.found", "geode", Level.MUST, "geode-multi-get", "59, 135", "200 when all keys exist"),
    Requirement(
        "geode.body.aligned",
        "geode",
        Level.MUST,
        "geode-multi-get",
        "61-132",
        "element i belongs to the i-th key",
        ("E21",),
    ),
    Requirement("geode.location.sent", "geode", Level.SHOULD, "geode-multi-get", "61, 137", "sends Content-Location"),
    Requirement(
        "geode.error.form", "geode", Level.INFO, "geode-multi-get", "208", "it is the JSON string shown", ("E25",)
    ),
    Requirement(
        "geode.safe.read-only", "geode", Level.MUST, "geode-multi-get", "3", "reading creates no key and changes none"
    ),
)
RULINGS = (
    Ruling(
        "E2",
        "",
        "a sibling page says 200 only when value and version match, which contradicts L37",
        "the get2 page: 200",
    ),
    Ruling("E5", "69", "the unit of the offset is not given", "bytes"),
    Ruling("E21", "61, 137", "the order of the answer differs from the request's", "Content-Location gives the order"),
    Ruling("E25", "208", "all releases answer something else", "any JSON that names keys and region"),
)
_LEVELS = {row.id: row.level for row in REQUIREMENTS}


def check(
    requirement: str,
    case: str,
    verdict: Verdict = Verdict.PASS,
    message: str = "",
    *,
    want: str = "",
    got: str = "",
    level: Level | None = None,
    waiver: str | None = None,
) -> CheckRecord:
    """A check's record, its level that of the catalogue unless given."""
    interface = requirement.partition(".")[0]
    used = level or _LEVELS.get(requirement, Level.MUST)
    finding = Finding(interface, requirement, case, used, verdict, message, want, got)
    test = f"suites/{interface}/test_{requirement.split('.')[1]}.py::test_it[{requirement}-{case}]"
    return CheckRecord(finding, test, f"What {requirement} asks for.", 0.0004, waiver)


def response(status: int, body: bytes, *headers: tuple[bytes, bytes], reason: bytes = b"OK") -> tuple[Response, bytes]:
    """A response and its bytes on the wire."""
    lines = [*headers, (b"Date", b"Mon, 23 Nov 2026 08:00:00 GMT"), (b"Content-Length", str(len(body)).encode())]
    head = b"HTTP/1.1 %d %s\r\n" % (status, reason) + b"".join(b"%s: %s\r\n" % line for line in lines)
    made = Response("HTTP/1.1", status, reason, tuple(Header(*line) for line in lines), body, len(body), "length")
    return made, head + b"\r\n" + body


def exchange(
    target: str,
    answer: tuple[Response, bytes] | None,
    *,
    label: str = "first",
    origin: str = HA,
    fault: Fault | None = None,
) -> Exchange:
    """One exchange of a GET."""
    made, raw = answer if answer else (None, b"")
    return Exchange(label, origin, Request("GET", target), made, fault, raw, len(raw), BEGAN, 0.00123, "c1")


def case(
    name: str,
    *exchanges: Exchange,
    interface: str = "get2",
    values: Sequence[bytes] = (b"hustdbhavalue", b"0000000000000"),
    trouble: str | None = None,
    credentials: Mapping[str, str] | None = None,
) -> CaseRecord:
    """A case's record, its seed one put for each master."""
    origins = (NODE1, NODE2)
    seed = tuple(
        (origin, Request("POST", f"/hustdb/put?key=kvg-{name}", (), value))
        for origin, value in zip(origins, values, strict=False)
    )
    held = tuple(f"master{number} kvg-{name}: {value[:40]!r}" for number, value in enumerate(values, 1))
    return CaseRecord(
        interface,
        name,
        f"a reason for {name}",
        f"fixtures/{interface}/values.toml:17",
        exchanges,
        seed,
        held,
        trouble,
        credentials or {},
    )


def run_of(
    checks: Sequence[CheckRecord],
    cases: Sequence[CaseRecord] = (),
    *,
    status: Exit = Exit.CONFORMING,
    tested: str = f"get2 at {HA} (profile doc), geode at http://127.0.0.1:8080/geode/v1 (profile doc)",
    complete: bool = True,
    embedded: bool = False,
    reasons: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Run:
    """A run of these checks and cases."""
    return Run(
        version="0.1.0",
        mark="kvg-7f3a",
        began=BEGAN,
        seconds=4.237,
        tested=tested,
        target={
            "get2": {"url": HA, "nodes": [NODE1, NODE2], "auth": {"type": "basic", "password": "env:HA_PASSWORD"}},
            "concurrency": 8,
        },
        embedded=embedded,
        exit=status,
        complete=complete,
        reasons=reasons,
        notes=notes,
        requirements=REQUIREMENTS,
        rulings=RULINGS,
        checks=tuple(checks),
        cases={(record.interface, record.name): record for record in cases},
    )


def sample_run() -> Run:
    """A run with every verdict, faults, a repeated answer, binary bodies."""
    conflict = response(
        409,
        b"a\x00b\r\n\xc3\xff\xfe\x00\x01",
        (b"Server", b"nginx/1.12.0"),
        (b"Content-Type", b"text/plain"),
        (b"Version", b"1"),
        (b"Val-Offset", b"7"),
        reason=b"Conflict",
    )
    match = response(200, "hustdbhavalue \u4f60\u597d".encode(), (b"Content-Type", b"text/plain"), (b"Version", b"3"))
    dropped = Fault(FaultKind.RESET, "the connection was reset after 0 bytes")
    proxy = response(502, b"<html>\n<h1>502 Bad Gateway</h1>\n</html>\n", reason=b"Bad Gateway")
    cases = [
        case(
            "differ-by-last-byte",
            exchange("/get2?key=kvg-a", conflict),
            exchange("/get2?key=kvg-a", conflict, label="again"),
        ),
        case(
            "differ-same-length", exchange("/get2?key=kvg-b", conflict), values=(b"a\x00b\r\n\xc3\xff", b"\xfe\x00\x01")
        ),
        case("equal-utf8", exchange("/get2?key=kvg-c", match), credentials={HA: "Authorization"}),
        case("reset-at-once", exchange("/get2?key=kvg-d", None, fault=dropped)),
        case("behind-proxy", exchange("/get2?key=kvg-e", proxy), trouble="status 502: the surroundings answered"),
        case(
            "two-keys",
            exchange("/geode/v1/orders/1,2", match, origin="http://127.0.0.1:8080"),
            interface="geode",
            values=(),
        ),
    ]
    surroundings = "status 502: the surroundings answered, not the interface"
    checks = [
        check("get2.status.match", "equal-utf8"),
        check("get2.body.match", "equal-utf8"),
        check("get2.length.sent", "equal-utf8"),
        check("get2.offset.cut", "differ-by-last-byte", Verdict.FAIL, "Val-Offset is not the cut", want="4", got="7"),
        check("get2.offset.cut", "differ-same-length", Verdict.FAIL, "Val-Offset is not the cut", want="3", got="7"),
        check(
            "get2.version.pair",
            "differ-by-last-byte",
            Verdict.FAIL,
            "Version1 is not sent",
            want="one Version1",
            got="none",
        ),
        check(
            "get2.version.pair",
            "differ-same-length",
            Verdict.WAIVED,
            "Version1 is not sent",
            want="one Version1",
            got="none",
            waiver="known since 1.7, issue 12, until 2027-01-31",
        ),
        check(
            "get2.request.served",
            "reset-at-once",
            Verdict.FAIL,
            "no answer",
            want="an answer",
            got="the connection was reset",
        ),
        check("get2.status.match", "reset-at-once", Verdict.NOT_APPLICABLE, "no answer: the connection was reset"),
        check(
            "get2.length.sent",
            "differ-by-last-byte",
            Verdict.WARN,
            "Content-Length is not sent",
            want="one Content-Length",
            got="none",
        ),
        check("get2.date.valid", "equal-utf8", Verdict.OBSERVED, "no Date is sent", level=Level.INFO),
        check("get2.status.match", "behind-proxy", Verdict.NO_VERDICT, surroundings),
        check("get2.body.match", "behind-proxy", Verdict.NO_VERDICT, surroundings),
        check("geode.status.found", "two-keys"),
        check("geode.error.form", "two-keys", Verdict.OBSERVED, "another form", got='{"cause": "..."}'),
        check("geode.location.sent", "two-keys", Verdict.WARN, "Content-Location is not sent", want="one", got="none"),
    ]
    return run_of(
        checks,
        cases,
        status=Exit.NOT_CONFORMING,
        reasons=("4 checks of 3 MUST requirements failed",),
        notes=("2 keys with the mark kvg-7f3a could not be removed from 127.0.0.1:8085: kvgate sweep removes them",),
    )


def hostile_run() -> Run:
    """A run in which every text that a server can have a hand in is one of `HOSTILE`."""
    checks, cases = [], []
    verdicts = [verdict for verdict in Verdict if verdict is not Verdict.PASS]
    for number, text in enumerate(HOSTILE):
        encoded = text.encode("utf-8", "surrogatepass")
        answer = response(200, encoded, (b"X-Evil", encoded), (encoded.replace(b"\r\n", b" "), b"name"), reason=encoded)
        name = f"hostile-{number}"
        fault = Fault(FaultKind.FRAMING, text)
        cases.append(
            dataclasses.replace(
                case(name, exchange(f"/get2?key={number}", answer, fault=fault), values=(encoded, encoded)),
                why=text,
                held=(text,),
                trouble=text,
            )
        )
        checks += [
            check(
                "get2.body.match",
                name,
                verdict,
                text,
                want=text,
                got=text,
                waiver=text if verdict is Verdict.WAIVED else None,
            )
            for verdict in verdicts
        ]
    return run_of(
        checks, cases, status=Exit.NOT_CONFORMING, tested=HOSTILE[0] + HOSTILE[4], reasons=HOSTILE, notes=HOSTILE
    )


def large_run(failures: int = 1000, passes: int = 2000, cases: int = 1000, body: bytes = b"v" * 4000) -> Run:
    """A run with many failures, spread over `cases` cases with an exchange and its repetition each."""
    names = [f"case-{number:04}" for number in range(cases)]
    records = []
    for number, name in enumerate(names):
        answers = [response(409, body, (b"Version", b"%d" % (number + again)), reason=b"Conflict") for again in (0, 1)]
        target = f"/get2?key=kvg-7f3a-{name}"
        asked = [
            exchange(target, answer, label=label) for answer, label in zip(answers, ("first", "again"), strict=True)
        ]
        records.append(case(name, *asked, values=(body, body[:-1])))
    failing = ("get2.offset.cut", "get2.version.pair", "get2.body.match", "get2.status.match")
    checks = [
        check(
            failing[number % 4],
            names[number % cases],
            Verdict.FAIL,
            "not what was stored",
            want=f"{number}",
            got=f"{number + 1}",
        )
        for number in range(failures)
    ]
    checks += [check(REQUIREMENTS[number % 8].id, names[number % cases]) for number in range(passes)]
    return run_of(checks, records, status=Exit.NOT_CONFORMING, reasons=(f"{failures} checks failed",))
