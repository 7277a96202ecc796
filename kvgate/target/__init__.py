"""Who is asked: URLs, credentials, limits and profiles, from options and target file."""

from kvgate.target.load import embedded_target, load_target
from kvgate.target.model import Part, Target
from kvgate.target.options import Options
from kvgate.target.show import redacted, tested_line

__all__ = ["Options", "Part", "Target", "embedded_target", "load_target", "redacted", "tested_line"]
