"""Signs at the beginning or the end of a key, or round it, that are taken off. PUT and DELETE read them well."""

from __future__ import annotations

from kvgate.reference.geode_deviations import GeodeDeviations

FAULTS = GeodeDeviations()
_WHOLE = "geode.key.whole"


def _between(key: str, first: str, last: str) -> str:
    return key[1:-1] if len(key) > 1 and key.startswith(first) and key.endswith(last) else key


@FAULTS.key_fault("sign-quotes-round-taken-off", _WHOLE, "a key between quotation marks")
def quotes_round(key: str) -> str:
    """Reads the list as CSV does: a field between quotation marks is what stands between them."""
    return _between(key, '"', '"')


@FAULTS.key_fault("sign-brackets-round-taken-off", _WHOLE, "a key between brackets")
def brackets_round(key: str) -> str:
    """Takes a key between brackets for a list of one."""
    return _between(key, "[", "]")


@FAULTS.key_fault("sign-underscores-first-taken-off", _WHOLE, "a key that begins with an underscore")
def underscores_first(key: str) -> str:
    """Takes the underscores off with which private names begin."""
    return key.lstrip("_")


@FAULTS.key_fault("sign-number-sign-first-taken-off", _WHOLE, "a key that begins with a number sign")
def number_sign_first(key: str) -> str:
    """Takes a key that begins with a number sign for a comment, and looks up the text after it."""
    return key.removeprefix("#")


@FAULTS.key_fault("sign-dollar-sign-first-expanded", _WHOLE, "a key that begins with a dollar sign")
def dollar_sign_first(key: str) -> str:
    """Takes a key that begins with a dollar sign for the name of a variable, and is left with nothing."""
    return "" if key.startswith("$") else key


@FAULTS.key_fault("sign-last-taken-off", _WHOLE, "a key that ends with a sign of punctuation")
def punctuation_last(key: str) -> str:
    """Trims the punctuation off with which a link in a text ends."""
    return key.rstrip("!?:")
