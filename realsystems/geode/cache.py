"""The folder where fetched releases are kept: each whole or not at all, one process at a time making one.

`<cache>/geode/<release>/` is the server's home folder; beside its files stands a manifest with size and SHA-256 of
each, written last. What does not agree with its manifest, or was made by another recipe, is not there.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from kvgate.errors import SurroundingsError
from realsystems.geode.releases import Release

MANIFEST = "manifest.json"
_LOCK_LIMIT = 1800.0
_ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """`$KVGATE_CACHE/geode`, or `.cache/geode` beside this repository's files."""
    return Path(os.environ.get("KVGATE_CACHE") or _ROOT / ".cache").absolute() / "geode"


def home_of(release: Release) -> Path:
    """Where the release stands once it is fetched."""
    return cache_folder() / release.number


def likely(release: Release) -> bool:
    """Whether the release seems to be in the cache, without reading it: enough to say which programs are needed."""
    return (home_of(release) / MANIFEST).is_file()


def whole(home: Path, release: Release) -> bool:
    """Whether `home` holds the release, every file as its manifest says, made by the recipe of today."""
    try:
        manifest = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest["recipe"] == recipe_digest(release) and manifest["files"] == _listing(home))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def seal(home: Path, release: Release) -> None:
    """Writes the manifest of a home folder that is complete."""
    manifest = {"release": release.number, "recipe": recipe_digest(release), "files": _listing(home)}
    (home / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def put(home: Path, target: Path) -> None:
    """Moves a sealed home folder to its place; what stood there, not whole, goes."""
    if target.exists():
        shutil.rmtree(target)
    home.rename(target)


def recipe_digest(release: Release) -> str:
    """What a home folder depends on: another recipe is another folder."""
    text = json.dumps([release.number, asdict(release.recipe), release.copy_goal], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def locked(folder: Path, release: Release) -> Iterator[None]:
    """Holds the release's lock file, so that of two processes one fetches and the other finds it done.

    The lock belongs to the process: a killed one leaves none. SurroundingsError after half an hour of waiting.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{release.number}.lock").open("w")
    except OSError as error:
        raise SurroundingsError(f"cannot write the cache folder {folder}: {error.strerror}") from None
    with lock:
        limit, told = time.monotonic() + _LOCK_LIMIT, False
        while not _try_lock(lock.fileno()):
            if not told:
                print(f"another process is fetching Apache Geode {release.number}: waiting", file=sys.stderr)
                told = True
            if time.monotonic() > limit:
                raise SurroundingsError(f"another process has held {lock.name} for {_LOCK_LIMIT / 60:.0f} minutes")
            time.sleep(0.5)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _listing(home: Path) -> dict[str, list[object]]:
    """Size and SHA-256 of every file but the manifest, by path relative to the home folder."""
    listing: dict[str, list[object]] = {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        name = path.relative_to(home).as_posix()
        if name != MANIFEST:
            with path.open("rb") as file:
                listing[name] = [path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()]
    return listing
