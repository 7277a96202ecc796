"""Conforming servers that differ from the reference in what a specification leaves open, by interface.

A module of `freedoms/<interface>/` lists its own in `FREEDOMS`; the gate flags none of them.
"""
