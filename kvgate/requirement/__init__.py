"""The requirement catalogues: what a page demands, how strongly, and where it says so."""

from kvgate.requirement.catalogue import (
    Requirement,
    Ruling,
    load_profile_requirements,
    load_profile_rulings,
    load_requirements,
    load_rulings,
)

__all__ = [
    "Requirement",
    "Ruling",
    "load_profile_requirements",
    "load_profile_rulings",
    "load_requirements",
    "load_rulings",
]
