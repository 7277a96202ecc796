"""Where the suites, schemas and fixtures stand: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
PACKED = (_PACKAGE / "suites").is_dir()
ROOT = _PACKAGE if PACKED else _PACKAGE.parent
SUITES = ROOT / "suites"
SCHEMAS = ROOT / "schemas"
FIXTURES = ROOT / "fixtures"
SUITES_PACKAGE = "kvgate.suites" if PACKED else "suites"


def interface_names() -> tuple[str, ...]:
    """The interfaces there is a suite for, in alphabetical order: the folders of suites/ with an interface.toml."""
    return tuple(sorted(path.parent.name for path in SUITES.glob("*/interface.toml")))
