"""A search beyond the cases of fixtures/: cases are generated, judged by the suite's own checks, shrunk when one fails.

This room knows neither get2 nor Geode. `suites/<interface>/exploring.py` says what a case of an interface may look
like: its function `case(draws, facts)` makes one row of a fixture file out of drawn numbers.

- `draws.py` is what such a function draws from; `hook.py` finds it.
- `search.py` drives Hypothesis, and is imported by a run that explores only.
- `row.py` names a generated row, makes a case of it, and writes it as it can be pasted into fixtures/.
- `explorer.py` asks, judges, shrinks and says what came of it (`model.py`).
"""
