"""What an interface is, as data: suites/<name>/interface.toml, its profiles and its requirement catalogue."""

from kvgate.interface.load import load_interface, load_profile
from kvgate.interface.model import Interface, Lowering, Omission, Option, Profile

__all__ = ["Interface", "Lowering", "Omission", "Option", "Profile", "load_interface", "load_profile"]
