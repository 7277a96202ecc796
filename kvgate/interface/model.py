"""An interface under test and its profiles, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kvgate.level import Level


@dataclass(frozen=True, slots=True)
class Option:
    """One command-line option of an interface, `--<interface>-<name>`, and the target key it stands for.

    `many` options take a comma-separated list.
    """

    name: str
    help: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """One request to a storage node. `{table}` and `{key}` of `target` are filled in percent-encoded.

    `body` says what goes with it: nothing (""), the bytes of the "key", or the "value".
    """

    method: str
    target: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """How one storage node is read and written, where the state is put on the nodes themselves.

    `hashed` says what the bucket of a key is taken from: the "key" as it stands in the URL, the "table", or the
    "bytes" that the key spells, up to the first NUL. Where keys stand in tables, `table` is the one of a key that is
    written without: such a key is `table|key`. `fillers` are values to count a version up with.
    """

    read: Act
    write: Act
    remove: Act
    hashed: str
    table: str
    fillers: tuple[str, ...]

    @property
    def has_values(self) -> bool:
        """Whether a key has a value; a member of a set has none."""
        return self.write.body == "value" or "{value}" in self.write.target


@dataclass(frozen=True, slots=True)
class Interface:
    """One specification under test (source: suites/<name>/interface.toml).

    `places` are the roles a holding can stand in (masters, regions). `request` is the template every case starts
    from. `control` names the cases that must answer one of `control_statuses` before anything is judged.
    `fact_headers` are the headers, lower case, that carry the interface's facts: what a repeated answer is compared by.
    `default` is false for a sibling: an interface judged only when asked for, and never together with the others.
    `reference` names the reference servers that answer it, `borrowed` the fixture files of other interfaces
    ("get2/offset") whose cases are its own as well.
    """

    name: str
    title: str
    page: str
    places: tuple[str, ...]
    method: str
    target: str
    fields: Mapping[str, str]
    control: tuple[str, ...]
    control_statuses: tuple[int, ...]
    seeding: tuple[str, ...]
    options: tuple[Option, ...]
    fact_headers: tuple[str, ...]
    reference: str
    body: str = ""
    default: bool = True
    borrowed: tuple[str, ...] = ()
    storage: Storage | None = None

    def full_key(self, key: str) -> str:
        """A key of a fixture with its table, where this interface has tables."""
        table = self.storage.table if self.storage is not None else ""
        return f"{table}|{key}" if table and "|" not in key else key


@dataclass(frozen=True, slots=True)
class Lowering:
    """A profile's word that a requirement is judged more mildly on some cases, with the ruling that allows it."""

    requirement: str
    case: str
    level: Level
    ruling: str


@dataclass(frozen=True, slots=True)
class Raising:
    """A profile's word that more is demanded: `level` stands for the requirement's own on the cases named.

    Without a requirement it stands for the cases' own level, with everything that is judged on them.
    """

    level: Level
    ruling: str
    requirement: str | None = None
    case: str = "*"


@dataclass(frozen=True, slots=True)
class Omission:
    """A profile's word that some cases are left out, with the ruling that says why."""

    case: str
    ruling: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a specification is read as (source: suites/<name>/profiles/<profile>.toml).

    `facts` is free data that checks consult (for example a release's exact error text). A file may name another
    profile as its `base`: it then has all of that one's rows, and its facts laid over that one's.
    """

    name: str
    interface: str
    title: str
    lowered: tuple[Lowering, ...] = ()
    raised: tuple[Raising, ...] = ()
    left_out: tuple[Omission, ...] = ()
    facts: Mapping[str, Any] | None = None
