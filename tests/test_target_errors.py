"""Each wrong option or key of a target file gets one clear line: where it stands, and what was expected."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kvgate.errors import InputError
from kvgate.target import Options, load_target
from kvgate.wire.settings import _build_context

GET2 = '[get2]\nurl = "http://ha:1"\n'
GEODE = '[geode]\nurl = "http://cache:1/geode/v1"\n'


def complaint(tmp_path: Path, text: str, options: Options | None = None, **env: str) -> str:
    """The error line for a target file of this text, the file's path written as FILE."""
    path = tmp_path / "t.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_target(options or Options(), {"KVGATE_TARGET": str(path), **env})
    line = str(caught.value)
    assert "\n" not in line
    return line.replace(str(path), "FILE").replace(str(tmp_path), "FOLDER")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[gedoe]\n", "FILE:1: gedoe: unknown table 'gedoe' (did you mean 'geode'?)"),
        (
            "strict = true\n",
            "FILE:1: strict: unknown key 'strict' (known: run, tls, limits, "
            "geode, geodekey, geodequery, get2, hget2, sismember2, zscore2)",
        ),
        ("get2 = 3\n", "FILE:1: get2: expected a table"),
        ("run = 3\n", "FILE:1: run: expected a table, got 3"),
        ("[run]\n\nstict = true\n", "FILE:3: run.stict: unknown key 'stict' (did you mean 'strict'?)"),
        ('[run]\nstrict = "yes"\n', 'FILE:2: run.strict: expected true or false, got "yes"'),
        ("[run]\nkeep = 1\n", "FILE:2: run.keep: expected true or false, got 1"),
        ("[run]\ntime_limit = 0\n", "FILE:2: run.time_limit: expected seconds: a number above 0, at most 604800"),
        ("[run]\ntime_limit = inf\n", "FILE:2: run.time_limit: expected seconds: a number above 0"),
        ("[run]\ntime_limit = nan\n", "FILE:2: run.time_limit: expected a number, got nan"),
        ("[run]\ntime_limit = true\n", "FILE:2: run.time_limit: expected seconds"),
        ("[run]\nconcurrency = 0\n", "FILE:2: run.concurrency: expected how many requests may be under way at once"),
        ("[run]\nconcurrency = 4.0\n", "FILE:2: run.concurrency: expected how many requests"),
        ("[run]\nconcurrency = 2.5\n", "FILE:2: run.concurrency: expected how many requests"),
        ('[run]\nlevel = "MUST"\n', 'FILE:2: run.level: expected one of must, should, info, got "MUST"'),
        ("[run]\ncase = []\n", "FILE:2: run.case: expected a name or a glob, or a list of them"),
        ('[run]\ncase = [\n"a",\n""]\n', 'FILE:2: run.case, item 2: expected a name or a glob, got ""'),
        ('[run]\nmark = "Kv 1"\n', "FILE:2: run.mark: expected 3 to 16 lower-case letters and digits, a letter first"),
        ('[run]\nprofile = "dox"\n', "FILE:2: run.profile: unknown profile 'dox' (did you mean 'doc'?)"),
        ('[geode]\nprofile = "dox"\n', "FILE:2: geode.profile: geode has no profile 'dox' (did you mean 'doc'?)"),
        ("[limits]\nread = -1\n", "FILE:2: limits.read: expected seconds: a number above 0, at most 3600, got -1"),
        ('[limits]\ntotal = "30"\n', "FILE:2: limits.total: expected seconds"),
        ("[limits]\nmax_bytes = 1\n", "FILE:2: limits.max_bytes: expected a size in bytes"),
        ("[limits]\nconect = 1\n", "FILE:2: limits.conect: unknown key 'conect' (did you mean 'connect'?)"),
        ("[tls]\nverify = false\n", 'FILE:2: tls.verify: expected the word "none"'),
        ("[tls]\ninsecure = true\n", "FILE:2: tls.insecure: unknown key 'insecure'"),
        ('[run]\nreport_dir = "~nouser/x"\n', "FILE:2: run.report_dir: ~nouser/x: the home folder of ~nouser is not"),
        ('[run]\nreport_dir = "\\u0000"\n', "FILE:2: run.report_dir: not a path: it holds the character NUL"),
        (f'[tls]\nca = "{"x" * 300}"\n', "FILE:2: tls.ca: no such file: FOLDER/xxx"),
        ('[tls]\nca = "no.pem"\n', "FILE:2: tls.ca: no such file: FOLDER/no.pem"),
        ('[tls]\nkey = "t.toml"\n', "FILE:2: tls.key: a key without a certificate: add cert to [tls]"),
        ('[tls]\nca = "t.toml"\nverify = "none"\n', 'FILE:3: tls.verify: "none" makes ca meaningless'),
        ('[get2]\nurl = ""\n', "FILE:2: get2.url is given but empty: an unset variable?"),
        ('[get2]\nurl = "http://u:s3cret@ha:1"\n', "FILE:2: get2.url: user or password in the URL"),
        ("[get2]\nurl = 8082\n", "FILE:2: get2.url: expected the base URL of the HA"),
        (
            '[get2]\nnodes = ["http://a:1", "http://b:1"]\n',
            "FILE:2: get2.nodes: given without a URL: add url to [get2]",
        ),
        (GET2 + 'nodes = ["http://a:1"]\n', "FILE:3: get2.nodes: expected a list of 2 to 64 base URLs"),
        (
            GET2 + "nodes = [" + ",".join(f'"http://n{i}:1"' for i in range(65)) + "]\n",
            "FILE:3: get2.nodes: expected a list of 2 to 64 base URLs",
        ),
        (
            GET2 + 'nodes = ["http://a:80", "http://b", "http://A/"]\n',
            "FILE:3: get2.nodes, item 3: http://a:80 is the same as item 1",
        ),
        (GET2 + 'nodes = ["http://a:1", ""]\n', "FILE:3: get2.nodes, item 2 is given but empty"),
        (GET2 + 'masters = "given"\n', 'FILE:3: get2.masters: "given" needs nodes: add nodes to [get2]'),
        (GET2 + 'masters = "first"\n', 'FILE:3: get2.masters: expected one of table, given, got "first"'),
        (
            GET2 + 'map = {"10.0.0.1" = "http://a:1"}\n',
            "FILE:3: get2.map: expected an address as it stands in the HA's",
        ),
        (
            GET2 + '[get2.map]\n"h:1" = "http://a:1"\n"h:2" = "http://a:1"\n',
            "FILE:5: get2.map.h:2: http://a:1 is the same as h:1",
        ),
        (GET2 + '[get2.map]\n"h:1" = "ftp://a:1"\n', "FILE:4: get2.map.h:1: the URL must begin with http://"),
        (GET2 + 'seeding = "rest"\n', "FILE:3: get2.seeding: expected one of nodes, preloaded"),
        (GET2 + 'seeding = "preloaded"\n', 'FILE:3: get2.seeding: "preloaded" needs the mark'),
        (GEODE, "FILE:2: geode.url: needs regions: add regions to [geode] or give --geode-regions"),
        (GEODE + 'regions = ["a", "b"]\n', "FILE:3: geode.regions: expected {data, second, empty}"),
        (GEODE + 'regions = ["a", "b", "b"]\n', "FILE:3: geode.regions, item 3: b is the same as second"),
        (GEODE + 'regions = ["a", "b", "c", "a"]\n', "FILE:3: geode.regions, item 4: a is the same as data"),
        (GEODE + 'regions = ["a", "b", "c/d"]\n', "FILE:3: geode.regions, item 3: expected a region's name of letters"),
        (GEODE + 'regions = {data = "a", second = "b"}\n', "FILE:3: geode.regions: missing: empty"),
        (
            GEODE + "[geode.regions]\ndata = 'a'\nsecond = 'b'\nempty = 'c'\nabsnt = 'd'\n",
            "FILE:7: geode.regions.absnt: unknown key 'absnt' (did you mean 'absent'?)",
        ),
        (
            GEODE + 'regions = ["a", "b", "c\\n"]\n',
            "FILE:3: geode.regions, item 3: expected a region's name of letters",
        ),
        ('[run]\nmark = "kvone\\n"\n', "FILE:2: run.mark: expected 3 to 16 lower-case letters"),
        (
            GEODE + 'regions = ["a", "b", "kvgate-absent"]\n',
            "FILE:3: geode.regions.absent: kvgate-absent is the same as empty",
        ),
        ("[get2\n", "FILE:1: not valid TOML: Expected ']' at the end of a table declaration (column 6)"),
        ("# of us\n[get2]\nurl = ", "FILE:3: not valid TOML: Invalid value (end of file)"),
        ("x = " + "[" * 9000, "FILE: not valid TOML: nested too deeply"),
        ("\ufeff[get2]\n", "FILE:1: this target file begins with a byte-order mark: save it as UTF-8 without one"),
        ("[get2]\n", "FILE: [get2] and no URL in this target file: add url to it or give --get2-url;"),
        ('[geode]\nprofile = "doc"\n[get2]\n', "add url to it or give --geode-url or --get2-url;"),
        ("# nothing\n", "FILE: nothing stands in this target file: name a target, or leave the option out"),
        (GET2 + '"\\u001b[31m" = 1\n', r"get2.\x1b[31m: unknown key '\x1b[31m'"),
        ('[run]\nprofile = "doc,"\n', "FILE:2: run.profile: a name is empty"),
        ('[tls]\nca = "t.toml"\n', "FILE:2: tls.ca: TLS CA file 'FILE': not a readable PEM bundle"),
        ('[tls]\ncert = "t.toml"\n', "FILE:2: tls.cert: TLS certificate 'FILE' with key 'FILE': not a readable"),
        (GEODE + 'regions = ["a", "b", "c"]\nprofile = "geode-1.2"\n', "(did you mean 'geode-1.2.0'?)"),
    ],
)
def test_wrong_file(tmp_path: Path, text: str, expected: str) -> None:
    line = complaint(tmp_path, text)
    assert expected in line
    assert "s3cret" not in line


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_bytes(b"[get2]\n# caf\xe9\n")
    with pytest.raises(InputError, match=r"t\.toml:2: this target file is not UTF-8: save it as UTF-8$"):
        load_target(Options(target=str(path)), {})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", ": cannot read this target file: Is a directory"),
        ("x" * 300, ": cannot read this target file: File name too long"),
        ("a\0b", "--kv-target: not a path: it holds the character NUL"),
    ],
)
def test_file_that_is_none(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InputError, match=f"{reason}$"):
        load_target(Options(target=f"{tmp_path}/{name}"), {})


def test_tables_nested_too_deeply(tmp_path: Path) -> None:
    assert complaint(tmp_path, f"[run{'.a' * 3000}]\n") == "FILE: not valid TOML: nested too deeply"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("9" * 5000, "FILE:2: a whole number of more than 64 bits"),
        (f"0x{'f' * 5000}", "FILE:2: run.concurrency: a whole number of more than 64 bits"),
        (f"[1, {2**64}]", "FILE:2: run.concurrency, item 2: a whole number of more than 64 bits"),
        (f"{2**64 - 1}", "FILE:2: run.concurrency: expected how many requests"),
    ],
)
def test_a_number_too_large_to_be_told(tmp_path: Path, number: str, expected: str) -> None:
    assert complaint(tmp_path, f"[run]\nconcurrency = {number}\n").startswith(expected)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no\.toml: no such target file"):
        load_target(Options(target=str(tmp_path / "no.toml")), {})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(target=""), "--kv-target is given but empty: an unset variable?"),
        (Options(profile=" "), "--kv-profile is given but empty: an unset variable?"),
        (Options(report_dir=""), "--kv-report-dir is given but empty"),
        (Options(requirement=("a", "")), "--kv-requirement is given but empty"),
        (Options(waivers=""), "--kv-waivers is given but empty"),
        (
            Options(time_limit="soon"),
            '--kv-time-limit: expected seconds: a number above 0, at most 604800 (a week), got "soon"',
        ),
        (Options(time_limit="nan"), "--kv-time-limit: expected a number, got nan"),
        (Options(time_limit="-1"), "--kv-time-limit: expected seconds"),
        (Options(recheck="21"), "--kv-recheck: expected how often what failed is asked again: a whole number from 0"),
        (Options(recheck="often"), "--kv-recheck: expected how often what failed is asked again"),
        (Options(concurrency="8.0"), "--kv-concurrency: expected how many requests"),
        (Options(concurrency="\uff18"), "--kv-concurrency: expected how many requests"),
        (Options(concurrency="1_0"), "--kv-concurrency: expected how many requests"),
        (Options(concurrency="9" * 5000), "--kv-concurrency: expected how many requests"),
        (Options(time_limit="1_0.5"), "--kv-time-limit: expected seconds"),
        (Options(explore="1e2"), "--kv-explore: expected how many cases"),
        (Options(concurrency="1e9"), "--kv-concurrency: expected how many requests"),
        (
            Options(concurrency="none"),
            "--kv-concurrency: expected how many requests may be under way at once: a whole number from 1 to 256, got",
        ),
        (Options(level="maybe"), '--kv-level: expected one of must, should, info, got "maybe"'),
        (Options(mark="1"), "--kv-mark: expected 3 to 16 lower-case letters and digits"),
        (Options(profile="dox"), "--kv-profile: unknown profile 'dox' (did you mean 'doc'?)"),
        (Options(target="~nouser/x"), "--kv-target: ~nouser/x: the home folder of ~nouser is not known"),
        (Options(report_dir="~nouser/x"), "--kv-report-dir: ~nouser/x: the home folder of ~nouser is not known"),
        (Options(waivers="~nouser"), "--kv-waivers: ~nouser: the home folder of ~nouser is not known"),
        (Options(interface={("get2", "url"): ""}), "--get2-url is given but empty: an unset variable?"),
        (Options(interface={("get2", "url"): "ha:8082"}), "--get2-url: the URL must begin with http://"),
        (Options(interface={("get2", "url"): "http://u:s3cret@ha"}), "--get2-url: user or password in the URL"),
        (Options(interface={("get2", "nodes"): "http://a,http://b"}), "--get2-nodes: given without a URL"),
        (
            Options(interface={("get2", "url"): "http://ha", ("get2", "nodes"): "http://a,,http://b"}),
            "--get2-nodes, item 2 is given but empty",
        ),
        (
            Options(interface={("get2", "url"): "http://ha", ("get2", "nodes"): "http://a"}),
            "--get2-nodes: expected a list of 2 to 64 base URLs",
        ),
        (
            Options(interface={("get2", "url"): "http://ha", ("get2", "nodes"): "http://a,http://a"}),
            "--get2-nodes, item 2: http://a:80 is the same as item 1",
        ),
        (Options(interface={("geode", "url"): "http://c/geode/v1"}), "--geode-url: needs regions"),
        (
            Options(interface={("geode", "url"): "http://c", ("geode", "regions"): "a,b,a"}),
            "--geode-regions, item 3: a is the same as data",
        ),
        (
            Options(interface={("geode", "url"): "http://c", ("geode", "regions"): "a,b,c d"}),
            "--geode-regions, item 3: expected a region's name",
        ),
    ],
)
def test_wrong_option(options: Options, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        load_target(options, {})
    assert str(caught.value).startswith(expected)
    assert "s3cret" not in str(caught.value)


def test_variable_for_the_target_that_is_empty() -> None:
    with pytest.raises(InputError, match=r"^KVGATE_TARGET is given but empty: an unset variable\?$"):
        load_target(Options(), {"KVGATE_TARGET": ""})


def test_a_wrong_key_of_the_file_is_told_even_where_an_option_replaces_it(tmp_path: Path) -> None:
    assert "run.level" in complaint(tmp_path, '[run]\nlevel = "high"\n', Options(level="must"))


def test_an_error_about_an_option_never_names_the_file(tmp_path: Path) -> None:
    line = complaint(tmp_path, '[run]\nlevel = "must"\n', Options(level="high"))
    assert line.startswith("--kv-level: expected one of")


@pytest.mark.parametrize(
    "interface",
    [
        {("get2", "url"): "https://ha"},
        {("get2", "url"): "http://ha", ("get2", "nodes"): "http://a,https://b"},
    ],
)
def test_a_log_of_keys_that_cannot_be_written(
    interface: dict[tuple[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _build_context.cache_clear()  # what was made before is used again
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path))
    with pytest.raises(InputError) as caught:
        load_target(Options(interface=interface), {})
    told = f"the environment variable SSLKEYLOGFILE: {tmp_path}: cannot write there: Is a directory; unset it"
    assert str(caught.value) == told
    assert load_target(Options(interface={("get2", "url"): "http://ha"}), {}).parts


def auth(text: str) -> str:
    return f"{GET2}auth = {text}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"s3cret"', "FILE:3: get2.auth: expected one of {basic = {user, password}}, {bearer} and {header"),
        ('{bearer = "s3cret"}', "FILE:3: get2.auth.bearer: expected a secret by reference, env:NAME or file:PATH"),
        ('{bearer = ["s3cret"]}', "FILE:3: get2.auth.bearer: expected a secret by reference"),
        (
            '{basic = {user = "u", password = "s3cret"}}',
            "FILE:3: get2.auth.basic.password: expected a secret by reference",
        ),
        ('{basic = "s3cret"}', "FILE:3: get2.auth.basic: expected {user"),
        ('{basic = {user = "u"}}', "FILE:3: get2.auth.basic: missing: password"),
        (
            '{basic = {user = "u", pasword = "s3cret"}}',
            "FILE:3: get2.auth.basic.pasword: unknown key 'pasword' (did you mean 'password'?)",
        ),
        ('{basic = {user = "a:b", password = "env:OK"}}', "FILE:3: get2.auth.basic.user: a user's name holds no colon"),
        ('{bearer = "env:OK", basic = {user = "u", password = "env:OK"}}', "FILE:3: get2.auth: expected one of"),
        ("{}", "FILE:3: get2.auth: expected one of"),
        ('{beaver = "s3cret"}', "FILE:3: get2.auth.beaver: unknown key 'beaver' (did you mean 'bearer'?)"),
        ('{bearer = "env:UNSET"}', "FILE:3: get2.auth.bearer: the environment variable UNSET is not set"),
        ('{bearer = "env:EMPTY"}', "FILE:3: get2.auth.bearer: the environment variable EMPTY is empty"),
        (
            '{bearer = "env:LINES"}',
            "FILE:3: get2.auth.bearer: the environment variable LINES holds a control character",
        ),
        (
            '{basic = {user = "u", password = "env:BYTES"}}',
            "FILE:3: get2.auth.basic.password: the environment variable BYTES is not UTF-8 text",
        ),
        ('{bearer = "env:BYTES"}', "FILE:3: get2.auth.bearer: the environment variable BYTES is not UTF-8 text"),
        ('{bearer = "env:SPACE"}', "FILE:3: get2.auth.bearer: the token holds white space"),
        ('{header = {name = "X-K", value = "env:HIGH"}}', "FILE:3: get2.auth.header.value: the value holds"),
        (
            '{header = {name = "X K", value = "env:OK"}}',
            "FILE:3: get2.auth.header.name: expected the name of an HTTP header",
        ),
        (
            '{header = {name = "Host", value = "env:OK"}}',
            "FILE:3: get2.auth.header.name: Host cannot carry credentials",
        ),
        ('{bearer = "file:~nouser/x"}', "FILE:3: get2.auth.bearer: ~nouser/x: the home folder of ~nouser is not known"),
        ('{bearer = "file:none"}', "FILE:3: get2.auth.bearer: the file FOLDER/none does not exist"),
        ('{bearer = "file:empty"}', "FILE:3: get2.auth.bearer: the file FOLDER/empty is empty"),
        ('{bearer = "file:two"}', "FILE:3: get2.auth.bearer: the file FOLDER/two holds a control character"),
        ('{bearer = "file:latin"}', "FILE:3: get2.auth.bearer: the file FOLDER/latin is not UTF-8 text"),
        ('{bearer = "file:marked"}', "FILE:3: get2.auth.bearer: the file FOLDER/marked begins with a byte-order mark"),
        ('{bearer = "file:large"}', "FILE:3: get2.auth.bearer: the file FOLDER/large is too large"),
        ('{bearer = "file:."}', "FILE:3: get2.auth.bearer: the file FOLDER cannot be read: Is a directory"),
    ],
)
def test_wrong_credentials_never_repeat_a_secret(tmp_path: Path, text: str, expected: str) -> None:
    for name, held in (
        ("empty", b"\n"),
        ("two", b"s3cret\ns3cret\n"),
        ("latin", b"s3cret\xe9"),
        ("marked", b"\xef\xbb\xbfs3cret\n"),
        ("large", b"s" * 70000),
    ):
        (tmp_path / name).write_bytes(held)
    line = complaint(
        tmp_path,
        auth(text),
        OK="ok",
        EMPTY="",
        LINES="s3cret\r\nX: y",
        SPACE="s3cret s3cret",
        HIGH="s3crét",
        BYTES=os.fsdecode(b"s3cret\xff"),
    )
    assert line.startswith(expected)
    assert not re.search("s3cr", line)


@pytest.mark.parametrize(
    ("text", "header", "value"),
    [
        ('{bearer = "file:line"}', "Authorization", "Bearer t0ken"),
        ('{header = {name = "X-K", value = "env:KEY"}}', "X-K", "a key"),
        ('{basic = {user = "env:USER_NAME", password = "env:KEY"}}', "Authorization", "Basic dTphIGtleQ=="),
    ],
)
def test_right_credentials(tmp_path: Path, text: str, header: str, value: str) -> None:
    (tmp_path / "line").write_bytes(b"t0ken\r\n")
    path = tmp_path / "t.toml"
    path.write_text(auth(text).replace("auth", "nodes_auth"), encoding="utf-8")
    part = load_target(Options(target=str(path)), {"KEY": "a key", "USER_NAME": "u"}).parts[0]
    assert (part.credentials["nodes"].header, part.credentials["nodes"].value) == (header, value)


def test_a_target_file_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(InputError, match=r"^/dev/zero: this target file has more than 16777216 bytes: is it the one"):
        load_target(Options(target="/dev/zero"), {})
