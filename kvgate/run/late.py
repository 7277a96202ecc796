"""Some cases are asked and read once more at the end of a run: what a server does in the background takes its time.

A repair that a read sets off, a key that comes into being some seconds after it was asked for: by the time a case is
read back it may not have happened yet. Nothing is waited for; the time is what the run takes anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kvgate.case import Case
from kvgate.run.asking import Asker
from kvgate.run.health import Health
from kvgate.run.progress import Progress
from kvgate.run.witnesses import Witnesses
from kvgate.verdict.evidence import Situation
from kvgate.verdict.model import LATE
from kvgate.wire.exchange import Exchange

MOST = 32  # cases of one process, spread over all that it has

_Read = Callable[[Case], tuple[Situation | None, str | None]]
_Kept = Callable[[Case], bool]
_AskControls = Callable[[], Sequence[tuple[Case, Exchange]] | None]


class Late:
    """Looks once more, for one interface's run.

    `read` reads what places hold, or says why not. `controls` asks the controls: what came of those that were answered
    well only when asked once more; None where they are not. That says nothing about a server that has answered
    before: it ends the looking. `kept` tells whether a witness that cannot be read is still there: where it is not, an
    answer that is another by now says nothing about the interface, and ends it too.
    """

    def __init__(
        self,
        asker: Asker,
        read: _Read,
        witnesses: Witnesses,
        health: Health,
        controls: _AskControls,
        kept: _Kept,
    ) -> None:
        self._asker, self._read_places = asker, read
        self._witnesses, self._health, self._controls, self._kept = witnesses, health, controls, kept
        self._chosen: frozenset[str] = frozenset()
        self._wrong: dict[str, Exchange] = {}
        self._begun = False

    def choose(self, names: Sequence[str]) -> None:
        """Takes some of these cases, evenly."""
        self._chosen |= frozenset(names[:: -(-len(names) // MOST) or 1])

    def look(self, name: str, progress: Progress) -> None:
        """Adds to the evidence of a case what is to be seen of it now: once, where it is one of the chosen."""
        if name not in self._chosen and not progress.as_control:
            return
        self._begin()
        evidence = progress.evidence
        if progress.as_control:
            wrong = self._wrong.pop(evidence.case.asks[0].target, None)
            if wrong is not None:
                progress.note(exchanges=(*evidence.exchanges, replace(wrong, label=LATE)))
        elif name in self._chosen and not (evidence.trouble or evidence.left_out or evidence.unasked):
            self._read(progress)
            self._ask(progress)
        self._chosen -= {name}

    def _begin(self) -> None:
        """Asks the controls, once: after the silence in which the places were read, theirs are the first questions."""
        if self._begun:
            return
        self._begun = True
        wrong = self._controls()
        if wrong is None:
            self._chosen = frozenset()
        else:
            self._wrong = {control.asks[0].target: exchange for control, exchange in wrong}

    def _read(self, progress: Progress) -> None:
        before, after, case = progress.evidence.before, progress.evidence.after, progress.evidence.case
        if before is None or after is None or before.held != after.held:
            return
        now, reason = self._read_places(case)
        if reason is not None:
            self._chosen = frozenset()
        elif now is not None and now.held != before.held:
            self._witnesses.look()
            progress.note(after=now, trouble=self._witnesses.forgotten(before, now))

    def _ask(self, progress: Progress) -> None:
        evidence = progress.evidence
        exchange = self._asker.late(evidence.case, self._health, evidence.exchanges)
        if exchange is None or (_is_another(evidence.exchanges[-1], exchange) and self._is_forgotten()):
            self._chosen = frozenset()
        else:
            progress.note(exchanges=(*evidence.exchanges, exchange))

    def _is_forgotten(self) -> bool:
        """Whether what nobody has asked for is gone as well, and is so when asked for once more."""
        unread = self._witnesses.unread
        return unread is not None and not self._kept(unread) and not self._kept(unread)


def _is_another(before: Exchange, now: Exchange) -> bool:
    """Whether an answer has another status or body than the one before."""
    if before.response is None or now.response is None:
        return False
    said = [(each.status, each.body) for each in (before.response, now.response)]
    return said[0] != said[1]
