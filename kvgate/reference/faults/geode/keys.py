"""Keys that are taken for others: cut, folded, or not decoded as they should be. PUT and DELETE read them well."""

from __future__ import annotations

import re
from urllib.parse import unquote

from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.geode_store import Region
from kvgate.reference.http import Answer, Request

FAULTS = GeodeDeviations()

_WHOLE = "geode.key.whole"
_DECODED = "geode.key.decoded"


# Whole


@FAULTS.key_fault("key-leading-zeros-lost", _WHOLE, "the key 01")
def leading_zeros_lost(key: str) -> str:
    """Reads a key of digits as a number: 01 is 1."""
    return key.lstrip("0") or "0" if key.isascii() and key.isdigit() else key


@FAULTS.key_fault("key-zeros-before-digits-lost", _WHOLE, "a key that ends in 01, beside one that ends in 1")
def zeros_before_digits_lost(key: str) -> str:
    """Drops zeros that stand before a digit and after none: a-01 is a-1."""
    return re.sub(r"(?<![0-9.])0+(?=[0-9])", "", key)


@FAULTS.fault("key-any-case", _WHOLE, "two keys that differ in case only")
class _AnyCase(Geode):
    """Compares keys without regard to case: the first one stored wins."""

    def look_up(self, region: Region, key: str) -> str | None:
        return next((value for held, value in region.items() if held.casefold() == key.casefold()), None)


@FAULTS.fault("key-any-case-if-missing", _WHOLE, "a missing key that differs from a stored one in case only")
class _AnyCaseIfMissing(Geode):
    """Looks for a key in another case when it is not there as asked."""

    def look_up(self, region: Region, key: str) -> str | None:
        exact = super().look_up(region, key)
        if exact is not None:
            return exact
        return next((value for held, value in region.items() if held.casefold() == key.casefold()), None)


@FAULTS.key_fault("key-upper-case-folded", _WHOLE, "a key with a capital letter")
def upper_case_folded(key: str) -> str:
    """Looks keys up in small letters, though they are stored as given."""
    return key.lower()


@FAULTS.key_fault("key-cut-at-dot", _WHOLE, "a key with a dot, anywhere in the list")
def cut_at_dot(key: str) -> str:
    """Cuts a key at its last dot, taking what follows for a file name's extension."""
    return re.sub(r"\.[^.]*$", "", key)


@FAULTS.fault("key-cut-at-dot-if-last", _WHOLE, "a key with a dot, last in the list")
class _CutAtDotIfLast(Geode):
    """Cuts the last key at its last dot, taking what follows for the extension of the whole URL."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return super().keys_asked(re.sub(r"\.[^.,]*$", "", sent))


@FAULTS.fault("key-list-cut-at-dot", _WHOLE, "a key with a dot, first or in the middle of the list")
class _ListCutAtDot(Geode):
    """Cuts the whole list of keys at its last dot, so that later keys are lost with it."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        head, dot, _ = keys_as_sent.rpartition(".")
        return super().get(request, name, head if dot else keys_as_sent)


@FAULTS.fault("key-prefix", _WHOLE, "a missing key that is the beginning of a stored one")
class _Prefix(Geode):
    """Walks an index to the first key that begins with the one asked, without comparing what is left."""

    def look_up(self, region: Region, key: str) -> str | None:
        exact = super().look_up(region, key)
        if exact is not None:
            return exact
        return next((region[held] for held in sorted(region) if held.startswith(key)), None)


@FAULTS.fault("key-longest-prefix", _WHOLE, "a missing key of which a stored one is the beginning")
class _LongestPrefix(Geode):
    """Looks a key up in a tree of prefixes, and answers the last value on the way."""

    def look_up(self, region: Region, key: str) -> str | None:
        on_the_way = (key[:length] for length in range(len(key), 0, -1))
        return next((region[held] for held in on_the_way if held in region), None)


@FAULTS.fault("key-cut-at-64", _WHOLE, "two keys that differ after 64 characters only")
class _CutAt64(Geode):
    """Compares the first 64 characters of keys."""

    def look_up(self, region: Region, key: str) -> str | None:
        return next((value for held, value in region.items() if held[:64] == key[:64]), None)


@FAULTS.fault("key-cut-at-250", _WHOLE, "a key of more than 250 characters")
class _CutAt250(Geode):
    """Looks keys up by their first 250 characters, the limit of a cache in front."""

    def look_up(self, region: Region, key: str) -> str | None:
        return super().look_up(region, key[:250])


@FAULTS.key_fault("key-inner-space-lost", _WHOLE, "a key with a space inside")
def inner_space_lost(key: str) -> str:
    """Takes white space out of keys, not only around them."""
    return "".join(key.split())


@FAULTS.key_fault("key-spaces-collapsed", _WHOLE, "a key with two spaces in a row")
def spaces_collapsed(key: str) -> str:
    """Makes one space of several in a key."""
    return re.sub(" {2,}", " ", key)


@FAULTS.key_fault("key-cut-at-space", _WHOLE, "a key with a space inside")
def cut_at_space(key: str) -> str:
    """Ends a key at its first space."""
    return key.partition(" ")[0]


@FAULTS.key_fault("key-last-zero-lost", _WHOLE, "a key that ends with a zero after a dot: 1.0")
def last_zero_lost(key: str) -> str:
    """Reads a key that looks like a decimal number as one: 1.0 is 1."""
    return re.sub(r"(?<=[0-9])\.0+$", "", key)


# Decoded


@FAULTS.fault("key-not-decoded", _DECODED, "a key with any character that is percent-encoded")
class _NotDecoded(Geode):
    """Looks a key up as it stands in the URL of a GET, though it was stored decoded."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return tuple(sent.split(","))


@FAULTS.fault("key-space-decoded-only", _DECODED, "a key with a percent-encoded character other than a space")
class _SpaceDecodedOnly(Geode):
    """Replaces %20 by a space and decodes nothing else."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return tuple(sent.replace("%20", " ").split(","))


@FAULTS.key_fault("key-plus-as-space", _DECODED, "a key with %2B")
def plus_as_space(key: str) -> str:
    """Makes a space of a plus after the key was decoded."""
    return key.replace("+", " ")


@FAULTS.fault("key-small-hex-not-decoded", _DECODED, "a key with %2b, in small letters")
class _SmallHexNotDecoded(Geode):
    """Knows hexadecimal digits in capitals only: %2b stays as it is."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return super().keys_asked(re.sub("%(?=[0-9A-Fa-f]?[a-f])", "%25", sent))


@FAULTS.fault("key-letters-not-decoded", _DECODED, "a key with a letter that is percent-encoded: %61")
class _LettersNotDecoded(Geode):
    """Decodes reserved characters only, not letters that need not have been encoded."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        return super().keys_asked(re.sub("%(?=4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])", "%25", sent, flags=re.IGNORECASE))


@FAULTS.key_fault("key-cut-at-question-mark", _DECODED, "a key with %3F")
def cut_at_question_mark(key: str) -> str:
    """Decodes the URL before it looks for the query: a key ends at its question mark."""
    return key.partition("?")[0]


@FAULTS.key_fault("key-cut-at-hash", _DECODED, "a key with %23")
def cut_at_hash(key: str) -> str:
    """Decodes the URL before it looks for the fragment: a key ends at its #."""
    return key.partition("#")[0]


@FAULTS.key_fault("key-cut-at-ampersand", _DECODED, "a key with %26")
def cut_at_ampersand(key: str) -> str:
    """Takes an ampersand in a decoded key for the end of a parameter."""
    return key.partition("&")[0]


@FAULTS.key_fault("key-angle-brackets-escaped", _DECODED, "a key with %3C or %3E")
def angle_brackets_escaped(key: str) -> str:
    """Escapes keys against injected markup before they are looked up."""
    return key.replace("<", "&lt;").replace(">", "&gt;")


@FAULTS.key_fault("key-quotes-doubled", _DECODED, "a key with %22")
def quotes_doubled(key: str) -> str:
    """Puts the key into a query language's text, with its quotes doubled, and never undoes it."""
    return key.replace('"', '""')


@FAULTS.key_fault("key-braces-expanded", _DECODED, "a key with %7B and %7D")
def braces_expanded(key: str) -> str:
    """Takes what stands in braces for a variable of a URI template, which is empty."""
    return re.sub(r"\{[^{}]*\}", "", key)


@FAULTS.fault("key-brackets-refused", _DECODED, "a key with %3C, %3E, %22, %7B or %7D")
class _BracketsRefused(Geode):
    """Has a firewall in front that refuses keys with brackets or quotes: 400."""

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        if re.search('[<>"{}]', unquote(keys_as_sent)):
            return self.error(400, "The request was refused")
        return super().get(request, name, keys_as_sent)


@FAULTS.fault("key-decoded-before-split", _DECODED, "a key with %3F or %23, in a list")
class _DecodedBeforeSplit(Geode):
    """Decodes the whole list at once and takes it for a new URL: what follows ? or # is lost, later keys too."""

    def keys_asked(self, sent: str) -> tuple[str, ...]:
        keys = super().keys_asked(re.split("%3F|%23", sent, flags=re.IGNORECASE)[0])
        return keys if len(keys) > 1 else (*keys, "")
