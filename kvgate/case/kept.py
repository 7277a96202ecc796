"""Keeps what a fixture was read as where Python keeps what it compiles: reading and checking it costs a run seconds."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import marshal
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kvgate
from kvgate.places import FIXTURES, SCHEMAS, SUITES
from kvgate.tomlfile import read_toml

_DIGEST = 32  # bytes
_PACKAGE = Path(kvgate.__file__).parent
_CODE = (
    "schema.py", "tomlfile.py", "strictjson.py", "wire/request.py",
    "case/complaints.py", "case/load.py", "case/value.py",
)  # fmt: skip


def read_fixture(
    path: Path, schema_name: str, complain: Callable[[dict[str, Any]], None] = lambda _: None
) -> dict[str, Any]:
    """What `read_toml` gives for a fixture, at once where neither it nor what it is checked by has changed since.

    Only a fixture that was found valid is kept, and only one of `fixtures/`. Raises InputError as `read_toml` and
    `complain` do, which says what is wrong with a fixture beyond its schema.
    """
    place = _place_of(path)
    content = _content_of(path)
    made_of = hashlib.sha256(b"\0".join((_checked_by(), schema_name.encode(), content or b""))).digest()
    kept = _kept(place, made_of) if place is not None and content is not None else None
    if kept is not None:
        return kept
    data = read_toml(path, schema_name, what="fixture")
    complain(data)
    if place is None or content is None:
        return data
    # Somebody may have saved it in the meantime.
    if _content_of(path) == content:
        _keep(place, made_of, data)
    return data


def _place_of(path: Path) -> Path | None:
    """Where it is kept; nothing for what is no fixture of ours, and where Python keeps nothing either."""
    if not path.is_relative_to(FIXTURES):
        return None
    try:
        return Path(importlib.util.cache_from_source(str(path))).with_suffix(".fixture")
    except NotImplementedError:
        return None


def _content_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


@functools.cache
def _checked_by() -> bytes:
    """A digest of all that has a say in whether a fixture is valid: schemas, what suites say, our code, the library."""
    files = [*sorted(SCHEMAS.rglob("*.json")), *sorted(SUITES.glob("*/*.toml")), *map(_PACKAGE.joinpath, _CODE)]
    digests = [hashlib.sha256(b"\0".join((str(file).encode(), file.read_bytes()))).digest() for file in files]
    return hashlib.sha256(b"".join((importlib.metadata.version("jsonschema").encode(), *digests))).digest()


def _kept(place: Path, made_of: bytes) -> dict[str, Any] | None:
    """What is kept, where it is whole and made of the same; else nothing."""
    found = _content_of(place)
    if found is None or found[:_DIGEST] != made_of:
        return None
    data = found[2 * _DIGEST :]
    if found[_DIGEST : 2 * _DIGEST] != hashlib.sha256(data).digest():
        return None
    kept: dict[str, Any] = marshal.loads(data)  # noqa: S302  # whoever can write it can write Python's own beside it
    return kept


def _keep(place: Path, made_of: bytes, data: dict[str, Any]) -> None:
    """Keeps it, where it can be: a place that is not to be written costs time and nothing else."""
    if sys.dont_write_bytecode:
        return
    try:
        written = marshal.dumps(data)
    except ValueError:  # a date
        return
    unfinished = place.with_name(f"{place.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(made_of + hashlib.sha256(written).digest() + written)
            # Another run may read at this moment.
            unfinished.replace(place)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
