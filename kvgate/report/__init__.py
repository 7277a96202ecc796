"""From a finished run to what people and machines read: report.json, junit.xml, report.html, summary.md, the terminal.

This room knows formats and nothing of HTTP, specifications or pytest: a `Run` (model.py) comes in, text goes out.

- `model.py` is what a run hands over; `codec.py` carries it losslessly from one process to another.
- `counts.py` holds every number and every grouping, so that no two formats can disagree; `words.py` their words.
- `plain.py` makes text safe to show anywhere, `excerpt.py` shortens bytes, `scrub.py` takes secrets out,
  in whatever spelling (`spelt.py`).
- One module a format: `jsonreport.py`, `junit.py`, `summary.py`, `terminal.py`, and `html.py` with `views.py`
  (what the page shows), `raw.py` (bytes as markup) and templates/.
- `write.py` puts the files in place, whole or not at all.
"""

from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.scrub import scrubbed
from kvgate.report.terminal import terminal_lines
from kvgate.report.write import check_folder, prepare_folder, write_reports

__all__ = [
    "CaseRecord",
    "CheckRecord",
    "Run",
    "check_folder",
    "prepare_folder",
    "scrubbed",
    "terminal_lines",
    "write_reports",
]
