"""Options, environment and target file become a target; an option wins over the file."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
import trustme

from kvgate.errors import InputError
from kvgate.level import Level
from kvgate.target import Options, Target, embedded_target, load_target, redacted, show

ROOT = Path(__file__).resolve().parents[1]
BOTH = """
[get2]
url = "http://ha:8082"
nodes = ["http://n1:8085", "http://n2:8085/"]
[geode]
url = "http://cache/geode/v1/"
regions = ["orders", "items", "nothing"]
"""


def from_file(tmp_path: Path, text: str, options: Options | None = None, **env: str) -> Target:
    path = tmp_path / "target.toml"
    path.write_text(text, encoding="utf-8")
    return load_target(options or Options(), {"KVGATE_TARGET": str(path), **env})


def test_nothing_given_is_the_embedded_reference_for_both() -> None:
    target = load_target(Options(), {})
    assert target.embedded
    assert [(part.interface, part.origin, part.profile) for part in target.parts] == [
        ("geode", "", "doc"),
        ("get2", "", "doc"),
    ]
    assert show.tested_line(target, ()) == "embedded reference: no server of yours was tested"
    assert (target.concurrency, target.time_limit, target.level, target.recheck) == (8, None, Level.INFO, 0)


def test_embedded_target_gets_the_addresses_that_were_started() -> None:
    started = {
        "get2": {"url": "http://127.0.0.1:4001", "nodes": ["http://127.0.0.1:4002", "http://127.0.0.1:4003"]},
        "geode": {"url": "http://127.0.0.1:4004/geode/v1", "regions": ["a", "b", "c", "d"]},
    }
    target = embedded_target(load_target(Options(strict=True), {}), json.loads(json.dumps(started)))
    geode, get2 = target.parts
    assert target.embedded
    assert target.strict
    assert get2.settings == {"nodes": ("http://127.0.0.1:4002", "http://127.0.0.1:4003")}
    assert (geode.origin, geode.prefix) == ("http://127.0.0.1:4004", "/geode/v1")
    assert geode.places == {"data": "a", "second": "b", "empty": "c", "absent": "d"}


def test_file_with_both(tmp_path: Path) -> None:
    target = from_file(tmp_path, BOTH)
    geode, get2 = target.parts
    assert not target.embedded
    assert target.source == tmp_path / "target.toml"
    assert (get2.origin, get2.prefix, get2.seeding) == ("http://ha:8082", "", "nodes")
    assert get2.settings == {"nodes": ("http://n1:8085", "http://n2:8085")}
    assert (geode.origin, geode.prefix, geode.seeding) == ("http://cache:80", "/geode/v1", "rest")
    assert geode.places == {"data": "orders", "second": "items", "empty": "nothing", "absent": "kvgate-absent"}
    assert show.tested_line(target, ()) == (
        "geode at http://cache:80/geode/v1 (profile doc); get2 at http://ha:8082 (profile doc)"
    )
    assert show.tested_line(target, {"get2"}) == ("get2 at http://ha:8082 (profile doc); of geode nothing was tested")


def test_url_for_one_tests_only_that_one() -> None:
    target = load_target(Options(interface={("get2", "url"): "http://ha:8082"}), {})
    assert [part.interface for part in target.parts] == ["get2"]
    assert not target.embedded


def test_interface_options() -> None:
    options = Options(
        interface={
            ("get2", "url"): "http://ha:8082",
            ("get2", "nodes"): "http://n1:1, http://n2:1,http://n3:1",
            ("geode", "url"): "http://cache:7070/geode/v1",
            ("geode", "regions"): "a,b,c,d",
        }
    )
    geode, get2 = load_target(options, {}).parts
    assert get2.settings["nodes"] == ("http://n1:1", "http://n2:1", "http://n3:1")
    assert geode.places == {"data": "a", "second": "b", "empty": "c", "absent": "d"}


RUN_FILE = """
[run]
strict = false
keep = false
report_dir = "from-file"
time_limit = 60
level = "should"
requirement = "get2.*"
case = ["a*", "b"]
waivers = "w.toml"
mark = "kvfile"
concurrency = 4
recheck = 3
"""


def test_run_table(tmp_path: Path) -> None:
    target = from_file(tmp_path, RUN_FILE)
    assert target.report_dir == tmp_path / "from-file"
    assert target.waivers == tmp_path / "w.toml"
    assert (target.time_limit, target.level, target.mark, target.concurrency) == (60.0, Level.SHOULD, "kvfile", 4)
    assert (target.requirements, target.cases) == (("get2.*",), ("a*", "b"))
    assert (target.strict, target.keep, target.recheck) == (False, False, 3)


def test_every_option_wins_over_the_file(tmp_path: Path) -> None:
    options = Options(
        strict=True,
        keep=True,
        report_dir="from-option",
        time_limit="1.5",
        level="must",
        requirement=("geode.*", "x"),
        case=("c",),
        waivers="other.toml",
        mark="kvoption",
        concurrency="2",
        recheck="0",
    )
    target = from_file(tmp_path, RUN_FILE, options)
    assert (target.strict, target.keep, target.recheck) == (True, True, 0)
    assert (target.report_dir, target.waivers) == (Path("from-option"), Path("other.toml"))
    assert (target.time_limit, target.level, target.mark, target.concurrency) == (1.5, Level.MUST, "kvoption", 2)
    assert (target.requirements, target.cases) == (("geode.*", "x"), ("c",))


def test_url_option_wins_over_the_file_and_leaves_its_other_keys(tmp_path: Path) -> None:
    options = Options(interface={("get2", "url"): "http://other:1/x"})
    get2 = from_file(tmp_path, BOTH, options).parts[1]
    assert get2.url == "http://other:1/x"
    assert get2.settings["nodes"] == ("http://n1:8085", "http://n2:8085")


def test_target_option_wins_over_the_variable(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[run]\nmark = "kvoption"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('[run]\nmark = "kvenv"\n', encoding="utf-8")
    env = {"KVGATE_TARGET": str(tmp_path / "b.toml")}
    assert load_target(Options(target=str(tmp_path / "a.toml")), env).mark == "kvoption"
    assert load_target(Options(), env).mark == "kvenv"


def test_limits_and_masters_and_map(tmp_path: Path) -> None:
    target = from_file(
        tmp_path,
        "[limits]\nconnect = 1\nread = 2.5\ntotal = 3\nmax_bytes = 4096\n"
        '[get2]\nurl = "http://ha:1"\nmasters = "table"\n'
        '[get2.map]\n"10.0.0.1:8085" = "http://LOCALHOST:18085/"\n',
    )
    assert (target.limits.connect, target.limits.read, target.limits.total) == (1, 2.5, 3)
    assert target.limits.max_bytes == 4096
    assert target.parts[0].settings == {"masters": "table", "map": {"10.0.0.1:8085": "http://localhost:18085"}}


def write_tls_files(ca: Path, certificate: Path, key: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca)
    client = authority.issue_cert("kvgate.test")
    client.cert_chain_pems[0].write_to_path(certificate)
    client.private_key_pem.write_to_path(key)


def test_tls_files_are_relative_to_the_target_file(tmp_path: Path) -> None:
    write_tls_files(tmp_path / "ca.pem", tmp_path / "c.pem", tmp_path / "k.pem")
    tls = from_file(tmp_path, '[tls]\nca = "ca.pem"\ncert = "c.pem"\nkey = "k.pem"\n').tls
    assert (tls.ca_file, tls.cert_file, tls.key_file, tls.insecure) == (
        str(tmp_path / "ca.pem"),
        str(tmp_path / "c.pem"),
        str(tmp_path / "k.pem"),
        False,
    )


def test_insecure_takes_the_explicit_word(tmp_path: Path) -> None:
    assert from_file(tmp_path, '[tls]\nverify = "none"\n').tls.insecure


def test_preloaded_with_a_mark(tmp_path: Path) -> None:
    text = '[get2]\nurl = "http://ha:1"\nseeding = "preloaded"\n'
    assert from_file(tmp_path, text, Options(mark="kvthere")).parts[0].seeding == "preloaded"


def test_redacted_is_json_in_the_form_of_a_target_file(tmp_path: Path) -> None:
    text = BOTH.replace('url = "http://ha:8082"', 'url = "http://ha:8082"\nnodes_auth = {bearer = "env:T"}', 1)
    shown = json.loads(json.dumps(redacted(from_file(tmp_path, text, Options(strict=True), T="s3cret"))))
    assert "s3cret" not in json.dumps(shown)
    assert shown["get2"] == {
        "url": "http://ha:8082",
        "profile": "doc",
        "seeding": "nodes",
        "nodes": ["http://n1:8085", "http://n2:8085"],
        "nodes_auth": "Authorization: Bearer (hidden)",
    }
    assert shown["run"]["strict"] is True
    assert shown["embedded"] is False


def test_secrets_are_in_no_repr(tmp_path: Path) -> None:
    text = '[get2]\nurl = "http://ha:1"\nauth = {basic = {user = "u", password = "env:P"}}\n'
    target = from_file(tmp_path, text, P="s3cret")
    encoded = base64.b64encode(b"u:s3cret").decode()
    assert target.parts[0].credentials["interface"].value == f"Basic {encoded}"
    for shown in (repr(target), json.dumps(redacted(target))):
        assert "s3cret" not in shown
        assert encoded not in shown


def test_the_example_of_the_documentation_loads_and_names_every_key(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "target.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example
    (tmp_path / "tls").mkdir()
    write_tls_files(*(tmp_path / "tls" / name for name in ("ca.pem", "client.pem", "client.key")))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("t0ken\n", encoding="utf-8")
    target = from_file(tmp_path, example.group(1), KV_API_KEY="k3y", KV_PASSWORD="p4ss")
    geode, get2 = target.parts
    assert get2.credentials["interface"].header == "X-Api-Key"
    assert geode.credentials["interface"].value == "Bearer t0ken"
    for table in ("run", "tls", "limits"):
        schema = json.loads((ROOT / "schemas/kvgate/target.schema.json").read_text(encoding="utf-8"))
        for key in schema["properties"][table]["properties"]:
            # Who copies the example is not to have a fixed mark.
            sign = "# " if key == "mark" else ""
            assert re.search(rf"^{sign}{key} = ", example.group(1), re.MULTILINE) or key == "verify", key
    for interface in ("get2", "geode"):
        schema = json.loads((ROOT / f"schemas/{interface}/target.schema.json").read_text(encoding="utf-8"))
        section = example.group(1).split(f"[{interface}]")[1].split("\n[")[0]
        for key in schema["properties"]:
            assert re.search(rf"^{key} = ", section, re.MULTILINE), key
            assert f"| `{key}` |" in page, key


@pytest.mark.parametrize(
    ("given", "tested", "expected"),
    [
        ("doc", ["get2", "geode"], {"get2": "doc", "geode": "doc"}),
        ("old", ["get2", "geode"], {"get2": "old"}),
        ("doc,old", ["get2", "geode"], {"get2": "old", "geode": "doc"}),
        ("new,old", ["get2", "geode"], {"get2": "old", "geode": "new"}),
        ("new, doc", ["get2", "geode"], {"get2": "doc", "geode": "new"}),
        ("doc", ["geode"], {"geode": "doc"}),
        ("old,old", ["get2", "geode"], "more than one profile for get2"),
        ("new,newer", ["get2", "geode"], "more than one profile for geode"),
        ("oldd", ["get2", "geode"], "unknown profile 'oldd' (did you mean 'old'?)"),
        ("zzzz", ["get2", "geode"], "unknown profile 'zzzz' (known: doc, new, newer, old)"),
        ("old", ["geode"], "profile 'old' is for get2, which is not tested here (no URL)"),
        ("doc,", ["get2", "geode"], "a name is empty"),
    ],
)
def test_profiles_go_to_the_interface_that_has_them(
    monkeypatch: pytest.MonkeyPatch, given: str, tested: list[str], expected: dict[str, str] | str
) -> None:
    from kvgate.target import profiles

    there = {"get2": ("doc", "old"), "geode": ("doc", "new", "newer")}
    monkeypatch.setattr(profiles, "profile_names", there.__getitem__)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=re.escape("--kv-profile: " + expected)):
            profiles.assign_profiles(given, tested, ["get2", "geode"], "--kv-profile")
    else:
        assert profiles.assign_profiles(given, tested, ["get2", "geode"], "--kv-profile") == expected


@pytest.mark.parametrize(
    ("option", "expected"), [(None, {"geode": "new", "get2": "doc"}), ("newer", {"geode": "newer", "get2": "doc"})]
)
def test_profile_option_wins_over_the_tables_and_they_over_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str | None, expected: dict[str, str]
) -> None:
    from kvgate.target import profiles

    there = {"get2": ("doc", "old"), "geode": ("doc", "new", "newer")}
    monkeypatch.setattr(profiles, "profile_names", lambda name: there.get(name, ("doc",)))
    text = BOTH + 'profile = "new"\n[run]\nprofile = "doc"\n'
    target = from_file(tmp_path, text, Options(profile=option))
    assert {part.interface: part.profile for part in target.parts} == expected
