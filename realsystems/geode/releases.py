"""The releases of Apache Geode as data: what to fetch and how to start it, from releases.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvgate.errors import InputError
from kvgate.schema import nearest
from kvgate.tomlfile import read_toml

RELEASES = Path(__file__).resolve().parent / "releases.toml"


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One artifact in Maven's terms."""

    group: str
    artifact: str
    packaging: str
    version: str

    @classmethod
    def read(cls, text: str, release: str) -> Coordinate:
        """From `group:artifact:packaging:version`, `{release}` standing for the release's number."""
        group, artifact, packaging, version = text.replace("{release}", release).split(":")
        return cls(group, artifact, packaging, version)

    @property
    def file_name(self) -> str:
        """The name under which Maven copies the artifact."""
        return f"{self.artifact}-{self.version}.{self.packaging}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes the home folder of one release: see the comment at `recipe` in releases.toml."""

    unpack: tuple[Coordinate, ...]
    libraries: tuple[Coordinate, ...]
    extensions: tuple[Coordinate, ...]
    class_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """A region of the server; `shortcut` is Geode's name for the way its data is kept."""

    name: str
    shortcut: str


@dataclass(frozen=True, slots=True)
class Start:
    """How a release is started; times in seconds, properties as Geode's property files hold them."""

    java_minimum: int
    time_limit: int
    main: str
    arguments: tuple[str, ...]
    jvm: tuple[str, ...]
    opens: tuple[str, ...]
    exports: tuple[str, ...]
    properties: Mapping[str, str]
    auth_user: str
    auth_properties: Mapping[str, str]
    tls_properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """One release, whole: all that fetching and starting it takes."""

    number: str
    recipe: Recipe
    start: Start
    regions: tuple[Region, ...]
    copy_goal: str
    fetch_time_limit: int


@dataclass(frozen=True, slots=True)
class Job:
    """One release to be judged, in these profiles one after the other; `own` is the profile geode-<release>.

    `cases` are globs of the cases that are asked, all where there is none.
    """

    release: str
    profiles: tuple[str, ...] = ("doc",)
    auth: bool = False
    tls: bool = False
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Releases:
    """All releases there is a recipe for, in the order of the file, and which of them are taken when none is named.

    `default` is one release, `matrix` some that stand for all, `ci` what is judged on every change.
    """

    default: str
    matrix: tuple[str, ...]
    ci: tuple[Job, ...]
    by_number: Mapping[str, Release]

    def named(self, number: str) -> Release:
        """The release of that number; InputError names the nearest known one."""
        if number not in self.by_number:
            raise InputError(f"no recipe for Apache Geode {number!r}{nearest(number, tuple(self.by_number))}")
        return self.by_number[number]


def load_releases(path: Path = RELEASES) -> Releases:
    """Reads releases.toml; InputError names file, line and key of what is wrong."""
    data = read_toml(path, "kvgate/releases.schema.json", what="list of releases")
    for number, table in data["release"].items():
        if table["recipe"] not in data["recipe"]:
            known = nearest(table["recipe"], tuple(data["recipe"]))
            raise InputError(f"{path}: release.{number}.recipe: no recipe '{table['recipe']}'{known}")
    releases = {number: _release(data, number) for number in data["release"]}
    named = {"default": [data["default"]], "matrix": data["matrix"], "ci": [row["release"] for row in data["ci"]]}
    for key, numbers in named.items():
        for number in numbers:
            if number not in releases:
                raise InputError(f"{path}: {key}: there is no release '{number}'{nearest(number, [*releases])}")
    jobs = (
        Job(
            row["release"],
            (row["profile"],),
            row.get("auth", False),
            row.get("tls", False),
            tuple(row.get("cases", ())),
        )
        for row in data["ci"]
    )
    return Releases(data["default"], tuple(data["matrix"]), tuple(jobs), releases)


def _release(data: Mapping[str, Any], number: str) -> Release:
    own = data["release"][number]
    recipe, start = data["recipe"][own["recipe"]], data["start"]

    def coordinates(key: str) -> tuple[Coordinate, ...]:
        return tuple(Coordinate.read(text, number) for text in recipe.get(key, ()))

    return Release(
        number=number,
        recipe=Recipe(
            coordinates("unpack"), coordinates("libraries"), coordinates("extensions"), tuple(recipe["class-path"])
        ),
        start=Start(
            java_minimum=own.get("java-minimum", start["java-minimum"]),
            time_limit=start["time-limit-seconds"],
            main=start["main"],
            arguments=tuple(start["arguments"]),
            jvm=(*start["jvm"], *own.get("jvm", ())),
            opens=tuple(start["opens"]),
            exports=tuple(start["exports"]),
            properties=start["properties"] | own.get("properties", {}),
            auth_user=start["auth"]["user"],
            auth_properties=start["auth"]["properties"],
            tls_properties=start["tls"]["properties"],
        ),
        regions=tuple(Region(region["name"], region["shortcut"]) for region in data["region"]),
        copy_goal=data["maven"]["copy-dependencies"],
        fetch_time_limit=data["maven"]["time-limit-seconds"],
    )
