"""What an interface is, as data: suites/<name>/interface.toml, its profiles and its requirement catalogue."""

from kvgate.interface.load import default_names, load_interface, load_profile
from kvgate.interface.model import Act, Interface, Lowering, Omission, Option, Profile, Raising, Storage

__all__ = [
    "Act",
    "Interface",
    "Lowering",
    "Omission",
    "Option",
    "Profile",
    "Raising",
    "Storage",
    "default_names",
    "load_interface",
    "load_profile",
]
