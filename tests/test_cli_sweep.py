"""`kvgate sweep`: what it takes, what it removes and what it says."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from gate_parts import servers

from kvgate.case import Mark
from kvgate.cli import main
from kvgate.exits import Exit
from kvgate.reference.http import basic_credential
from kvgate.seeding.journal import Journal
from kvgate.seeding.model import Written
from kvgate.wire.exchange import Request


@pytest.fixture(autouse=True)
def no_target_of_the_person_who_runs_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KVGATE_TARGET", raising=False)


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def removing(key: str) -> tuple[Request, Request, str]:
    return Request("GET", f"/hustdb/del?key={key}"), Request("GET", f"/hustdb/get?key={key}"), "nodes"


def test_sweep_removes_no_more_than_journals(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    status, _, err = called(capsys, "sweep", str(tmp_path))
    assert status == Exit.USAGE
    assert "no journal in it" in err
    (tmp_path / "x.journal").write_text('{"journal":1,"mark":"kvtest"}\n')
    assert called(capsys, "sweep", str(tmp_path))[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_sweep_tells_a_common_reason_a_few_times(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with servers(interfaces=["get2"], node_credential=basic_credential("hust", "of the nodes")) as embedded:
        places = ((f"kvtest{n}", url) for n in range(40) for url in embedded.node_urls)
        with contextlib.closing(Journal(tmp_path, Mark("kvtest"))) as journal:
            journal.note([Written("get2", "master1", key, url, *removing(key)) for key, url in places])
        status, out, err = called(capsys, "sweep", str(tmp_path))
        assert (status, out) == (Exit.NO_VERDICT, "0 keys removed, 80 left\n")
        assert len(err.splitlines()) == 8
        for url in embedded.node_urls:
            assert f"kvgate: and 37 more on {url}: removing it: asks for credentials: give nodes_auth" in err


@pytest.mark.parametrize(
    ("given", "left"),
    [(".", []), ("journal-b", ["journal-a", "journal-c"]), ("journal-c/*.journal", ["journal-a", "journal-b"])],
)
def test_sweep_takes_a_report_folder_a_journal_folder_and_a_journal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, given: str, left: list[str]
) -> None:
    with servers(interfaces=["get2"]) as embedded:
        for name in ("a", "b", "c"):
            with contextlib.closing(Journal(tmp_path / f"journal-{name}", Mark("kvtest"))) as journal:
                key = f"kvtest{name}"
                journal.note([Written("get2", "master1", key, embedded.node_urls[0], *removing(key))])
        (path,) = tmp_path.glob(given) if "*" in given else (tmp_path / given,)
        assert called(capsys, "sweep", str(path)) == (0, f"{3 - len(left)} keys removed, 0 left\n", "")
    assert sorted(folder.name for folder in tmp_path.iterdir()) == left


def test_sweep_of_a_file_that_is_no_journal_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    status, out, err = called(capsys, "sweep", str(tmp_path / "mine.txt"))
    assert (status, out) == (Exit.USAGE, "")
    assert err == f"kvgate: {tmp_path / 'mine.txt'}: expected a journal (*.journal) or a folder with journals\n"
