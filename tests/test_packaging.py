"""What is packed: the source distribution holds all that its own README and tox.ini name."""

from __future__ import annotations

import re
import tomllib

import pytest

from kvgate.places import ROOT

PACKED = tuple(
    tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"][
        "include"
    ]
)


def _named() -> set[str]:
    readme, tox = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "tox.ini"))
    linked = {link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)]+)\)", readme)}
    run = {module for module in re.findall(r"python -m ([a-z]+)", tox + readme) if module not in ("venv", "pip")}
    return linked | run


@pytest.mark.parametrize("name", sorted({*_named(), "tests", "suites", "conftest.py", "tox.ini"}))
def test_what_readme_and_tox_name_is_in_the_source_distribution(name: str) -> None:
    assert (ROOT / name).exists()
    assert any(f"/{name}" == packed or f"/{name}".startswith(f"{packed}/") for packed in PACKED)


def test_every_module_that_the_tests_import_is_packed() -> None:
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    imported = {
        name
        for path in (ROOT / "tests").glob("*.py")
        for name in re.findall(r"^\s*(?:from|import) ([a-z_]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {"proof", "realsystems"} <= imported & ours
    assert {f"/{name}" for name in imported & ours} <= set(PACKED)
