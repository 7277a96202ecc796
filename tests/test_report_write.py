"""Reports are written whole or not at all, and those of an earlier run do not outlive the start of a new one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from report_samples import run_of, sample_run

from kvgate.errors import InputError
from kvgate.report import check_folder, prepare_folder, write_reports
from kvgate.report import write as write_module
from kvgate.report.write import NAMES


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_four_reports(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "reports"
    paths = write_reports(sample_run(), folder)
    assert sorted(path.name for path in paths) == _names(folder) == sorted(NAMES)
    for path in paths:
        assert path.stat().st_size > 1000
    assert (folder / "summary.md").read_text().startswith("get2 at http://127.0.0.1:8082")


def test_reports_are_readable_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        paths = write_reports(run_of([]), tmp_path)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o644}


def test_preparing_removes_earlier_reports_and_nothing_else(tmp_path: Path) -> None:
    write_reports(sample_run(), tmp_path)
    (tmp_path / ".report.json.0123.part").write_text("half")
    (tmp_path / "README.md").write_text("mine")
    prepare_folder(tmp_path)
    assert _names(tmp_path) == ["README.md"]


def test_checking_changes_nothing(tmp_path: Path) -> None:
    check_folder(tmp_path / "not" / "there")
    assert _names(tmp_path) == []
    write_reports(sample_run(), tmp_path)
    check_folder(tmp_path)
    assert _names(tmp_path) == sorted(NAMES)


def test_a_name_that_no_file_system_takes_is_one_line(tmp_path: Path) -> None:
    for act in (check_folder, prepare_folder):
        for folder in (tmp_path / ("x" * 300), tmp_path / ("x" * 300) / "below"):
            with pytest.raises(InputError, match=r"^report folder .*: cannot write there: File name too long; name"):
                act(folder)
    assert _names(tmp_path) == []


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for act in (check_folder, prepare_folder):
        for folder in (file, file / "below"):
            with pytest.raises(InputError, match="is a file") as caught:
                act(folder)
            assert "\n" not in str(caught.value)
            assert "--kv-report-dir=" in str(caught.value)


def test_a_folder_in_place_of_a_report_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match=r"report\.html is a folder"):
        prepare_folder(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="no permission"):
            check_folder(tmp_path / "reports")
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, data: bytes) -> Path:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(write_module, "_write_aside", refuse)
    for act in (lambda: prepare_folder(tmp_path), lambda: write_reports(run_of([]), tmp_path)):
        with pytest.raises(InputError, match="Read-only file system") as caught:
            act()
        assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_earlier_reports_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        (tmp_path / name).write_text("before")
    synced = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == len(NAMES):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_reports(sample_run(), tmp_path)
    assert {(tmp_path / name).read_text() for name in _names(tmp_path)} == {"before"}
    assert _names(tmp_path) == sorted(NAMES), "nothing half-written stays"


def test_an_interrupt_while_writing_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_reports(sample_run(), tmp_path)
    assert _names(tmp_path) == []


def test_a_report_that_cannot_be_rendered_leaves_the_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(write_module.RENDERERS, "summary.md", broken)
    with pytest.raises(ZeroDivisionError):
        write_reports(sample_run(), tmp_path)
    assert _names(tmp_path) == []


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.json").symlink_to(victim)
    write_reports(run_of([]), folder)
    assert victim.read_text() == "mine"
    assert not (folder / "report.json").is_symlink()
