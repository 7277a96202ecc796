"""Deliberately broken servers, by interface: each differs from the reference in one thing that the gate must catch.

A module of `faults/<interface>/` lists its own in `FAULTS`.
"""
