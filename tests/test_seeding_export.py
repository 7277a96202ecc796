"""The state of cases, exported: the script brings it about, the JSON says it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from scripted import ScriptedServer
from seeding_parts import LIMITS, MARK, case, clients, geode_part, get2_part, masters, reply, serves

from kvgate.case import Case
from kvgate.errors import InputError
from kvgate.level import Level
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import basic_credential
from kvgate.schema import problems
from kvgate.seeding.export import export_json, export_shell
from kvgate.seeding.make import make_seeder, seeding_credentials
from kvgate.seeding.model import Seeder
from kvgate.target.model import Part
from kvgate.wire.client import Credentials, Tls
from kvgate.wire.exchange import Request

LARGE = bytes(range(256)) * 64
GET2 = [
    masters("kvtesta", (b"it's 100% $HOME `x` \\n", 1), (b"it's 100% $HOME `x` \\n", 1)),
    masters("kvtest%26b", (bytes(range(256)), 3), (b"\0\0", 2)),
    masters("kvtestc", (LARGE, 1), (LARGE[:-1], 2)),
    masters("kvtestd", (b"@/etc/hostname", 1), None),
    masters("kvteste", None, None),
]
GEODE = [
    case(
        ("data", "kvtest%20a", b'{"s":"it\'s \\n \xe6\x97\xa5 %"}'),
        ("second", "kvtestb", b'{"n":1}'),
        interface="geode",
    ),
    case(("data", "kvtestc", b'{"s":"' + b"\xe6\x97\xa5" * 5000 + b'"}'), interface="geode"),
]
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the script is made of curl lines")


def prepared(part: Part) -> Seeder:
    seeder = make_seeder(part, tls=Tls(), limits=LIMITS)
    seeder.prepare()
    return seeder


def run(script: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = tmp_path / "state.sh"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(  # our own script
        ["/bin/sh", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", **env},
    )


@needs_curl
def test_script_brings_the_state_of_get2_about(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["get2"]) as servers:
        seeder = prepared(get2_part(servers.ha_url, servers.node_urls, seeding="preloaded"))
        script = export_shell(GET2, seeder)
        for _ in range(2):
            done = run(script, tmp_path)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
            for state in GET2:
                found = seeder.put(state)
                assert found is not None
                assert [found.held[h.place, h.key].version for h in state.holdings] == [
                    h.version for h in state.holdings
                ]


@needs_curl
def test_script_brings_the_state_of_geode_about(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["geode"]) as servers:
        part = geode_part(servers.geode_url.removesuffix("/geode/v1"))
        script = export_shell(GEODE, prepared(part))
        for _ in range(2):
            done = run(script, tmp_path)
            assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        for state in GEODE:
            for holding in state.holdings:
                request = Request("GET", f"/geode/v1/{part.places[holding.place]}/{holding.key}")
                answer = clients(part).ask("geode", "interface", part.origin, request).response
                assert answer is not None
                assert json.loads(answer.body) == json.loads(holding.value)


@needs_curl
def test_script_stops_at_the_first_refusal(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda asked: reply(404 if asked.method == "GET" else 500))) as server:
        part = get2_part("http://h:1", [server.origin, "http://127.0.0.1:1"], masters="given")
        done = run(export_shell(GET2, prepared(part)), tmp_path)
        assert done.returncode != 0
        assert done.stderr.endswith(f"the MUST case get2 {GET2[0].name} is not in place\n")
        assert len(server.requests) == 2


@needs_curl
def test_script_goes_on_where_what_is_refused_need_not_be_there(tmp_path: Path) -> None:
    with ScriptedServer(serves(lambda asked: reply(400 if "kvtesta" in asked.target else 200))) as server:
        part = geode_part(server.origin)
        deep, plain = (case(("data", key, b"{}"), interface="geode", name=key) for key in ("kvtesta", "kvtestb"))
        done = run(export_shell([replace(deep, level=Level.SHOULD), plain], prepared(part)), tmp_path)
        assert done.returncode == 0
        assert done.stderr.endswith("the SHOULD case geode kvtesta is not in place\n")
        assert len(server.requests) == 2


@needs_curl
def test_script_takes_credentials_from_the_environment(tmp_path: Path) -> None:
    name, value = basic_credential("node", "secret")
    with Embedded.start(interfaces=["get2"], node_credential=(name, value)) as servers:
        part = get2_part(servers.ha_url, servers.node_urls, credentials={"nodes": Credentials(name, value)})
        seeder = prepared(part)
        script = export_shell(GET2[:1], seeder, credentials=seeding_credentials(part))
        assert value not in script
        assert "KVGATE_AUTH" in run(script, tmp_path).stderr
        assert servers.nodes[0].stored() == ()
        assert run(script, tmp_path, KVGATE_AUTH=value).returncode == 0
        assert seeder.read(GET2[0]) is not None
        assert len(servers.nodes[0].stored()) == 1


def test_script_names_each_case_in_one_line() -> None:
    part = get2_part("http://h:1", ["http://a:1", "http://b:1"], masters="given")
    odd = case(("master1", "kvtesta", b"v", 1), name="odd")
    odd = Case(**{**{f: getattr(odd, f) for f in odd.__dataclass_fields__}, "why": "two\nlines; rm -rf /"})
    script = export_shell([odd, GET2[4]], prepared(part))
    assert "\n# get2 odd: two lines; rm -rf /\n" in script
    assert "kvteste" not in script
    assert script.startswith("#!/bin/sh\n# The state of 1 cases.")
    assert "\nset -eu\n" in script


def test_cases_without_a_place_are_left_out_with_the_reason() -> None:
    table = b'{"table":[{"item":{"key":[0,1],"val":["a:1","b:1"]}},{"item":{"key":[1,1024],"val":["a:1","c:1"]}}]}'
    with ScriptedServer(serves(lambda _: reply(200, table))) as ha:
        seeder = prepared(get2_part(ha.origin, ["http://a:1", "http://b:1"]))
    with pytest.raises(InputError, match=r"no case has a place on this target: .* is c:1"):
        export_shell(GET2, seeder)
    with pytest.raises(InputError, match="no case has a place"):
        export_json(GET2[:1], seeder, mark=MARK, interface="get2")


def test_without_nodes_and_without_a_table_there_is_nothing_to_export() -> None:
    with ScriptedServer(serves(lambda _: reply(404))) as ha:
        seeder = prepared(get2_part(ha.origin, seeding="preloaded"))
        with pytest.raises(InputError, match=r"no table of masters \(/get_table\), and nodes names 0 nodes: give two"):
            export_shell(GET2, seeder)


def test_json_says_the_whole_state() -> None:
    part = get2_part("http://h:1", ["http://a:1", "http://b:1/base"], masters="given")
    document = json.loads(export_json(GET2, prepared(part), mark=MARK, interface="get2"))
    assert problems("kvgate/state.schema.json", document) == ()
    assert (document["mark"], document["interface"], document["left_out"]) == (MARK, "get2", [])
    stored = document["cases"][1]["stored"]
    assert [(row["place"], row["url"], row["key"], row["version"]) for row in stored] == [
        ("master1", "http://a:1", "kvtest%26b", 3),
        ("master2", "http://b:1/base", "kvtest%26b", 2),
    ]
    assert base64.b64decode(stored[0]["key_base64"]) == b"kvtest&b"
    assert base64.b64decode(stored[0]["value_base64"]) == bytes(range(256))
    assert [row["place"] for row in document["cases"][4]["absent"]] == ["master1", "master2"]


def test_json_of_geode_names_the_region() -> None:
    part = geode_part("http://h:1", data="my-orders")
    document = json.loads(export_json(GEODE, prepared(part), mark=MARK, interface="geode"))
    assert problems("kvgate/state.schema.json", document) == ()
    stored = document["cases"][0]["stored"]
    assert [row["url"] for row in stored] == ["http://h:1/geode/v1/my-orders", "http://h:1/geode/v1/items"]
    assert base64.b64decode(stored[0]["value_base64"]) == GEODE[0].holdings[0].value
    assert "version" not in stored[0]
