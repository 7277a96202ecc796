"""Fetching a release into the cache: whole or not at all, by one process at a time; programs that are missing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from geode_machine import (
    PATIENCE,
    run_runner,
    start_runner,
)

from kvgate.errors import SurroundingsError
from kvgate.exits import Exit
from realsystems.geode import cache, running
from realsystems.geode.fetch import error_line, fetched
from realsystems.geode.releases import Release, load_releases

pytest_plugins = ["tests.geode_machine"]

# Programs that are not there


def test_without_maven_there_is_no_verdict_and_one_line(geode_machine: Path) -> None:
    (geode_machine / "bin" / "mvn").unlink()
    status, out, err = run_runner()
    assert status == Exit.NO_VERDICT
    assert err == (
        "no verdict: a real Apache Geode needs Java 17 or later, and Maven to fetch it; not found: mvn."
        " Install Maven, or put it on PATH\n"
    )
    assert out == ""


def test_without_java_and_maven_both_are_named(geode_machine: Path) -> None:
    for name in ("java", "mvn"):
        (geode_machine / "bin" / name).unlink()
    status, _, err = run_runner()
    assert status == Exit.NO_VERDICT
    assert "not found: java, mvn. Install a JDK (17 or later) and Maven" in err
    assert err.count("\n") == 1


def test_an_old_java_is_named_with_its_version(geode_machine: Path) -> None:
    status, _, err = run_runner(FAKE_JAVA_VERSION="1.8.0_402")
    assert status == Exit.NO_VERDICT
    assert f"{geode_machine}/bin/java is Java 8. Set JAVA_HOME to a newer one" in err
    assert err.count("\n") == 1


def test_maven_is_not_needed_for_a_release_in_the_cache(geode_machine: Path, geode_release: Release) -> None:
    fetched(geode_release)
    (geode_machine / "bin" / "mvn").unlink()
    with running(geode_release) as target:
        assert target.get("/orders")[0] == 200


# The cache


def test_a_release_is_fetched_once_and_found_whole_after_that(geode_machine: Path, geode_release: Release) -> None:
    home = fetched(geode_release)
    assert home == geode_machine / "cache" / "geode" / "1.14.4"
    assert (home / "tools/Extensions/geode-web-api-1.14.4.war").is_file()
    assert (home / "added/geode-core-1.14.4.jar").is_file()
    assert fetched(geode_release) == home
    assert (geode_machine / "calls").read_text() == "called\n"
    assert sorted(path.name for path in home.parent.iterdir()) == ["1.14.4", "1.14.4.lock"]


def test_the_archive_of_a_distribution_becomes_the_home_folder(geode_machine: Path) -> None:
    home = fetched(load_releases().named("1.2.0"))
    assert (home / "lib/geode-dependencies.jar").is_file()
    assert (home / "added/jaxb-api-2.3.1.jar").is_file()
    assert not list(home.rglob("*.zip"))


@pytest.mark.parametrize("harm", ["changed", "removed", "added", "no manifest"])
def test_a_cache_that_is_not_whole_is_fetched_again(geode_machine: Path, geode_release: Release, harm: str) -> None:
    home = fetched(geode_release)
    jar = home / "added/geode-core-1.14.4.jar"
    if harm == "changed":
        jar.write_bytes(bytes(reversed(jar.read_bytes())))
    elif harm == "removed":
        jar.unlink()
    elif harm == "added":
        (home / "added/other.jar").write_bytes(b"")
    else:
        (home / cache.MANIFEST).unlink()
    assert not cache.whole(home, geode_release)
    assert cache.whole(fetched(geode_release), geode_release)
    assert (geode_machine / "calls").read_text() == "called\n" * 2


def test_another_recipe_is_another_home_folder(geode_machine: Path, geode_release: Release) -> None:
    home = fetched(geode_release)
    other = dataclasses.replace(geode_release, recipe=dataclasses.replace(geode_release.recipe, class_path=("lib/*",)))
    assert cache.whole(home, geode_release)
    assert not cache.whole(home, other)


def test_a_failing_maven_is_no_verdict_with_its_error_line_and_leaves_nothing(geode_machine: Path) -> None:
    status, _, err = run_runner(FAKE_MVN="fail")
    assert status == Exit.NO_VERDICT
    last = err.splitlines()[-1]
    why = "Failed to execute goal: Could not transfer artifact: refused"
    assert last == f"no verdict: Maven cannot fetch Apache Geode 1.14.4: {why}"
    assert [path.name for path in (geode_machine / "cache/geode").iterdir()] == ["1.14.4.lock"]


def test_a_damaged_artifact_is_named_and_not_kept(
    geode_machine: Path, geode_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MVN", "damaged")
    with pytest.raises(SurroundingsError, match=r"geode-core-1\.14\.4\.jar is damaged"):
        fetched(geode_release)
    assert not (geode_machine / "cache/geode/1.14.4").exists()


def test_a_maven_that_hangs_is_ended(
    geode_machine: Path, geode_release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_MVN_SECONDS", "600")
    with pytest.raises(SurroundingsError, match="within 1 s"):
        fetched(dataclasses.replace(geode_release, fetch_time_limit=1))
    assert [path.name for path in (geode_machine / "cache/geode").iterdir()] == ["1.14.4.lock"]


def test_two_processes_at_once_fetch_once(geode_machine: Path) -> None:
    both = [start_runner("--fetch-only", FAKE_MVN_SECONDS="1") for _ in range(2)]
    errors = [process.communicate(timeout=PATIENCE)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert (geode_machine / "calls").read_text() == "called\n"
    assert any("another process is fetching" in text for text in errors)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (
            "[WARNING] w\n[ERROR] Failed to x: refused -> [Help 1]\n[ERROR] \n[ERROR] [Help 1] y\n",
            "Failed to x: refused",
        ),
        ("[ERROR] Re-run Maven with -X\nThe JAVA_HOME variable is wrong\n", "The JAVA_HOME variable is wrong"),
        ("\x1b[0m\x1b[0m[ERROR] Failed to x: refused -> [Help 1]\n\x1b[0m\n", "Failed to x: refused"),
        (f"[ERROR] wanted{'.' * 900}refused\n", f"wanted{'.' * 194} … {'.' * 193}refused"),
        ("", "it printed nothing"),
    ],
)
def test_the_line_of_mavens_log_that_says_what_went_wrong(log: str, line: str) -> None:
    assert error_line(log) == line


def test_the_manifest_is_json_with_size_and_digest(geode_machine: Path, geode_release: Release) -> None:
    manifest = json.loads((fetched(geode_release) / cache.MANIFEST).read_text())
    size, digest = manifest["files"]["added/geode-core-1.14.4.jar"]
    assert size > 0
    assert len(digest) == 64
