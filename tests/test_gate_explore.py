"""A run that explores: verdicts, the case to be pasted, reports, exit statuses, and what is left behind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from gate_parts import Ran, Watch, environment, gate, gate_process, get2, interrupted, kvgate, plain, servers, stored

from kvgate.case import load as loading
from kvgate.case.load import read_cases
from kvgate.exits import Exit
from kvgate.interface import load_interface
from kvgate.places import FIXTURES
from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Ha
from kvgate.reference.message import Request, Response

ONLY = "--kv-case=explored-*"
TWENTY = ("--kv-explore=20", "--kv-explore-seed=7", ONLY)
CONFLICT = "--kv-requirement=get2.status.conflict"


class Shallow(Ha):
    """Takes values of equal length for the same when their first 16 bytes are."""

    def same_value(self, first: bytes, second: bytes) -> bool:
        return len(first) == len(second) and first[:16] == second[:16]


@pytest.fixture(scope="module")
def shallow() -> Iterator[Embedded]:
    with Embedded.start(interfaces=["get2"], make_ha=Shallow) as embedded:
        yield embedded


@pytest.fixture(scope="module")
def found(shallow: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run that finds the fault of the shallow HA."""
    ran = gate(
        tmp_path_factory.mktemp("found"), *get2(shallow), "--kv-explore=30", "--kv-explore-seed=5", ONLY, CONFLICT
    )
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    return ran


def smallest(ran: Ran) -> dict[str, str]:
    """The row of report.json about the smallest case that fails."""
    return next(row for row in ran.report["cases"] if row["case"].endswith("-smallest"))


def original(ran: Ran) -> dict[str, str]:
    """The row of report.json about the case that was shrunk."""
    return next(row for row in ran.report["cases"] if "toml" in row and not row["case"].endswith("-smallest"))


def notes(ran: Ran) -> str:
    return "\n".join(ran.notes)


def test_a_conforming_server_stays_conforming_and_nothing_stays_behind(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *TWENTY)
        assert stored(embedded) == 0
    assert ran.status == Exit.CONFORMING, ran.out
    assert set(ran.verdicts.values()) == {"pass", "not-applicable"}
    assert {case for _, case in ran.verdicts} == {"explored-7"}
    assert notes(ran) == (
        "explored 20 generated cases of get2, seed 7: none failed; repeat with --kv-explore=20 --kv-explore-seed=7"
    )
    assert "exploring 20 generated cases of get2; repeat with --kv-explore=20 --kv-explore-seed=7" in ran.out
    assert ran.journals == []
    assert sorted(ran.names) == ["junit.xml", "report.html", "report.json", "summary.md"]


def test_a_fault_is_found_with_its_requirement(found: Ran) -> None:
    failing = {case for (requirement, case), verdict in found.verdicts.items() if verdict == "fail"}
    assert all(re.fullmatch(r"explored-5-\d+(-smallest)?", case) for case in failing)
    assert len(failing) == 2
    assert {requirement for requirement, _ in found.verdicts} == {"get2.status.conflict"}
    assert "of them failed or warned; repeat with --kv-explore=30 --kv-explore-seed=5" in notes(found)


def test_the_smallest_case_is_in_every_report(found: Ran) -> None:
    row = smallest(found)
    lines = row["toml"].splitlines()
    html = (found.folder / "report.html").read_text(encoding="utf-8")
    junit = ET.parse(found.folder / "junit.xml").getroot()  # noqa: S314  # our own file
    failures = [failure.text or "" for failure in junit.iter("failure")]
    assert lines[0] == "[[case]]"
    for line in lines:
        assert f"      {line}" in found.out
        assert f"    {line}" in found.summary
        assert any(f"paste: {line}" in failure for failure in failures)
    assert "To be pasted into a file of fixtures/get2/" in html
    assert lines[1].replace('"', "&#34;") in html
    names = [test.get("name") for test in junit.iter("testcase")]
    assert len(set(names)) == len(names)


def test_the_smallest_case_is_right_as_it_stands(found: Ran, tmp_path: Path) -> None:
    path = tmp_path / "get2" / "pasted.toml"
    path.parent.mkdir()
    path.write_text(smallest(found)["toml"], encoding="utf-8")
    (case,) = read_cases(path, load_interface("get2"))
    assert case.name == smallest(found)["case"]
    assert "shrunk to what breaks get2.status.conflict" in case.why
    values = [holding.value for holding in case.holdings]
    assert len(values[0]) == len(values[1]) >= 17
    assert values[0][:16] == values[1][:16]
    assert values[0] != values[1]
    assert len(smallest(found)["toml"]) < 400


@pytest.fixture
def pasted(found: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The smallest case among the fixtures of a checkout; its name."""
    fixtures = tmp_path / "fixtures"
    shutil.copytree(FIXTURES, fixtures)
    with (fixtures / "get2" / "blocks.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + smallest(found)["toml"])
    monkeypatch.setattr(loading, "FIXTURES", fixtures)
    loading.load_cases.cache_clear()
    yield smallest(found)["case"]
    loading.load_cases.cache_clear()


def test_pasted_it_fails_in_the_same_way_and_passes_elsewhere(
    pasted: str, found: Ran, shallow: Embedded, tmp_path: Path
) -> None:
    faulty = gate(tmp_path / "faulty", *get2(shallow), CONFLICT, f"--kv-case={pasted}")
    assert faulty.verdicts == {("get2.status.conflict", pasted): "fail"}
    told = [next(check for check in ran.report["checks"] if check["case"] == pasted) for ran in (faulty, found)]
    assert [told[0][key] for key in ("message", "want", "got")] == [told[1][key] for key in ("message", "want", "got")]
    with servers(interfaces=["get2"]) as embedded:
        right = gate(tmp_path / "right", *get2(embedded), f"--kv-case={pasted}")
    assert right.status == Exit.CONFORMING, right.out
    assert right.verdicts["get2.status.conflict", pasted] == "pass"


def test_with_workers_it_is_the_same(shallow: Embedded, found: Ran, tmp_path: Path) -> None:
    options = (*get2(shallow), "--kv-explore=30", "--kv-explore-seed=5", ONLY, CONFLICT)
    ran = gate_process(tmp_path, *options, "-n", "2", timeout=240)
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    # How far a case is shrunk depends on the time there is.
    assert original(ran)["toml"] == original(found)["toml"]
    assert notes(ran) == notes(found)


def test_one_case_can_be_asked_again_by_its_name(shallow: Embedded, found: Ran, tmp_path: Path) -> None:
    name = next(case for _, case in found.verdicts if not case.endswith("-smallest"))
    ran = gate(tmp_path, *get2(shallow), "--kv-explore=30", "--kv-explore-seed=5", CONFLICT, f"--kv-case={name}")
    assert original(ran)["toml"] == original(found)["toml"]
    assert "explored 1 generated cases of get2" in notes(ran)


def test_without_a_seed_it_has_one_that_is_told(tmp_path: Path) -> None:
    seeds = set()
    with servers(interfaces=["get2"]) as embedded:
        for turn in "12":
            ran = gate(tmp_path / turn, *get2(embedded), "--kv-explore=1", ONLY, CONFLICT)
            seeds.add(re.search(r"repeat with --kv-explore=1 --kv-explore-seed=(\d+)", notes(ran))[1])  # type: ignore[index]
    assert len(seeds) == 2


class Terse(Ha):
    """Answers 410 where a master lacks the key."""

    def missing(self, request: Request) -> Response:  # noqa: ARG002  # the reference's own signature
        return plain(410)


def test_a_breach_of_a_should_warns_and_fails_when_strict(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["get2"], make_ha=Terse) as embedded:
        options = (*get2(embedded), "--kv-explore=40", "--kv-explore-seed=7", ONLY, "--kv-requirement=get2.missing.*")
        mild, strict = gate(tmp_path / "mild", *options), gate(tmp_path / "strict", *options, "--kv-strict")
    assert mild.status == Exit.CONFORMING, mild.out
    assert set(mild.verdicts.values()) == {"warn", "pass"}
    assert "breaks get2.missing.status; to be pasted" in mild.out
    assert strict.status == Exit.NOT_CONFORMING, strict.out


def test_no_verdict_is_told_as_that(tmp_path: Path) -> None:
    """Nodes that refuse every write after the control's: no case is in place, none fails, none passes."""

    def refuse(request: Request, number: int) -> Response | None:
        return plain(507) if request.path.endswith("/put") and number > 8 else None

    with servers(node=Watch(refuse), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *TWENTY)
    assert ran.status == Exit.NO_VERDICT, ran.out
    assert "fail" not in ran.verdicts.values()
    assert "generated cases have no verdict: not in place" in ran.out


def test_the_time_limit_ends_it(tmp_path: Path) -> None:
    with servers(ha=Watch(hold=0.05), interfaces=["get2"]) as embedded:
        options = ("--kv-explore=5000", "--kv-explore-seed=7", ONLY, "--kv-time-limit=2")
        ran = gate(tmp_path, *get2(embedded), *options)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT, ran.out
    assert "the time limit of the run (2 s) passed" in ran.out
    assert re.search(r"explored \d+ of 5000 generated cases of get2", notes(ran))


def test_an_interrupt_ends_it_and_nothing_stays_behind(tmp_path: Path) -> None:
    watch = Watch()
    with servers(ha=watch, interfaces=["get2"]) as embedded:
        options = (*get2(embedded), "--kv-explore=100000", "--kv-explore-seed=7", ONLY)
        ran = interrupted(tmp_path, *options, when=lambda: watch.count(path="/get2") > 60)
        assert stored(embedded) == 0
    assert ran.status == Exit.INTERRUPTED, ran.out
    assert "repeat with --kv-explore=100000 --kv-explore-seed=7" in notes(ran)


WAIVER = """
[[waiver]]
requirement = "get2.status.conflict"
case = "{case}"
observed = "status 200 instead of 409"
reason = "known"
owner = "us"
issue = "#1"
expires = 2099-01-01
"""


def waived(folder: Path, case: str) -> str:
    path = folder / "waivers.toml"
    path.write_text(WAIVER.format(case=case), encoding="utf-8")
    return f"--kv-waivers={path}"


def test_a_waiver_may_name_generated_cases(shallow: Embedded, tmp_path: Path) -> None:
    options = (*get2(shallow), "--kv-explore=30", "--kv-explore-seed=5", ONLY, CONFLICT)
    ran = gate(tmp_path / "1", *options, waived(tmp_path, "explored-*"))
    assert ran.status == Exit.CONFORMING, ran.out
    assert set(ran.verdicts.values()) == {"waived"}


def test_such_a_waiver_is_never_stale(tmp_path: Path) -> None:
    """That this seed's cases pass does not say that the next seed's will."""
    with servers(interfaces=["get2"]) as embedded:
        for turn, options in enumerate(((*TWENTY, CONFLICT), (CONFLICT, "--kv-case=differ-after-64"))):
            ran = gate(tmp_path / str(turn), *get2(embedded), *options, waived(tmp_path, "explored-*"))
            assert ran.status == Exit.CONFORMING, ran.out


def test_proposed_waivers_fit_the_next_seed(found: Ran, tmp_path: Path) -> None:
    status, text = kvgate("waivers", "propose", str(found.folder / "report.json"), cwd=tmp_path, timeout=200)
    assert status == 0
    assert [row["case"] for row in tomllib.loads(text)["waiver"]] == ["explored-*"]


def test_what_failed_by_exploring_is_not_asked_again(shallow: Embedded, tmp_path: Path) -> None:
    options = (*get2(shallow), "--kv-explore=30", "--kv-explore-seed=5", ONLY, CONFLICT, "--kv-recheck=1")
    ran = gate(tmp_path, *options)
    assert ran.status == Exit.NOT_CONFORMING, ran.out
    assert "asked again" not in ran.out


def test_a_selection_may_leave_no_generated_case(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), "--kv-explore=20", "--kv-case=control")
    assert ran.status == Exit.CONFORMING, ran.out
    assert {case for _, case in ran.verdicts} == {"control"}
    assert notes(ran) == "nothing is explored: the selection of cases leaves no generated one"


def test_fixed_and_generated_cases_are_judged_in_one_run(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), "--kv-explore=5", "--kv-explore-seed=7", "--kv-case=control", ONLY)
    assert ran.status == Exit.CONFORMING, ran.out
    assert {case for _, case in ran.verdicts} == {"control", "explored-7"}


def test_a_generated_case_without_exploring_is_nothing_with_a_hint(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), "--kv-case=explored-7-1")
    assert ran.status == Exit.NOTHING_TESTED
    assert "generated cases are asked with --kv-explore=N" in ran.out


def test_a_sibling_without_generated_cases_says_so(tmp_path: Path) -> None:
    status, out = kvgate(
        "run", "zscore2", "--explore=5", "--case=control", "-p", "no:cacheprovider", cwd=tmp_path, timeout=200
    )
    assert status == 0, out
    assert "nothing is explored of zscore2: it has no generated cases" in out


def test_kvgate_run_and_the_target_file_know_it(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        target = tmp_path / "target.toml"
        nodes = ", ".join(f'"{url}"' for url in embedded.node_urls)
        run = "[run]\nexplore = 3\nexplore_seed = 9\nrequirement = 'get2.status.*'\ncase = 'explored-*'\n"
        target.write_text(f'[get2]\nurl = "{embedded.ha_url}"\nnodes = [{nodes}]\n{run}', encoding="utf-8")
        status, out = kvgate("run", "get2", f"--target={target}", cwd=tmp_path, timeout=200)
        assert (status, "explored 3 generated cases of get2, seed 9" in out) == (0, True), out
        status, out = kvgate(
            "run", "get2", f"--target={target}", "--explore=4", "--explore-seed=2", cwd=tmp_path, timeout=200
        )
        assert (status, "explored 4 generated cases of get2, seed 2" in out) == (0, True), out
    assert not (tmp_path / ".hypothesis").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--kv-explore=-1"], "--kv-explore: expected how many cases are to be generated"),
        (["--kv-explore=many"], "--kv-explore: expected how many cases are to be generated"),
        (["--kv-explore="], "--kv-explore is given but empty"),
        (["--kv-explore=1", "--kv-explore-seed=x"], "--kv-explore-seed: expected a whole number"),
        (["--kv-explore=1", "--kv-explore-seed=-1"], "--kv-explore-seed: expected a whole number"),
    ],
)
def test_a_wrong_option_is_one_clear_line(options: Sequence[str], line: str, tmp_path: Path) -> None:
    ran = gate(tmp_path, *options)
    assert ran.status == Exit.USAGE
    assert line in ran.out
    assert ran.names == []


def test_what_may_not_be_written_cannot_be_explored(tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    target.write_text(
        '[get2]\nurl = "http://127.0.0.1:9"\nnodes = ["http://127.0.0.1:9", "http://127.0.0.1:8"]\n'
        'seeding = "preloaded"\n[run]\nmark = "kvtest"\n',
        encoding="utf-8",
    )
    ran = gate(tmp_path / "reports", f"--kv-target={target}", "--kv-explore=5")
    assert ran.status == Exit.USAGE
    assert "--kv-explore: generated cases have to be written, and the state of get2 is preloaded" in ran.out
    assert not (tmp_path / "reports").exists()


def test_a_run_that_does_not_explore_loads_no_hypothesis(tmp_path: Path) -> None:
    script = tmp_path / "look.py"
    script.write_text(
        "import sys\nfrom kvgate.cli import main\nstatus = main(['run', 'get2', '--case=control', '-q'])\n"
        "print(status, 'hypothesis' in sys.modules)\n",
        encoding="utf-8",
    )
    ran = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ran.stdout.splitlines()[-1] == "0 False", ran.stdout + ran.stderr
