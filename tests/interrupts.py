"""Has signals heard by what tests start, also where they themselves were put in the background of a script (nohup).

Such a shell has them ignored, and what is started inherits that: the gate would then rightly ignore them, too.
"""

from __future__ import annotations

import signal


def hear_them() -> None:
    """Stops ignoring signals in this process, if it does; for the main thread, before anything is started."""
    for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)
