"""Writes down, before it happens, everything a run puts on a server, so that all of it can be taken away again.

One file for each process, in one folder: a line that names the run's mark, then one line for each key. A line holds all
that removing the key needs, and no secret.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.schema import problems
from kvgate.seeding.model import Written
from kvgate.wire.exchange import Request

SUFFIX = ".journal"
SCHEMA = "kvgate/journal.schema.json"
FORMAT = 1


class Journal:
    """The journal of one process; thread-safe. The file appears with the first note.

    `folder` is made when it is not there. Notes of several threads share one fsync where they come together.
    """

    def __init__(self, folder: Path, mark: Mark) -> None:
        self.path = folder / f"{mark.text}-{os.getpid()}-{secrets.token_hex(3)}{SUFFIX}"
        self._mark = mark
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._file: int | None = None
        self._noted = 0
        self._safe = 0

    def note(self, written: Iterable[Written]) -> None:
        """Writes down keys about to be written; on the disk when this returns.

        Raises InputError when the file cannot be written: then nothing may be written on a server either.
        """
        lines = "".join(_line(_as_json(item)) for item in written)
        if not lines:
            return
        try:
            with self._writing:
                _write_all(self._open(), lines.encode("ascii"))
                self._noted += 1
                mine = self._noted
            with self._syncing:
                if self._safe < mine:
                    noted = self._noted
                    os.fsync(self._open())
                    self._safe = noted
        except OSError as error:
            raise InputError(f"{self.path}: cannot write the journal: {error.strerror or error}") from None

    def close(self) -> None:
        """Closes the file; a later note opens it again. Idempotent."""
        with self._syncing, self._writing:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _open(self) -> int:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            if os.fstat(self._file).st_size == 0:
                _write_all(self._file, _line({"journal": FORMAT, "mark": self._mark.text}).encode("ascii"))
            _sync_folder(self.path.parent)
        return self._file


@dataclass(frozen=True, slots=True)
class JournalFile:
    """A journal as read. `unreadable` has one line for each line of the file that is none of ours.

    A last line that was torn by a crash is no loss: its write had not gone out yet.
    """

    path: Path
    mark: Mark | None
    written: tuple[Written, ...]
    unreadable: tuple[str, ...] = ()


def read_journals(folder: Path) -> tuple[JournalFile, ...]:
    """Every journal in a folder, in the order of names; none when there is no such folder."""
    return tuple(read_journal(path) for path in sorted(folder.glob(f"*{SUFFIX}")))


def read_journal(path: Path) -> JournalFile:
    """One journal. Raises InputError when the file cannot be read at all."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"{path}: cannot read this journal: {error.strerror or error}") from None
    lines = text.split("\n")
    # Whatever follows the last line end was never completed, so its write never went out.
    whole = lines[:-1]
    mark: Mark | None = None
    written: list[Written] = []
    unreadable: list[str] = []
    for number, line in enumerate(whole, start=1):
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            unreadable.append(f"{path}:{number}: not a line of JSON")
            continue
        wrong = problems(SCHEMA, data, once=True)
        if wrong:
            unreadable.append(f"{path}:{number}: {wrong[0].message}")
        elif "journal" in data:
            mark = Mark(data["mark"])
        else:
            written.append(_from_json(data))
    return JournalFile(path, mark, tuple(written), tuple(unreadable))


def shorten(file: JournalFile, left: Iterable[Written]) -> None:
    """Leaves only these keys in a journal, at once or not at all; one that has lines of others stays as it is."""
    if file.mark is None or file.unreadable:
        return
    lines = [_line({"journal": FORMAT, "mark": file.mark.text}), *(_line(_as_json(item)) for item in left)]
    part = file.path.with_suffix(".part")
    # Where there is no room for another file, the longer journal will do.
    with contextlib.suppress(OSError):
        part.write_text("".join(lines), encoding="ascii")
        part.chmod(0o600)
        part.replace(file.path)
    part.unlink(missing_ok=True)


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")) + "\n"


def _as_json(written: Written) -> dict[str, Any]:
    return {
        "interface": written.interface,
        "place": written.place,
        "key": written.key,
        "origin": written.origin,
        "remove": _head(written.remove),
        "look": _head(written.look),
        "credentials": written.credentials,
        "odd": written.odd,
        **({} if written.look_among is None else {"look_among": _head(written.look_among)}),
    }


def _head(request: Request) -> str:
    """A request as text: method and target, a line for each header, and behind an empty line the body, if any."""
    lines = [f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in request.headers)]
    return "\n".join([*lines, "", request.body.decode("latin-1")] if request.body else lines)


def _from_json(data: dict[str, Any]) -> Written:
    return Written(
        interface=data["interface"],
        place=data["place"],
        key=data["key"],
        origin=data["origin"],
        remove=_request(data["remove"]),
        credentials=data["credentials"],
        look=_request(data["look"]),
        odd=data["odd"],
        look_among=_request(data["look_among"]) if "look_among" in data else None,
    )


def _request(head: str) -> Request:
    head, _, body = head.partition("\n\n")
    first, *lines = head.split("\n")
    method, _, target = first.partition(" ")
    return Request(method, target, _headers(tuple(lines)), body.encode("latin-1"))


@functools.lru_cache(maxsize=16)  # thousands of requests have the same
def _headers(lines: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(": ") for line in lines)
    return tuple((name, value) for name, _, value in pairs)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _sync_folder(folder: Path) -> None:
    """Makes a new file's name survive a crash too; not every system lets a folder be opened for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
