"""Known deviations that somebody answers for until a date, and what breaks when they no longer fit."""

from kvgate.waiver.apply import apply_waivers
from kvgate.waiver.load import load_waivers
from kvgate.waiver.model import Applied, ProblemKind, Waiver, WaiverProblem
from kvgate.waiver.propose import propose

__all__ = ["Applied", "ProblemKind", "Waiver", "WaiverProblem", "apply_waivers", "load_waivers", "propose"]
