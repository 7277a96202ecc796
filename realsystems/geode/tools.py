"""The programs that must be on the machine: java (with keytool) and mvn. Nothing here is installed for anyone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from kvgate.errors import SurroundingsError

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def find(*names: str, java_minimum: int) -> dict[str, str]:
    """The path of each program of `names`; java and keytool from $JAVA_HOME/bin before PATH.

    Raises SurroundingsError, one line that names all that is missing or too old.
    """
    found = {name: _path(name) for name in names}
    maven = ", and Maven to fetch it" if "mvn" in names else ""
    needs = f"a real Apache Geode needs Java {java_minimum} or later{maven}"
    missing = [name for name, path in found.items() if path is None]
    if missing:
        packages = {"Maven" if name == "mvn" else f"a JDK ({java_minimum} or later)": None for name in missing}
        what = " and ".join(packages)
        raise SurroundingsError(f"{needs}; not found: {', '.join(missing)}. Install {what}, or put it on PATH")
    paths = {name: path for name, path in found.items() if path is not None}
    if "java" in paths:
        version = java_version(paths["java"])
        if version < java_minimum:
            raise SurroundingsError(f"{needs}; {paths['java']} is Java {version}. Set JAVA_HOME to a newer one")
    return paths


def java_version(java: str) -> int:
    """The feature release of a java program (8, 11, 17, ...); SurroundingsError when it does not say."""
    try:
        asked = subprocess.run(  # noqa: S603  the program is the operator's own java
            [java, "-version"], capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SurroundingsError(f"cannot run {java}: {error}") from None
    said = _VERSION.search(asked.stderr + asked.stdout)
    if said is None:
        raise SurroundingsError(f"{java} -version does not tell its version (exit status {asked.returncode})")
    return int(said.group(1))


def _path(name: str) -> str | None:
    home = os.environ.get("JAVA_HOME")
    if home and name != "mvn":
        own = Path(home) / "bin" / name
        if os.access(own, os.X_OK):
            return str(own)
    return shutil.which(name)
