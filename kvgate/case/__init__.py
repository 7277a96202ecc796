"""The situations of fixtures/: what is stored where, what is asked, and the facts expected of the answer."""

from kvgate.case.load import load_cases
from kvgate.case.mark import Mark, OwnWord
from kvgate.case.model import Ask, Case, Holding, states_of
from kvgate.case.place import place

__all__ = ["Ask", "Case", "Holding", "Mark", "OwnWord", "load_cases", "place", "states_of"]
