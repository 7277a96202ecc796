"""Faults of the HustDB HA in `GET /get2`, by theme."""
