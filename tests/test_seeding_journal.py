"""The journal: what a run wrote, kept on the disk until it is taken away."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from journal_parts import journal_of, written
from seeding_parts import MARK, get2_part, masters

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.seeding.clients import Clients
from kvgate.seeding.journal import Journal, JournalFile, read_journal, read_journals
from kvgate.seeding.make import make_seeder
from kvgate.wire.client import Credentials, Limits, Tls

# Journal


def test_what_is_noted_is_read_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "folder", Mark(MARK))
    first, second = written("kvtest%2F1", odd=True), written("kvtest2")
    journal.note([first])
    journal.note([second, first])
    (file,) = read_journals(tmp_path / "new" / "folder")
    assert (file.path, file.mark, file.unreadable) == (journal.path, Mark(MARK), ())
    assert file.written == (first, second, first)
    journal.close()
    journal.close()


def test_it_is_on_the_disk_before_note_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    fsync = os.fsync

    def watched(handle: int) -> None:
        fsync(handle)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            seen.append(os.fstat(handle).st_size)

    monkeypatch.setattr(os, "fsync", watched)
    journal = Journal(tmp_path, Mark(MARK))
    for key in ("kvtest1", "kvtest2"):
        journal.note([written(key), written(key)])
        assert seen[-1] == journal.path.stat().st_size
    assert len(seen) == 2


def test_nothing_noted_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Mark(MARK))
    journal.note([])
    journal.close()
    assert list(tmp_path.iterdir()) == []
    assert read_journals(tmp_path / "nowhere") == ()


def test_threads_note_at_the_same_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path, Mark(MARK))

    def note(thread: int) -> None:
        for n in range(20):
            journal.note([written(f"kvtest-{thread}-{n}"), written(f"kvtest-{thread}-{n}b")])

    threads = [threading.Thread(target=note, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    file = read_journal(journal.path)
    assert file.unreadable == ()
    assert len(set(file.written)) == len(file.written) == 8 * 20 * 2


def test_each_process_has_a_file_of_its_own(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from kvgate.case import Mark; from kvgate.seeding.journal import *\n"
        "from kvgate.seeding.model import Written; from kvgate.wire.exchange import Request\n"
        "r = Request('GET', '/kvtest')\n"
        "w = Written('get2', 'master1', 'kvtest' + sys.argv[2], 'http://h:1', r, r, 'nodes')\n"
        "Journal(Path(sys.argv[1]), Mark('kvtest')).note([w])"
    )
    root = str(Path(__file__).parent.parent)
    for name in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), name], check=True, cwd=root, timeout=60
        )  # our own code
    files = read_journals(tmp_path)
    assert sorted(item.key for file in files for item in file.written) == ["kvtest1", "kvtest2"]
    assert len(files) == 2


@pytest.mark.parametrize("lost", [1, 2, 30])
def test_a_torn_last_line_is_no_loss(tmp_path: Path, lost: int) -> None:
    file = journal_of(tmp_path, written("kvtest1"), written("kvtest2"))
    file.path.write_bytes(file.path.read_bytes()[:-lost])
    again = read_journal(file.path)
    assert (again.written, again.unreadable, again.mark) == ((written("kvtest1"),), (), Mark(MARK))


def test_a_torn_first_line_is_an_empty_journal(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    path.write_text('{"journal":1,"ma')
    assert read_journal(path) == JournalFile(path, None, ())


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"journal":2,"mark":"kvtest"}',
        '{"journal":1,"mark":"Bad Mark"}',
        "[" * 100_000,
        '{"interface":"get2","place":"master1","key":"k","origin":"http://u:p@h:1","credentials":"nodes","odd":false,'
        '"remove":"GET /x","look":"GET /x"}',
        '{"interface":"get2","place":"master1","key":"k","origin":"http://h:1","credentials":"nodes","odd":false,'
        '"remove":"POST /x","look":"GET /x"}',
    ],
)
def test_a_line_that_is_none_of_ours_is_told_and_the_rest_is_read(tmp_path: Path, line: str) -> None:
    file = journal_of(tmp_path, written("kvtest1"))
    with file.path.open("a") as out:
        out.write(line + "\n")
    again = read_journal(file.path)
    assert again.written == (written("kvtest1"),)
    assert len(again.unreadable) == 1
    assert again.unreadable[0].startswith(f"{file.path}:3: ")
    assert "\n" not in again.unreadable[0]


def test_a_journal_that_cannot_be_written_or_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write the journal"):
        Journal(tmp_path / "file" / "folder", Mark(MARK)).note([written("kvtest1")])
    with pytest.raises(InputError, match="cannot read this journal"):
        read_journal(tmp_path / "missing.journal")


def test_no_secret_and_no_value_stands_in_a_journal(tmp_path: Path) -> None:
    secret = Credentials("Authorization", "Basic c2VjcmV0")
    part = get2_part("http://h:1", ["http://a:1", "http://b:1"], masters="given", credentials={"nodes": secret})
    seeder = make_seeder(part, tls=Tls(), limits=Limits())
    seeder.prepare()
    file = journal_of(tmp_path, *seeder.plan(masters("kvtest1", (b"a-value", 1), (b"a-value", 1))))
    text = file.path.read_text()
    assert len(file.written) == 2
    assert "c2VjcmV0" not in text
    assert "a-value" not in text
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_journal_lines_are_json(tmp_path: Path) -> None:
    file = journal_of(tmp_path, written("kvtest1"))
    assert [sorted(json.loads(line)) for line in file.path.read_text().splitlines()] == [
        ["journal", "mark"],
        ["credentials", "interface", "key", "look", "odd", "origin", "place", "remove"],
    ]


def test_concurrency_of_clients_has_to_be_positive() -> None:
    with pytest.raises(InputError, match="concurrency 0"):
        Clients([], tls=Tls(), limits=Limits(), concurrency=0)
