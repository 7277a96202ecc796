"""What came of one hostile server."""

from __future__ import annotations

from dataclasses import dataclass

MOST_MEMORY = 300.0  # MB


@dataclass(frozen=True, slots=True)
class HostileResult:
    """One run of the gate against one hostile server.

    `name` is behaviour/interface. `expected` and `exit` are exit statuses, `exit` None for a run that had to be killed.
    `shows` is what the terminal has to say, in the words of the behaviour; `causes` the lines of the terminal that say
    why. `seconds` is the whole process's time, `memory` its greatest resident size in MB (10**6 bytes). `whole` says
    that every report was there, valid and free of a server's markup and control codes. `wrong` has one line for each
    thing that is not as it should be; `by_time` says that all of them can come of a machine that was too busy.
    """

    name: str
    says: str
    expected: int
    exit: int | None
    shows: tuple[str, ...]
    causes: tuple[str, ...]
    seconds: float
    limit: float
    memory: float
    traceback: bool
    whole: bool
    wrong: tuple[str, ...]
    by_time: bool = False

    @property
    def good(self) -> bool:
        """Whether the gate came out of it as it should."""
        return not self.wrong

    @property
    def doubtful(self) -> bool:
        """Whether it may come out otherwise on a machine with nothing else to do."""
        return bool(self.wrong) and self.by_time
