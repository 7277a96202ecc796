"""The declared faults and freedoms of Geode: the data, faults that show where they say, freedoms that mean the same.

No engine here: bytes over loopback, compared with those of the reference.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from geode_situation import ABC, ITEMS, SIXTY, TRUE, Situation
from geode_situations import all_situations
from raw_http import RawClient, ask, parse_answer, request

from kvgate.level import Level
from kvgate.reference.deviation import Deviation, load_faults, load_freedoms
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.requirement import load_requirements

FAULTS = load_faults("geode")
FREEDOMS = load_freedoms("geode")
SHOWN = all_situations()
JSON_TYPE = ("Content-Type: application/json",)
KEPT = ("Accept: */*", "User-Agent: tests")
CLOSE = (*KEPT, "Connection: close")


def start(make: Any = Geode, orders: Mapping[str, str] = ABC, items: Mapping[str, str] = ITEMS) -> Embedded:
    regions = {"orders": dict(orders), "items": dict(items), "empty": {}}
    return Embedded.start(interfaces=("geode",), regions=regions, make_geode=make)


def received(client: RawClient) -> bytes:
    """What comes until the connection ends; a Date that is about now reads `now`."""
    now = int(time.time())
    try:
        data = client.rest()
    except ConnectionResetError:
        return b"reset"
    for second in range(now - 2, now + 8):
        data = data.replace(b"Date: " + formatdate(second, usegmt=True).encode(), b"Date: now")
    return data


def one_answer(embedded: Embedded, path: str, headers: Sequence[str] = KEPT) -> bytes:
    with RawClient(embedded.geode_url) as client:
        client.send(request("GET", f"/geode/v1/{path}", headers=(*headers, "Connection: close")))
        return received(client)


def hang_up(embedded: Embedded, paths: Sequence[str]) -> None:
    """Asks each by a client that goes, and waits until the server has seen that they are gone."""
    for path in paths:
        with RawClient(embedded.geode_url) as client:
            client.send(request("GET", f"/geode/v1/{path}", headers=CLOSE))
            client.reset()
    time.sleep(0.05 if paths else 0)


def changes_of(situation: Situation) -> Iterator[tuple[str, str, bytes]]:
    """The requests between two rounds of questions: method, path and body."""
    if situation.then is not None:
        yield from (("DELETE", f"orders/{key}", b"") for key in situation.orders)
        yield from (("PUT", f"orders/{key}", document.encode()) for key, document in situation.then.items())
    for change in situation.changes:
        method, path, *document = change.split(" ", 2)
        yield method, path, "".join(document).encode()


def kept_request(line: str) -> bytes:
    """A question, by GET or another method that has no body, or a PUT with its body, on a connection that is kept."""
    if line.startswith(("HEAD ", "OPTIONS ")):
        method, path = line.split(" ")
        return request(method, f"/geode/v1/{path}", headers=KEPT)
    if not line.startswith("PUT "):
        return request("GET", f"/geode/v1/{line}", headers=KEPT)
    _, path, document = line.split(" ", 2)
    return request("PUT", f"/geode/v1/{path}", document.encode(), (*KEPT, *JSON_TYPE))


def trace(make: Any, situation: Situation) -> list[bytes]:
    """Everything that came back, dates apart."""
    with start(make, situation.orders, situation.items) as embedded:
        seen = []
        hang_up(embedded, situation.hung_up)
        for path in situation.asks:
            seen.append(one_answer(embedded, path, KEPT if situation.headers is None else situation.headers))
        changes = list(changes_of(situation))
        for method, path, body in changes:
            ask(embedded.geode_url, method, f"/geode/v1/{path}", body, JSON_TYPE)
        if changes:
            seen += [one_answer(embedded, path) for path in situation.asks]
        if situation.on_one:
            *first, last = situation.on_one
            with RawClient(embedded.geode_url) as client:
                asked = [*map(kept_request, first), request("GET", f"/geode/v1/{last}", headers=CLOSE)]
                client.send(b"".join(asked))  # in one: a server may close the connection after the first answer
                seen.append(received(client))
        for path in situation.pieces:
            head = request("GET", f"/geode/v1/{path}", headers=CLOSE)
            with RawClient(embedded.geode_url) as client:
                client.send(head[:20])
                time.sleep(0.02)
                client.send(head[20:])
                seen.append(received(client))
        clients = [RawClient(embedded.geode_url) for _ in situation.together]
        for client, path in zip(clients, situation.together, strict=True):
            client.send(request("GET", f"/geode/v1/{path}", headers=CLOSE))
        seen += [received(client) for client in clients]
        for client in clients:
            client.close()
        assert embedded.geode is not None
        assert embedded.geode.failures == 0
        return seen


# The data


def test_names_sentences_and_rooms() -> None:
    for name, deviation in {**FAULTS, **FREEDOMS}.items():
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name), name
        assert re.fullmatch("[A-Z].*[^.][.)]", deviation.says), deviation.says
        assert deviation.shows, name
    assert not set(FAULTS) & set(FREEDOMS)
    assert len(FAULTS) >= 90
    assert len(FREEDOMS) >= 35


def test_every_judged_requirement_has_two_faults() -> None:
    meant = Counter(fault.breaks for fault in FAULTS.values())
    requirements = load_requirements("geode")
    assert set(meant) <= set(requirements)
    judged = [requirement.id for requirement in requirements.values() if requirement.level is not Level.INFO]
    assert {name: meant[name] for name in judged if meant[name] < 2} == {}


def test_freedoms_warn_about_requirements_there_are() -> None:
    for freedom in FREEDOMS.values():
        assert set(freedom.warns) <= set(load_requirements("geode")), freedom.name


# Faults


def test_every_fault_has_a_situation() -> None:
    assert set(SHOWN) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_shows_where_it_says(name: str) -> None:
    assert trace(FAULTS[name].make, SHOWN[name]) != trace(Geode, SHOWN[name])


@pytest.mark.parametrize("name", FAULTS)
def test_fault_lets_a_state_be_put_in_place(name: str) -> None:
    """Two plain control keys are put, read with 200 and removed: else nothing would be judged."""
    with start(FAULTS[name].make, {}, {}) as embedded:
        url = embedded.geode_url
        assert ask(url, "PUT", "/geode/v1/orders/p,q", b'[{"n":1},{"n":2}]', JSON_TYPE).status == 200
        with RawClient(url) as client:
            client.send(request("GET", "/geode/v1/orders/p,q", headers=CLOSE))
            assert received(client).startswith(b"HTTP/1.1 200 ")
        assert ask(url, "PUT", "/geode/v1/items/o%20dd", b'{"n":1}', JSON_TYPE).status == 200
        for path, status in (("orders/p", 200), ("orders/q", 200), ("items/o%20dd", 200), ("orders/q", 404)):
            assert ask(url, "DELETE", f"/geode/v1/{path}", headers=JSON_TYPE).status == status
        assert embedded.geode is not None
        # What a fault leaves by reading is not what was put there.
        left = {key for region in embedded.geode.regions.values() for key in region if not key.startswith("read:")}
        assert left == set()


# Freedoms


VALUES = {
    "a": r'{"@type":"x.Y","n":15.5,"i":350,"z":20.0,"e":1.5E-7,"big":9007199254740993,"min":-9223372036854775808}',
    "b": r'{"t":" \u00e9\"<&>/\ud83d\ude00日本\n","l":[1,"a",null,[true,{}],{"x":[]}],"f":false,"u":null,"s":""}',
}
MEANT = Situation(
    (
        "orders/a,b",
        "orders/b,a",
        f"orders/b,a{TRUE}",
        "orders/b,a?ignoreMissingKey=false",
        f"orders/x,b,y,a{TRUE}",
        f"empty/a,b{TRUE}",
        "orders/a,x,b,y",
        "orders/a,x,b,y?ignoreMissingKey=false",
        "orders/a,b?ignoreMissingKey=yes",
        "absent/a,b",
        "items/a,b",
        "orders/a.b,c%20d",
        "orders/k03,k59,k17",
    ),
    {**VALUES, **SIXTY, "a.b": "{}", "c d": '{"n":1}'},
    ITEMS,
)


def final(data: bytes) -> bytes:
    """The answer without 1xx ones before it."""
    while data[9:10] == b"1":
        data = data.partition(b"\r\n\r\n")[2]
    return data


def parsed(data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by name in small letters, body without its framing: extensions and trailers of chunks too."""
    head, _, body = final(data).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        whole, body = body, b""
        while size := int(re.split(b"[;\r]", whole, maxsplit=1)[0], 16):
            start_at = whole.index(b"\r\n") + 2
            body, whole = body + whole[start_at : start_at + size], whole[start_at + size + 2 :]
    elif "content-length" in headers:
        assert int(headers["content-length"]) == len(body)
    return int(first.split(" ")[1]), headers, body


def meaning(data: bytes, path: str, *, located: bool = True) -> tuple[Any, ...]:
    """What an answer says: its status; for a 200 each key's value, for a 400 which keys and region are named."""
    status, headers, body = parsed(data)
    region, _, asked = path.partition("?")[0].partition("/")
    keys = [unquote(key) for key in asked.split(",")]
    if status == 200:
        assert headers["content-type"].lower().startswith("application/json")
        ((name, values),) = json.loads(body, parse_float=Decimal, parse_int=Decimal).items()
        if not located:
            return status, name, sorted(map(repr, values))
        listed = urlsplit(headers["content-location"].encode("latin-1").decode()).path.rpartition("/")[2] or asked
        order = re.split(",|%2C", listed, flags=re.IGNORECASE)
        assert len(order) == len(values)
        return status, name, sorted((unquote(key), repr_of(value)) for key, value in zip(order, values, strict=True))
    if status == 400 and "yes" not in path:
        document = json.loads(body)
        if isinstance(document, dict):
            document.pop("found", None)  # values, not names
        text = json.dumps(document, ensure_ascii=False).replace(f"{region}/{asked}", "")
        return status, [key for key in (*keys, region) if re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text)]
    return (status,)


def repr_of(value: Any) -> Any:
    """The value so that equal numbers look equal and the order of members does not matter."""
    if isinstance(value, dict):
        return sorted((name, repr_of(member)) for name, member in value.items())
    if isinstance(value, list):
        return [repr_of(element) for element in value]
    return (type(value).__name__, str(value.normalize()) if isinstance(value, Decimal) else str(value))


@pytest.mark.parametrize("freedom", FREEDOMS.values(), ids=FREEDOMS)
def test_freedom_means_the_same(freedom: Deviation) -> None:
    located = not freedom.name.startswith("location-absent")
    found, wanted = trace(freedom.make, MEANT), trace(Geode, MEANT)
    # One that may name other keys than it should says the same by its status alone.
    said = 1 if "geode.error.names-missing" in freedom.warns else None
    for path, got, want in zip(MEANT.asks, found, wanted, strict=True):
        told, due = meaning(got, path, located=located), meaning(want, path, located=located)
        assert told == due or told[:said] == due[:said] == (400,), path


LEFT_OPEN = Situation(
    (
        "orders/a,b?ignoreMissingKey=TRUE",
        "orders/a,x?ignoremissingkey=true",
        "orders/a,b?other=1",
        "orders/a,b?ignoreMissingKey=yes&ignoreMissingKey=true",
        "absent/a,b?ignoreMissingKey=yes",
        "orders/a",
        "orders/a,,b",
        "orders/a%2Fb,c",
        "orders/%C3%A9,b",
        "orders/a,b,a",
        "orders/big,a",
        "orders/%3cx,a",
        f"orders/a,{'k' * 5000}?ignoreMissingKey=true",
    ),
    {**ABC, "a/b": "{}", "é": "{}", "big": '{"n":123456789012345678901234567890,"m":1.50,"t":"a/b"}'},
    on_one=("orders/a,b", "orders/b,a", "orders/a,b"),
)
BY_BROWSER = Situation(("orders/a,b",), ABC, headers=("Accept: text/html,*/*;q=0.8", *CLOSE))
IDLE = "connection-idle-closed"


@pytest.mark.parametrize("freedom", FREEDOMS.values(), ids=FREEDOMS)
def test_freedom_differs_from_the_reference(freedom: Deviation) -> None:
    if freedom.name == IDLE or freedom.name in ("slow", "late-answers-first") or freedom.name.startswith("packets-"):
        pytest.skip("differs in time only")
    plain = trace(freedom.make, MEANT) != trace(Geode, MEANT)
    assert plain or any(trace(freedom.make, asked) != trace(Geode, asked) for asked in (LEFT_OPEN, BY_BROWSER))


def test_idle_connection_is_closed() -> None:
    with start(FREEDOMS[IDLE].make) as embedded, RawClient(embedded.geode_url) as client:
        client.send(request("GET", "/geode/v1/orders/a,b", headers=KEPT) * 2)
        data = client.rest()
        first = parse_answer(data)
        assert first is not None
        assert parse_answer(first[1]) is not None
