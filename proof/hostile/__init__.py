"""Hostile servers: what a broken or malicious staging does to the gate, and how the gate has to come out of it.

`behaviours/*.toml` says what each one does and what is expected of the gate; `deeds` are the bytes that they put on the
wire, `servers` the reference's servers that do so, `judging` looks at what came of it. `python -m proof.hostile
[--only NAME]` runs them, `run_all()` gives the results.
"""

from __future__ import annotations

from proof.hostile.behaviour import Behaviour, load_behaviours
from proof.hostile.result import HostileResult
from proof.hostile.running import run, run_all

__all__ = ["Behaviour", "HostileResult", "load_behaviours", "run", "run_all"]
