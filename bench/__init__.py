"""Benchmarks of kvgate; `python -m bench` prints what a run costs."""
