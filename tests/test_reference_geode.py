"""The Geode reference: the pages' examples, putting and removing, and the recorded answers of real releases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from raw_http import Answer, RawClient, ask, parse_answer

from kvgate.errors import InputError
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import BEHAVIOURS, Geode
from kvgate.reference.javahash import hash_map_order, string_hash
from kvgate.reference.jsontext import Number, dump, elements, has_array_after_object, load

RECORDINGS = Path(__file__).parent / "recordings"
JSON_TYPE = ("Content-Type: application/json",)
REGIONS = {
    "orders": {"1": '{"n":1}', "2": '{"n":2}', "x": '{"n":20.0}'},
    "items": {},
    "empty": {},
}


@pytest.fixture(params=list(BEHAVIOURS))
def geode(request: pytest.FixtureRequest) -> Iterator[Embedded]:
    with Embedded.start(interfaces=("geode",), geode_behaviour=request.param, regions=REGIONS) as embedded:
        yield embedded


@pytest.fixture
def doc() -> Iterator[Embedded]:
    with Embedded.start(interfaces=("geode",), regions=REGIONS) as embedded:
        yield embedded


def get(embedded: Embedded, path: str, headers: tuple[str, ...] = ()) -> Answer:
    return ask(embedded.geode_url, "GET", f"/geode/v1/{path}", headers=headers)


def put(embedded: Embedded, path: str, text: str) -> Answer:
    return ask(embedded.geode_url, "PUT", f"/geode/v1/{path}", text.encode(), JSON_TYPE)


def exact(body: bytes) -> Any:
    """JSON by value: numbers as exact decimals, members of an object in any order."""
    return json.loads(body, parse_float=Decimal, parse_int=Decimal)


# The multi-key GET


def test_found_missing_and_ignored(geode: Embedded) -> None:
    found = get(geode, "orders/1,2")
    assert (found.status, exact(found.body)) == (200, {"orders": [{"n": 1}, {"n": 2}]})
    assert get(geode, "orders/1,13").status == 400
    assert get(geode, "orders/1,13?ignoreMissingKey=false").status == 400
    ignored = get(geode, "orders/1,13?ignoreMissingKey=true")
    assert (ignored.status, exact(ignored.body)) == (200, {"orders": [{"n": 1}, None]})
    assert get(geode, "absent/1,2").status == 404
    assert get(geode, "absent/1,2?ignoreMissingKey=true").status == 404
    assert exact(get(geode, "empty/1,2?ignoreMissingKey=true").body) == {"empty": [None, None]}


@pytest.mark.parametrize("value", ["yes", "", "1", "true%20", "truefalse", "null"])
def test_any_other_value_of_the_parameter_is_400(geode: Embedded, value: str) -> None:
    answer = get(geode, f"orders/1,2?ignoreMissingKey={value}")
    assert answer.status == 400
    assert answer.header(
        "Content-Type",
    ).startswith("application/json")  # type: ignore[union-attr]  # None fails too
    exact(answer.body)


def test_upper_case_true_is_where_doc_and_releases_part(geode: Embedded) -> None:
    assert geode.geode is not None
    status = 400 if geode.geode.behaviour.name == "doc" else 200
    assert get(geode, "orders/1,13?ignoreMissingKey=TRUE").status == status


def test_repeated_and_unknown_parameters(geode: Embedded) -> None:
    assert get(geode, "orders/1,2?ignoreMissingKey=true&ignoreMissingKey=true").status == 400
    assert get(geode, "orders/1,2?ignoremissingkey=yes&other=1").status == 200


def test_a_missing_key_asked_twice_is_named_once(geode: Embedded) -> None:
    error = exact(get(geode, "orders/14,13,1,13").body)
    text = error if isinstance(error, str) else error["cause"]
    assert text.count("13") == 1
    assert "14,13" in text


def test_the_pages_error_in_doc(doc: Embedded) -> None:
    answer = get(doc, "orders/1,2,13,4,5")
    assert exact(answer.body) == "Requested keys [13,4,5] not exist in region [orders]"
    assert answer.header("Content-Length") == str(len(answer.body)) == "54"


def test_content_location_names_the_keys_in_the_order_of_the_array(geode: Embedded) -> None:
    keys = [f"k{number}" for number in range(40)] + ["a b", "caf\u00e9", "a+b", '"<&>#?{}', "01", "1", "k1.x"]
    encoded = ["a%20b", "caf%C3%A9", "a+b", "%22%3C%26%3E%23%3F%7B%7D"]
    sent = [*keys[:40], *encoded, "01", "1", "k1.x"]
    assert put(geode, f"items/{','.join(sent)}", json.dumps([{"key": key} for key in keys])).status == 200
    answer = get(geode, f"items/{','.join(sent)}")
    location = answer.header("Content-Location") or ""
    assert location.startswith("http://test.example/geode/v1/items/")
    named = [Geode().decode_key(key) for key in location.rpartition("/")[2].split(",")]
    assert [element["key"] for element in exact(answer.body)["items"]] == named
    assert sorted(named) == sorted(keys)
    if geode.geode is not None and geode.geode.behaviour.name != "1.12.1":
        assert named == keys


def test_duplicates_are_consistent_with_content_location(geode: Embedded) -> None:
    answer = get(geode, "orders/1,1,2")
    count = len((answer.header("Content-Location") or "").rpartition("/")[2].split(","))
    assert len(exact(answer.body)["orders"]) == count
    assert geode.geode is not None
    assert count == (2 if geode.geode.behaviour.name == "1.12.1" else 3)


def test_keys_are_whole(geode: Embedded) -> None:
    keys = ["a", "A", "a.b", ".a", "b.", "01", "1", "a" * 300]
    assert put(geode, f"items/{','.join(keys)}", json.dumps([{"i": index} for index in range(8)])).status == 200
    for index, key in enumerate(keys):
        answer = get(geode, f"items/{key},none?ignoreMissingKey=true")
        assert {"i": index} in exact(answer.body)["items"]


def test_single_key_head_and_lists(geode: Embedded) -> None:
    single = get(geode, "orders/x")
    assert (single.status, single.body) == (200, b'{"n":20.0}')
    assert get(geode, "orders/13").status == 404
    head = ask(geode.geode_url, "HEAD", "/geode/v1/orders/1,2")
    assert (head.status, head.header("Transfer-Encoding"), head.body) == (200, "chunked", b"")
    assert [region["name"] for region in exact(get(geode, "").body)["regions"]] == ["orders", "items", "empty"]
    assert exact(get(geode, "orders/keys").body) == {"keys": ["1", "2", "x"]}
    assert exact(get(geode, "orders").body) == {"orders": [{"n": 1}, {"n": 2}, {"n": 20}]}
    assert exact(get(geode, "orders?limit=1").body) == {"orders": [{"n": 1}]}
    assert get(geode, "absent").status == get(geode, "absent/keys").status == 404
    assert ask(geode.geode_url, "GET", "/other").status == get(geode, "orders/1,2/3").status == 404
    assert ask(geode.geode_url, "PATCH", "/geode/v1/orders/1").status == 405


def test_long_urls_and_html(geode: Embedded) -> None:
    target = "/geode/v1/orders/"
    assert get(geode, "orders/" + "a," * 4000 + "a" * (8192 - 8000 - len(target))).status == 400
    assert get(geode, "orders/" + "a," * 4000 + "a" * (8193 - 8000 - len(target))).status == 414
    assert geode.geode is not None
    status = 500 if geode.geode.behaviour.release else 200
    assert get(geode, "orders/1,2", ("Accept: text/html",)).status == status
    assert get(geode, "orders/1,2", ("Accept: text/html, */*;q=0.1",)).status == 200


@pytest.mark.parametrize("key", ["%2F", "%25", "%3B", "%5C", ";"])
def test_characters_that_releases_refuse(geode: Embedded, key: str) -> None:
    assert geode.geode is not None
    answer = put(geode, f"items/a{key}b", "{}")
    if geode.geode.behaviour.release:
        assert (answer.status, answer.header("Content-Type")) == (500, "text/html;charset=iso-8859-1")
    else:
        assert exact(get(geode, f"items/a{key}b,none?ignoreMissingKey=true").body) == {"items": [{}, None]}


def test_reading_changes_nothing(geode: Embedded) -> None:
    before = get(geode, "orders/keys").body
    for path in ("orders/1,2", "orders/1,9", "orders/1,9?ignoreMissingKey=true", "orders/9", "orders"):
        get(geode, path)
    assert get(geode, "orders/keys").body == before


# Putting and removing


def test_put_post_delete(geode: Embedded) -> None:
    assert put(geode, "items/a", '{"v":1}').status == 200
    assert put(geode, "items/b,c", '[{"v":2},{"v":3}]').status == 200
    url = geode.geode_url
    created = ask(url, "POST", "/geode/v1/items?key=d%20e", b'{"v":4}', JSON_TYPE)
    assert (created.status, created.header("Location")) == (201, "http://test.example/geode/v1/items/d%20e")
    assert ask(url, "POST", "/geode/v1/items?key=d%20e", b'{"v":5}', JSON_TYPE).status == 409
    values = exact(get(geode, "items/a,b,c,d%20e").body)["items"]
    assert sorted(value["v"] for value in values) == [1, 2, 3, 4]
    assert ask(url, "DELETE", "/geode/v1/items/a,nope").status == 404
    assert ask(url, "DELETE", "/geode/v1/items/a,b").status == 200
    assert ask(url, "DELETE", "/geode/v1/items/a").status == 404
    assert exact(get(geode, "items/keys").body) == {"keys": ["c", "d e"]}


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "1",
        '"text"',
        "true",
        "[]",
        '[{"a":1}]',
        '{"a":[{"b":1},[1]]}',
        '{"a":{"b":[[{"c":[1,{"d":2},3,[4]]}]]}}',
        '{"a":1,"a":2}',
        '{"a":NaN}',
        '{"a":1,}',
        '{"a":01}',
        '{"a":1} x',
        '\ufeff{"a":1}',
        '{"a":"line\nfeed"}',
        "",
        "{",
        '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_what_is_no_object_is_refused_and_stores_nothing(doc: Embedded, text: str) -> None:
    assert put(doc, "items/a", text).status == 400
    assert put(doc, "items/a,b", f'[{{"v":1}},{text}]').status == 400
    assert exact(get(doc, "items/keys").body) == {"keys": []}


def test_wrong_bodies_of_a_put(doc: Embedded) -> None:
    assert put(doc, "items/a,b", '{"v":1}').status == 400
    assert put(doc, "items/a,b", '[{"v":1}]').status == 400
    assert put(doc, "items/a,b", '[{"v":1},{},{}]').status == 400
    assert ask(doc.geode_url, "PUT", "/geode/v1/items/a", b'{"v":"\xff"}', JSON_TYPE).status == 400
    assert ask(doc.geode_url, "PUT", "/geode/v1/items/a", b"{}").status == 415
    assert put(doc, "absent/a", "{}").status == put(doc, "absent/a,b", "[{},{}]").status == 404


VALUES = (
    '{"n":15.5,"f":20.0,"big":9007199254740993,"max":9223372036854775807,"min":-9223372036854775808,'
    '"i30":123456789012345678901234567890,"exp":1e3,"tiny":1.5E-7,"nul":null,"ea":[],"eo":{},"es":"",'
    '"sp":" a ",'
    '"html":"<&>\\"\'\\\\/","cjk":"\u65e5\u672c","esc":"\\u65e5","emoji":"\\ud83d\\ude00","ctl":"a\\nb\\u0001",'
    '"deep":{"a":{"b":{"c":[1,[2,[3]]]}}},"mixed":[1,"x",null,true,{"y":[]}]}'
)


def test_values_come_back_exactly_as_stored(geode: Embedded) -> None:
    assert put(geode, "items/a,b", f"[ {VALUES} ,\n{{ }} ]").status == 200
    answer = get(geode, "items/a,b")
    assert VALUES.encode() in answer.body
    assert exact(answer.body) == {"items": [exact(VALUES.encode()), {}]}


@pytest.mark.parametrize("depth", [100, 400, 700, 900, 950, 980, 990, 1000, 5000])
def test_depth_is_stored_or_refused_but_never_breaks_the_server(doc: Embedded, depth: int) -> None:
    text = '{"a":' + "[" * depth + "]" * depth + "}"
    status = put(doc, "items/a,b", f"[{text},{text}]").status
    assert status == 200 if depth <= 400 else status in (200, 400)
    if status == 200:
        assert get(doc, "items/a,b").body == f'{{"items":[{text},{text}]}}'.encode()
    assert doc.geode is not None
    assert doc.geode.failures == 0


# JSON texts


def test_json_texts_lose_nothing() -> None:
    value = load(VALUES)
    assert isinstance(value, dict)
    assert value["f"] == "20.0"
    assert isinstance(value["f"], Number)
    assert exact(dump(value).encode()) == exact(VALUES.encode())
    assert '"f":20.0' in dump(value)
    digits = "9" * 5000
    assert dump(load(digits)) == digits


def test_elements_are_cut_as_they_stand() -> None:
    assert elements(' [ {"a" : "]},["} ,1e3, [ ] ,"x" ]\n') == ('{"a" : "]},["}', "1e3", "[ ]", '"x"')
    assert elements("[]") == elements(" [ ] ") == ()
    for text in ("{}", "[1,]", "[1 2]", "[", "", "[1] 2"):
        with pytest.raises(ValueError, match=r".+"):
            elements(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [('[{"b":1},[1]]', True), ('[{"b":1},2,[1]]', True), ('[[1],{"b":1}]', False), ('{"a":{},"b":[1]}', False)],
)
def test_array_after_object(text: str, found: bool) -> None:
    assert has_array_after_object(load(text)) is found


# Java's order


def test_string_hash_as_java_documents_it() -> None:
    assert (string_hash(""), string_hash("1"), string_hash("13")) == (0, 49, 1570)
    assert string_hash("polygenelubricants") == 0x8000_0000
    assert string_hash("\U0001f600") == 0xD83D * 31 + 0xDE00


def test_hash_map_order_keeps_colliding_keys_as_they_came() -> None:
    assert string_hash("Aa") == string_hash("BB")
    assert hash_map_order(["BB", "Aa", "BB"]) == ("BB", "Aa")
    assert hash_map_order(["Aa", "BB"]) == ("Aa", "BB")


# What real releases answered

JUDGED = ("Content-Type", "Content-Location")


def recorded() -> list[Any]:
    params = []
    for release in ("1.12.1", "1.14.4"):
        index = json.loads((RECORDINGS / f"geode-{release}" / "index.json").read_text())
        params += [
            pytest.param(release, entry["name"], id=f"{release}/{entry['name']}") for entry in index["exchanges"]
        ]
    return params


@pytest.fixture(scope="module", params=["own", "doc"])
def replayed(request: pytest.FixtureRequest) -> Iterator[dict[str, Embedded]]:
    """For each recorded release the state it had, served as that release or as the page has it."""
    started = {}
    for release in ("1.12.1", "1.14.4"):
        stored = json.loads((RECORDINGS / f"geode-{release}" / "index.json").read_text())["stored_as_text"]
        behaviour = release if request.param == "own" else "doc"
        started[release] = Embedded.start(interfaces=("geode",), geode_behaviour=behaviour, regions=stored)
    yield started
    for embedded in started.values():
        embedded.stop()


@pytest.mark.parametrize(("release", "name"), recorded())
def test_recorded_answer(replayed: dict[str, Embedded], release: str, name: str) -> None:
    """The same state, the same request: the same status, judged headers and body by value as the release gave."""
    folder = RECORDINGS / f"geode-{release}"
    sent = (folder / f"{name}.request").read_bytes()
    found = parse_answer((folder / f"{name}.response").read_bytes(), to_head=sent.startswith(b"HEAD"))
    assert found is not None
    real = found[0]
    embedded = replayed[release]
    assert embedded.geode is not None
    with RawClient(embedded.geode_url) as client:
        ours = client.ask(sent)
    if embedded.geode.behaviour.name == "doc":
        compare_with_freedoms(name, ours, real)
        return
    assert ours.status == real.status
    assert {header: ours.all(header) for header in JUDGED} == {header: real.all(header) for header in JUDGED}
    if b"close" not in sent:
        assert ours.all("Transfer-Encoding") == real.all("Transfer-Encoding")
    if not sent.startswith(b"HEAD"):
        assert exact(ours.body) == exact(real.body)


# Where the page leaves a release free to do what `doc` does otherwise: E28, E35.
FREE = {"upper-true", "encoded-comma"}


def compare_with_freedoms(name: str, ours: Answer, real: Answer) -> None:
    """What the page itself demands: the status, and each value under its key as Content-Location names them."""
    if name in FREE:
        return
    assert ours.status == real.status
    if ours.status == 200 and ours.body and not name.startswith("single"):
        assert by_key(ours) == by_key(real)


def by_key(answer: Answer) -> tuple[str, dict[str, Any]]:
    keys = (answer.header("Content-Location") or "").rpartition("/")[2].split(",")
    ((region, values),) = exact(answer.body).items()
    return region, dict(zip(keys, values, strict=True))


def test_unknown_behaviour_is_refused() -> None:
    with pytest.raises(InputError, match=r"1\.9.*doc, 1\.12\.1, 1\.14\.4"):
        Embedded.start(interfaces=("geode",), geode_behaviour="1.9")
