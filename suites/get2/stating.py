"""What the page demands of a state that nobody wrote down beforehand: for cases that are explored or observed.

The cases of fixtures/ never come this way: what they expect is written out, and the tests hold it against this.
"""

from __future__ import annotations

from typing import Any

from kvgate.verdict import Held


def expected(master1: Held, master2: Held) -> dict[str, Any]:
    """The `expect` of a case whose masters hold this under its key (L21-89, E4). Versions have to be known."""
    lacking = [name for name, held in (("master1", master1), ("master2", master2)) if held.value is None]
    if master1.value is None or master2.value is None:
        return {"missing": lacking[0] if len(lacking) == 1 else "both"}
    if master1.version is None or master2.version is None:
        raise ValueError("a version is not known")
    versions = "same" if master1.version == master2.version else "pair"
    if master1.value == master2.value:
        return {"status": 200, "versions": versions}
    return {"status": 409, "versions": versions, "offset": len(master1.value)}
