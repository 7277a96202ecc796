"""Fetches a release with Maven, as anyone's build would: coordinates in, a home folder of the server out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from kvgate.errors import SurroundingsError
from realsystems.geode import cache, tools
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import Coordinate, Release

_ERROR = re.compile(
    r"^\[(?:ERROR|FATAL)\]\s+(?P<text>(?!\[Help|Re-run Maven|To see the full|For more information)\S.*)$"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN = 200


def fetched(release: Release) -> Path:
    """The home folder of the release, from the cache or, if it is not there whole, from Maven's repository.

    Raises SurroundingsError, one line: Maven missing, failing (with its error line), too slow, or a file damaged.
    """
    folder, home = cache.cache_folder(), cache.home_of(release)
    with cache.locked(folder, release):
        if cache.whole(home, release):
            return home
        mvn = tools.find("mvn", java_minimum=release.start.java_minimum)["mvn"]
        for left in folder.glob(f".fetching-{release.number}-*"):  # by a machine that stopped: we hold the lock
            shutil.rmtree(left, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=f".fetching-{release.number}-", dir=folder))
        try:
            print(f"fetching Apache Geode {release.number} with Maven into {home}", file=sys.stderr)
            _run_maven(mvn, release, work)
            cache.put(_assembled(release, work), home)
        except OSError as error:
            raise SurroundingsError(f"fetching Apache Geode {release.number}: {error}") from None
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return home


def project(release: Release) -> str:
    """The Maven project whose dependencies are the artifacts of the release's recipe."""
    recipe = release.recipe
    alone = "".join(_dependency(coordinate, transitive=False) for coordinate in (*recipe.unpack, *recipe.extensions))
    libraries = "".join(_dependency(coordinate, transitive=True) for coordinate in recipe.libraries)
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>kvgate</groupId><artifactId>geode</artifactId><version>{escape(release.number)}</version>"
        f"<packaging>pom</packaging><dependencies>{alone}{libraries}</dependencies></project>\n"
    )


def maven_command(mvn: str, release: Release, work: Path) -> list[str]:
    """Maven's command line: quiet, and failing when a checksum does not agree."""
    return [
        mvn,
        "--batch-mode",
        "--quiet",
        "--strict-checksums",
        "-Dstyle.color=never",
        f"--file={work / 'pom.xml'}",
        release.copy_goal,
        "-DincludeScope=runtime",
        f"-DoutputDirectory={work / 'artifacts'}",
    ]


def error_line(log: str) -> str:
    """The line of a Maven log that says what went wrong, without its trailer; the last line when none does."""
    lines = [line for line in _COLOUR.sub("", log).splitlines() if line.strip()]
    errors = [found["text"] for line in lines if (found := _ERROR.match(line))]
    text = errors[0] if errors else lines[-1] if lines else "it printed nothing"
    text = text.removesuffix("-> [Help 1]").strip()
    # What was wanted stands at the start of such a line, why it failed at its end.
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]} … {text[-_SHOWN:]}"


def _dependency(coordinate: Coordinate, *, transitive: bool) -> str:
    everything = "<exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>"
    return (
        f"<dependency><groupId>{escape(coordinate.group)}</groupId><artifactId>{escape(coordinate.artifact)}</artifactId>"
        f"<version>{escape(coordinate.version)}</version><type>{escape(coordinate.packaging)}</type>"
        f"{'' if transitive else f'<exclusions>{everything}</exclusions>'}</dependency>"
    )


def _run_maven(mvn: str, release: Release, work: Path) -> None:
    (work / "pom.xml").write_text(project(release), encoding="utf-8")
    log = work / "maven.log"
    with (
        log.open("wb") as output,
        Guarded(maven_command(mvn, release, work), cwd=work, output=output, remove=work) as maven,
    ):
        try:
            status = maven.wait(release.fetch_time_limit)
        except subprocess.TimeoutExpired:
            limit = release.fetch_time_limit
            raise SurroundingsError(f"Maven did not fetch Apache Geode {release.number} within {limit} s") from None
    if status != 0:
        said = error_line(log.read_text(encoding="utf-8", errors="replace"))
        raise SurroundingsError(f"Maven cannot fetch Apache Geode {release.number}: {said}")


def _assembled(release: Release, work: Path) -> Path:
    """The sealed home folder, made from the artifacts Maven has copied, each read to its end and found sound."""
    recipe, artifacts = release.recipe, work / "artifacts"
    home = _unpacked(artifacts, recipe.unpack, work) if recipe.unpack else work / "home"
    extensions = {coordinate.file_name for coordinate in recipe.extensions}
    for name in (*extensions, *(coordinate.file_name for coordinate in recipe.libraries)):
        if not (artifacts / name).is_file():
            raise SurroundingsError(f"Maven reported success, but did not copy {name}")
    for path in sorted(artifacts.iterdir()):
        _check_zip(path)
        folder = home / ("tools/Extensions" if path.name in extensions else "added")
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)
    cache.seal(home, release)
    return home


def _unpacked(artifacts: Path, archives: Iterable[Coordinate], work: Path) -> Path:
    """The one top folder of the archive, which is removed once unpacked."""
    folder = work / "unpacked"
    for coordinate in archives:
        archive = artifacts / coordinate.file_name
        try:
            if coordinate.packaging == "zip":
                _check_zip(archive)
                with zipfile.ZipFile(archive) as pack:
                    pack.extractall(folder)  # noqa: S202  zipfile keeps members inside the folder
            else:
                with tarfile.open(archive) as pack_of_tar:
                    # Python 3.11.0 to 3.11.3 have no filter; Maven has compared the archive's checksum by then.
                    pack_of_tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, _path: member)
                    pack_of_tar.extractall(folder)  # noqa: S202  filtered
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise _damaged(archive, str(error)) from None
        archive.unlink()
    tops = [path for path in folder.iterdir() if path.is_dir()]
    if len(tops) != 1:
        raise SurroundingsError(f"the archive of the release holds {len(tops)} top folders, expected 1")
    return tops[0]


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as pack:
            bad = pack.testzip()
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise _damaged(path, str(error)) from None
    if bad is not None:
        raise _damaged(path, f"member {bad}")


def _damaged(path: Path, why: str) -> SurroundingsError:
    return SurroundingsError(f"{path.name} is damaged ({why}): remove it from Maven's local repository and try again")
