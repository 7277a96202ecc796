"""Exit status 6: a server that does not answer, surroundings that do, state that is not in place, time that is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from gate_parts import (
    Watch,
    gate,
    geode,
    get2,
    never,
    plain,
    servers,
    stored,
)
from status_parts import FEW, MANY, free_port, short_limits

from kvgate.case import Case
from kvgate.errors import KvgateError
from kvgate.exits import Exit
from kvgate.reference.message import Request, Response
from kvgate.seeding.rest import RestSeeder

# -- 6 ---------------------------------------------------------------------------------------------------------------


def test_a_refused_connection_is_6(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        nodes = ",".join(embedded.node_urls)
        ran = gate(tmp_path, f"--get2-url=http://127.0.0.1:{free_port()}", f"--get2-nodes={nodes}", *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert set(ran.verdicts.values()) == {"no-verdict"}
    assert "refused" in ran.out


@pytest.mark.parametrize(
    ("status", "said"), [(401, "credentials are asked for"), (502, "answered 502"), (429, "lower concurrency")]
)
def test_an_answer_of_the_surroundings_is_6(tmp_path: Path, status: int, said: str) -> None:
    def proxy(request: Request, _number: int) -> Response | None:
        return plain(status) if request.path == "/get2" else None

    with servers(ha=Watch(proxy)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert said in ran.out


def test_a_proxy_that_fails_for_some_is_6_only_where_a_verdict_is_missing(tmp_path: Path) -> None:
    def proxy(request: Request, number: int) -> Response | None:
        return plain(503) if request.path == "/get2" and number > 6 else None

    with servers(ha=Watch(proxy)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--kv-concurrency=1")
    assert ran.status == Exit.NO_VERDICT
    assert {"pass", "no-verdict"} <= set(ran.verdicts.values())


def test_a_hanging_server_is_6_and_costs_a_time_limit(tmp_path: Path) -> None:
    with servers(ha=(watch := Watch(lambda request, _: never() if request.path == "/get2" else None))) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert watch.count(path="/get2") == 1
    assert "no answer within 0.4 s" in ran.out


def test_nodes_that_hang_are_given_up(tmp_path: Path) -> None:
    """Were each case's write waited for, a run on hanging nodes would take a time limit for each of them."""
    node = Watch(lambda _, number: never() if number > 30 else None)
    with servers(node=node) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY)
    assert ran.status == Exit.NO_VERDICT
    assert "not be written or read back in time" in ran.out


def test_a_server_that_hangs_on_some_is_1_and_a_budget_ends_it(tmp_path: Path) -> None:
    def some(request: Request, _number: int) -> object:
        # Every get2 case but the control: its key is the run's mark with a digest, so the version tells them apart.
        return never() if request.path == "/get2" and request.parameter("key") not in control else None

    control: set[str | None] = set()

    def learn(request: Request, number: int) -> object:
        if request.path == "/get2" and not control:
            control.add(request.parameter("key"))
        return some(request, number)

    with servers(ha=(watch := Watch(learn))) as embedded:  # type: ignore[arg-type]  # responses and coroutines
        ran = gate(
            tmp_path / "reports", *get2(embedded), short_limits(tmp_path), *MANY, "--kv-requirement=get2.status.*"
        )
    assert ran.status == Exit.NOT_CONFORMING
    assert "16 requests ran into the time limit; the rest was not asked" in ran.out
    # Several of them may be questions of one case: about other keys that it stores, and its own.
    silent = [row["case"] for row in ran.report["exchanges"] if (row["fault"] or {}).get("kind") == "timeout"]
    assert len(silent) >= 16
    assert {case for (_, case), verdict in ran.verdicts.items() if verdict == "fail"} == set(silent)
    assert watch.count(path="/get2") < 80


def test_state_that_is_not_in_place_is_6(tmp_path: Path) -> None:
    def forgets(request: Request, number: int) -> Response | None:
        return Response(200, "OK", (("Version", "1"),)) if "/put" in request.path and number > 12 else None

    with servers(node=Watch(forgets)) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW)
    assert ran.status == Exit.NO_VERDICT
    assert "not in place: " in ran.out


def test_a_region_that_does_not_exist_is_6(tmp_path: Path) -> None:
    with servers(interfaces=["geode"]) as embedded:
        ran = gate(tmp_path, f"--geode-url={embedded.geode_url}", "--geode-regions=order,items,empty", *FEW)
    assert ran.status == Exit.NO_VERDICT
    assert "does region 'order' exist" in ran.out


def test_the_time_limit_of_a_run_is_6_and_named(tmp_path: Path) -> None:
    with servers(ha=Watch(hold=0.3)) as embedded:
        ran = gate(tmp_path, *get2(embedded), "--kv-time-limit=1.5", "--kv-concurrency=2", *MANY)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    missing = {check["message"] for check in ran.report["checks"] if check["verdict"] == "no-verdict"}
    assert missing == {"the time limit of the run (1.5 s) passed"}


@pytest.mark.parametrize(
    ("case", "level"), [("utf8-accents", "SHOULD"), ("observed-encoded-slash", "INFO"), ("page-first-example", "MUST")]
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_missing_verdict_is_reported_and_changes_the_status_for_a_must_or_with_strict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, level: str, strict: bool
) -> None:
    usual = RestSeeder.put

    def put(self: RestSeeder, wanted: Case) -> object:
        if wanted.name == case:
            raise KvgateError("the server takes no such key")
        return usual(self, wanted)

    monkeypatch.setattr(RestSeeder, "put", put)
    with servers(interfaces=["geode"]) as embedded:
        chosen = (
            "--kv-case=control",
            f"--kv-case={case}",
            "--kv-requirement=geode.key.decoded",
            "--kv-requirement=*status*",
        )
        ran = gate(tmp_path, *geode(embedded), *chosen, *(["--kv-strict"] if strict else []))
        assert stored(embedded) == 0
    missing = {verdict for (_, name), verdict in ran.verdicts.items() if name == case}
    assert missing == {"no-verdict"}
    assert "the server takes no such key" in ran.out
    assert ran.status == (Exit.NO_VERDICT if strict or level == "MUST" else Exit.CONFORMING)


def test_what_is_not_judged_in_time_has_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging goes on for a while after the time limit; here none of that is left from the beginning."""
    monkeypatch.setattr("kvgate.plugin.gate.JUDGING", -60.0)
    with servers() as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--kv-time-limit=60")
        assert stored(embedded) == 0
    assert ran.status == 6
    assert set(ran.verdicts.values()) == {"no-verdict"}
    assert "not judged: the time limit of the run (60 s) passed" in ran.out
