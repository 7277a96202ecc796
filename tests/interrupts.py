"""Has Ctrl-C heard by what tests start, also where they themselves were put in the background of a script.

Such a shell has interrupts ignored, and what is started inherits that: the gate would then rightly ignore them, too.
"""

from __future__ import annotations

import signal


def hear_them() -> None:
    """Stops ignoring interrupts in this process, if it does; for the main thread, before anything is started."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
