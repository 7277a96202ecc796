"""Siblings through the real gate: off by default, never beside the pages, seeded and swept on servers of one's own."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from gate_parts import environment, gate, gate_process, servers
from sibling_answers import GEODE, HUSTDB, SIBLINGS
from test_hustdb_clusters import TABLES

from kvgate.case import load_cases
from kvgate.cli import main
from kvgate.interface import default_names
from kvgate.reference.embedded import Embedded
from kvgate.reference.http import basic_credential

ONE = ("--kv-case=control",)
WHERE = ("--case=control", "-q")
# Some of each kind: a curl for each request takes its time.
SOME = ("control", "table-*", "key-[a-d]*", "missing-*", "versions-[1-5]-*", "connection-*")


def url_of(name: str, embedded: Embedded) -> list[str]:
    """The options that name a sibling's server."""
    if name in GEODE:
        regions = ",".join(embedded.regions[role] for role in ("data", "second", "empty", "absent"))
        return [f"--{name}-url={embedded.geode_url}", f"--{name}-regions={regions}"]
    return [f"--{name}-url={embedded.ha_url}", f"--{name}-nodes={','.join(embedded.node_urls)}"]


def left(embedded: Embedded) -> list[bytes]:
    """Every key that stands on its servers."""

    def keys() -> list[bytes]:
        assert embedded.geode is not None
        in_regions = [key.encode() for region in embedded.geode.regions.values() for key in region]
        return [*in_regions, *(key for node in embedded.nodes for key in node.stored())]

    return embedded.call(keys)


def kvgate(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        status = main(arguments)
    return status, out.getvalue()


# Off by default


def test_no_sibling_is_judged_unless_it_is_asked_for(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites", *ONE)
    assert ran.status == 0, ran.out
    assert {requirement.split(".")[0] for requirement, _ in ran.verdicts} == set(default_names())
    assert not set(default_names()) & set(SIBLINGS)
    status, listed = kvgate("list")
    assert status == 0
    assert not [name for name in SIBLINGS if name in listed]


@pytest.mark.parametrize("name", SIBLINGS)
def test_named_by_itself_it_is_judged_on_the_embedded_reference(tmp_path: Path, name: str) -> None:
    ran = gate(tmp_path, f"suites/{name}")
    assert ran.status == 0, ran.out
    assert {requirement.split(".")[0] for requirement, _ in ran.verdicts} == {name}
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
    assert "no server of yours was tested" in ran.out
    status, listed = kvgate("list", name)
    assert status == 0
    assert f"{name}.request.served" in listed


def test_a_part_of_a_suite_names_it_too(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites/hget2/test_table.py")
    assert ran.status == 0, ran.out
    assert {requirement for requirement, _ in ran.verdicts} == {"hget2.request.own-table"}


def test_the_command_names_suites_as_pytest_does(tmp_path: Path) -> None:
    done = subprocess.run(  # our own command
        [*(sys.executable, "-m", "kvgate", "run", "hget2", "zscore2"), *WHERE, f"--report-dir={tmp_path}", "-n2"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert {check["requirement"].split(".")[0] for check in report["checks"]} == {"hget2", "zscore2"}


# Never beside the pages


@pytest.mark.parametrize("how", ["urls", "suites", "file"])
def test_a_sibling_and_a_page_are_not_judged_in_one_run(tmp_path: Path, how: str) -> None:
    target = tmp_path / "target.toml"
    target.write_text('[get2]\nurl = "http://127.0.0.1:1"\n[hget2]\nurl = "http://127.0.0.1:1"\n', encoding="utf-8")
    given = {
        "urls": ["suites", "--get2-url=http://127.0.0.1:1", "--hget2-url=http://127.0.0.1:1"],
        "suites": ["suites/get2", "suites/hget2"],
        "file": ["suites", f"--kv-target={target}"],
    }[how]
    ran = gate(tmp_path / "reports", *given)
    assert ran.status == 4, ran.out
    assert "hget2 is never part of the verdict on get2" in ran.out
    assert not ran.names


def test_one_target_file_serves_both_one_after_the_other(tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    with servers() as embedded:
        text = f'url = "{embedded.ha_url}"\nnodes = {json.dumps(list(embedded.node_urls))}\n'
        target.write_text(f"[get2]\n{text}[hget2]\n{text}", encoding="utf-8")
        for name in ("get2", "hget2"):
            ran = gate(tmp_path / name, f"suites/{name}", f"--kv-target={target}", *ONE)
            assert ran.status == 0, ran.out
            assert {requirement.split(".")[0] for requirement, _ in ran.verdicts} == {name}
            assert f"kvgate: {name} at {embedded.ha_url}" in ran.out


def test_a_sibling_that_is_named_needs_a_url_where_another_has_one(tmp_path: Path) -> None:
    ran = gate(tmp_path, "suites/hget2", "--get2-url=http://127.0.0.1:1")
    assert ran.status == 4, ran.out
    assert "--hget2-url" in ran.out


# Servers of one's own


@pytest.mark.parametrize("name", SIBLINGS)
def test_a_url_turns_it_on_and_nothing_is_left_behind(tmp_path: Path, name: str) -> None:
    with servers() as embedded:
        ran = gate_process(tmp_path, "suites", *url_of(name, embedded), "-n", "2")
        assert left(embedded) == []
    assert ran.status == 0, ran.out
    assert {requirement.split(".")[0] for requirement, _ in ran.verdicts} == {name}
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())


@pytest.mark.parametrize("name", SIBLINGS)
def test_what_was_kept_is_swept_later(tmp_path: Path, name: str) -> None:
    with servers() as embedded:
        ran = gate(tmp_path, "suites", *url_of(name, embedded), "--kv-keep")
        assert ran.status == 0, ran.out
        assert left(embedded)
        folder = ran.journals[0].parent
        status, out = kvgate("sweep", str(folder), *url_of(name, embedded))
        assert status == 0, out
        assert left(embedded) == []
        assert not folder.exists()


@pytest.mark.parametrize("nodes", [4, 6])
@pytest.mark.parametrize("name", HUSTDB)
def test_a_cluster_gives_no_false_alarm(tmp_path: Path, name: str, nodes: int) -> None:
    credential = basic_credential("hust", "secret")
    target = tmp_path / "target.toml"
    with servers(nodes=nodes, table=TABLES[nodes], node_credential=credential, interfaces=["get2"]) as embedded:
        auth = 'nodes_auth = { basic = { user = "hust", password = "env:CLUSTER_PASSWORD" } }'
        target.write_text(f'[{name}]\nurl = "{embedded.ha_url}"\n{auth}\n', encoding="utf-8")
        ran = gate(tmp_path / "reports", "suites", f"--kv-target={target}", env={"CLUSTER_PASSWORD": "secret"})
        kept = [node for node in embedded.nodes if embedded.call(node.stored)]
    assert ran.status == 0, ran.out
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
    assert not kept


@pytest.mark.parametrize("name", HUSTDB)
def test_a_state_that_is_loaded_by_the_exported_script_is_found(tmp_path: Path, name: str) -> None:
    with servers() as embedded:
        options = url_of(name, embedded)
        some = [f"--case={pattern}" for pattern in SOME if any(fnmatchcase(case, pattern) for case in load_cases(name))]
        status, script = kvgate("fixtures", "export", "--mark=kvloaded", *some, *options)
        assert status == 0, script
        for _ in range(2):  # running it again brings the same state about again
            done = subprocess.run(["sh"], input=script, text=True, capture_output=True, check=False)  # noqa: S607  # the shell
            assert done.returncode == 0, done.stderr
        before = left(embedded)
        target = tmp_path / "target.toml"
        nodes = json.dumps(list(embedded.node_urls))
        target.write_text(
            f'[{name}]\nurl = "{embedded.ha_url}"\nnodes = {nodes}\nseeding = "preloaded"\n[run]\nmark = "kvloaded"\n',
            encoding="utf-8",
        )
        ran = gate(
            tmp_path / "reports", "suites", f"--kv-target={target}", *(f"--kv-{pattern[2:]}" for pattern in some)
        )
        assert left(embedded) == before != []
        status, state = kvgate("fixtures", "export", "--format=json", "--mark=kvloaded", *options)
    assert ran.status == 0, ran.out
    assert not {"fail", "warn", "no-verdict"} & set(ran.verdicts.values())
    tables = {row["table"] for case in json.loads(state)["cases"] for row in case["stored"]}
    assert tables >= {f"kvgate_{({'hget2': 'hash', 'zscore2': 'zset', 'sismember2': 'set'})[name]}"}


def test_a_release_that_does_not_know_the_parameter_keys_is_found_out(tmp_path: Path) -> None:
    with servers(geode_behaviour="1.12.1") as embedded:
        ran = gate(tmp_path, "suites", *url_of("geodequery", embedded), "--kv-case=page-*")
    # The control is answered by the whole region, which is 200: what comes back is what fails.
    assert ran.status == 1, ran.out
    failed = {requirement for (requirement, _), verdict in ran.verdicts.items() if verdict == "fail"}
    assert "geodequery.status.missing" in failed
