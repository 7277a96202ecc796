"""Judging data that is there already: reads what the places hold, asks, reads again, and writes nothing.

The clients of this room refuse everything but the reads it needs (`permits`), so that not writing does not hang on
nobody calling the wrong method. What a suite knows of observed states stands in suites/<interface>/observing.py.
"""
