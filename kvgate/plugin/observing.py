"""Observing in a gate run: in a thread of its own, so that a signal is heard; for workers, left as a file.

The controlling process reads and asks; workers of pytest-xdist judge what it found, and send nothing.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Mapping
from pathlib import Path

from kvgate.case import Mark
from kvgate.errors import InputError
from kvgate.observe.gathering import Observer
from kvgate.observe.result import Observation
from kvgate.run.plan import Plan
from kvgate.run.slots import Slots
from kvgate.run.stop import Stop
from kvgate.target.model import Target

_FILE = "observations"


class Observing:
    """The observers of a run, one after the other. Raises InputError for an interface that cannot be observed."""

    def __init__(self, target: Target, plans: Mapping[str, Plan], mark: Mark, slots: Slots, stop: Stop) -> None:
        asked = target.observe
        if asked is None:
            raise InputError("nothing is to be observed")
        self._observers = {
            part.interface: Observer(part, plans[part.interface], target, asked, mark, slots=slots, stop=stop)
            for part in target.parts
            if any(map(plans[part.interface].selects, plans[part.interface].requirements))
        }
        self._found: dict[str, Observation] = {}
        self._bug: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="kvgate-observe", daemon=True)

    def start(self) -> None:
        """Begins to observe."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether all is observed, or gets so within `seconds`."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def stage(self) -> tuple[str, str]:
        """The interface that is observed now, and what that is busy with."""
        interface = next((name for name in self._observers if name not in self._found), "")
        return interface, self._observers[interface].stage if interface else "done"

    def found(self) -> dict[str, Observation]:
        """What was observed, by interface. Raises what ended it, which is a bug."""
        if self._bug is not None:
            raise self._bug
        return dict(self._found)

    def end(self, seconds: float) -> bool:
        """Waits for the end, where it has begun; whether it came. Stop the run first to hurry it."""
        return not self._thread.is_alive() or self.wait(seconds)

    def _run(self) -> None:
        try:
            for interface, observer in self._observers.items():
                self._found[interface] = observer.gather()
        except Exception as error:  # a bug here must end as an internal error, never as a hang
            self._bug = error


def save_observations(folder: str, observations: Mapping[str, Observation]) -> None:
    """Leaves the observations where the workers of this run find them."""
    (Path(folder) / _FILE).write_bytes(pickle.dumps(dict(observations)))


def load_observations(folder: str) -> dict[str, Observation]:
    """What the controlling process of this run has left, in a folder of its own that nobody else can write to."""
    found: dict[str, Observation] = pickle.loads((Path(folder) / _FILE).read_bytes())  # noqa: S301  # our own process's
    return found
