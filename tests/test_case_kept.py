"""What a fixture was read as is kept, and is never taken for what another fixture, or another schema, says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kvgate.case import kept
from kvgate.case.kept import read_fixture
from kvgate.errors import InputError
from kvgate.places import FIXTURES
from kvgate.tomlfile import read_toml

SCHEMA = "get2/cases.schema.json"


@pytest.fixture(autouse=True)
def _keeping(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    monkeypatch.setattr("sys.pycache_prefix", None)
    monkeypatch.setattr(kept, "FIXTURES", tmp_path)


@pytest.fixture
def fixture(tmp_path: Path) -> Path:
    source = min((FIXTURES / "get2").glob("*.toml"))
    path = tmp_path / "some.toml"
    path.write_bytes(source.read_bytes())
    return path


def _no_reading(*_: object, **__: object) -> dict[str, Any]:
    raise AssertionError("read anew")


def _kept_files(fixture: Path) -> list[Path]:
    return list((fixture.parent / "__pycache__").glob("*"))


def test_the_second_time_it_is_there_at_once(fixture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_fixture(fixture, SCHEMA)
    assert len(_kept_files(fixture)) == 1
    monkeypatch.setattr(kept, "read_toml", _no_reading)
    assert read_fixture(fixture, SCHEMA) == first == read_toml(fixture, SCHEMA)


def test_what_is_changed_by_a_run_is_not_kept(fixture: Path) -> None:
    read_fixture(fixture, SCHEMA)
    read_fixture(fixture, SCHEMA)["case"].clear()
    assert read_fixture(fixture, SCHEMA) == read_toml(fixture, SCHEMA)


def test_a_fixture_that_has_changed_is_read_anew(fixture: Path) -> None:
    before = read_fixture(fixture, SCHEMA)
    fixture.write_bytes(fixture.read_bytes().replace(b'why = "', b'why = "Changed: ', 1))
    after = read_fixture(fixture, SCHEMA)
    assert after == read_toml(fixture, SCHEMA)
    assert after != before
    assert len(_kept_files(fixture)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[:10],
        lambda data: data[:0],
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
    ],
    ids=["cut", "cut short", "empty", "a bit of its data", "a bit of its sum", "a bit of what it is made of"],
)
def test_what_is_kept_and_damaged_is_read_anew(fixture: Path, damage: Any) -> None:
    expected = read_fixture(fixture, SCHEMA)
    (place,) = _kept_files(fixture)
    whole = place.read_bytes()
    place.write_bytes(damage(whole))
    assert read_fixture(fixture, SCHEMA) == expected
    assert place.read_bytes() == whole


def test_a_changed_schema_reads_anew(fixture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read_fixture(fixture, SCHEMA)
    schemas = tmp_path / "schemas"
    (schemas / "get2").mkdir(parents=True)
    (schemas / "get2" / "other.schema.json").write_text("{}")
    monkeypatch.setattr(kept, "SCHEMAS", schemas)
    monkeypatch.setattr(kept, "read_toml", _no_reading)
    kept._checked_by.cache_clear()  # a process that reads schemas reads each once
    try:
        with pytest.raises(AssertionError, match="read anew"):
            read_fixture(fixture, SCHEMA)
    finally:
        kept._checked_by.cache_clear()


def test_another_schema_reads_anew(fixture: Path) -> None:
    read_fixture(fixture, SCHEMA)
    with pytest.raises(InputError):
        read_fixture(fixture, "geode/cases.schema.json")


def test_a_fault_is_told_each_time_and_nothing_is_kept(fixture: Path) -> None:
    fixture.write_bytes(fixture.read_bytes().replace(b"\nwhy = ", b"\nwy = ", 1))
    for _ in range(2):
        with pytest.raises(InputError, match=r"some\.toml:\d+: case, item 1.*why"):
            read_fixture(fixture, SCHEMA)
    assert not _kept_files(fixture)


def test_what_is_complained_of_beyond_the_schema_is_not_kept(fixture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []

    def complain(data: dict[str, Any]) -> None:
        heard.append(len(data["case"]))
        if len(heard) < 3:
            raise InputError("no")

    for _ in range(2):
        with pytest.raises(InputError, match=r"^no$"):
            read_fixture(fixture, SCHEMA, complain)
        assert not _kept_files(fixture)
    first = read_fixture(fixture, SCHEMA, complain)
    monkeypatch.setattr(kept, "read_toml", _no_reading)
    assert read_fixture(fixture, SCHEMA, complain) == first
    assert len(heard) == 3


@pytest.mark.parametrize("file", kept._CODE)
def test_what_has_a_say_is_there(file: str) -> None:
    assert (kept._PACKAGE / file).is_file()


def test_a_fixture_that_becomes_faulty_is_told(fixture: Path) -> None:
    read_fixture(fixture, SCHEMA)
    fixture.write_bytes(fixture.read_bytes() + b"\n[[case]]\nnam = 'x'\n")
    with pytest.raises(InputError, match="nam"):
        read_fixture(fixture, SCHEMA)


def test_one_that_is_gone_is_told(fixture: Path) -> None:
    read_fixture(fixture, SCHEMA)
    fixture.unlink()
    with pytest.raises(InputError, match="no such fixture"):
        read_fixture(fixture, SCHEMA)


def test_where_nothing_can_be_written_it_is_read(fixture: Path) -> None:
    (fixture.parent / "__pycache__").write_text("a file in the way")
    assert read_fixture(fixture, SCHEMA) == read_fixture(fixture, SCHEMA) == read_toml(fixture, SCHEMA)


def test_where_python_keeps_nothing_nothing_is_kept(fixture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert read_fixture(fixture, SCHEMA) == read_toml(fixture, SCHEMA)
    assert not _kept_files(fixture)


def test_elsewhere_nothing_is_kept(fixture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kept, "FIXTURES", tmp_path / "fixtures")
    assert read_fixture(fixture, SCHEMA) == read_toml(fixture, SCHEMA)
    assert not _kept_files(fixture)


def test_a_fixture_that_is_saved_while_it_is_read_is_not_kept(fixture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_and_save(path: Path, *given: Any, **named: Any) -> dict[str, Any]:
        data = read_toml(path, *given, **named)
        path.write_bytes(path.read_bytes() + b"# saved\n")
        return data

    monkeypatch.setattr(kept, "read_toml", read_and_save)
    read_fixture(fixture, SCHEMA)
    assert not _kept_files(fixture)


def test_where_python_keeps_what_it_compiles_elsewhere_it_is_kept_there(
    fixture: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path / "elsewhere"))
    read_fixture(fixture, SCHEMA)
    assert not _kept_files(fixture)
    assert len(list((tmp_path / "elsewhere").rglob("some.*"))) == 1
    monkeypatch.setattr(kept, "read_toml", _no_reading)
    read_fixture(fixture, SCHEMA)
