"""Texts that are taken for something else because of what they look like."""

from __future__ import annotations

import re
import unicodedata

from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()

_HALVES = dict.fromkeys(range(0xD800, 0xE000), "?")


@FAULTS.text_fault("format-address-normalised", "a text that is an address with nothing but a slash after its host")
def address_normalised(text: str) -> Json:
    """Takes the slash off with which an address ends."""
    return re.sub(r"^(https?://[^/]+)/$", r"\1", text)


@FAULTS.text_fault("format-mail-in-small-letters", "a text that is a mail address with capitals")
def mail_in_small_letters(text: str) -> Json:
    """Writes mail addresses in small letters."""
    return text.lower() if re.fullmatch(r"[^@ ]+@[^@ ]+", text) else text


@FAULTS.text_fault("format-time-as-number", "a text of hours and minutes")
def time_as_number(text: str) -> Json:
    """Takes hours and minutes for a number to the base of sixty, as old YAML does."""
    found = re.fullmatch(r"(\d+):(\d\d)", text)
    return Number(int(found[1]) * 60 + int(found[2])) if found else text


@FAULTS.text_fault("format-date-completed", "a text that is a date without a time")
def date_completed(text: str) -> Json:
    """Adds midnight to a date."""
    return f"{text}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


@FAULTS.text_fault("format-time-zeros-dropped", "a text that is a time with a fraction which ends with zeros")
def time_zeros_dropped(text: str) -> Json:
    """Takes a text for a time, and writes no more of its fraction than there is to it."""
    return re.sub(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.0+|(\.\d*?[1-9])0+)(?=Z|[+-]|$)", r"\1\2", text)


@FAULTS.text_fault("format-pairs-cut", "characters of two units where a buffer of 8192 units ends")
def pairs_cut(text: str) -> Json:
    """Converts texts in pieces of 8192 units: of a character cut in two there are two question marks."""
    units = text.encode("utf-16-le", "surrogatepass")
    pieces = (units[at : at + 16384] for at in range(0, len(units), 16384))
    return "".join(piece.decode("utf-16-le", "surrogatepass") for piece in pieces).translate(_HALVES)


@FAULTS.text_fault("format-card-masked", "a text of sixteen digits")
def card_masked(text: str) -> Json:
    """Masks what looks like the number of a card."""
    return re.sub(r"\b\d{12}(\d{4})\b", r"************\1", text)


@FAULTS.text_fault("format-comments-removed", "a text with slashes and stars")
def comments_removed(text: str) -> Json:
    """Takes comments out of texts."""
    return re.sub(r"/\*.*?\*/", "", text)


@FAULTS.text_fault("format-names-of-nothing", "the text None or undefined")
def names_of_nothing(text: str) -> Json:
    """Writes null for a text that is the name of nothing in another language."""
    return None if text in ("None", "undefined", "nil") else text


@FAULTS.text_fault("format-doubled-quotes-halved", "a text with two apostrophes in a row")
def doubled_quotes_halved(text: str) -> Json:
    """Takes two apostrophes for one that is escaped."""
    return text.replace("''", "'")


@FAULTS.text_fault("format-terminal-stripped", "a text with an escape sequence of a terminal")
def terminal_stripped(text: str) -> Json:
    """Takes the colours of a terminal out of texts."""
    return re.sub("\x1b\\[[0-9;]*m", "", text)


@FAULTS.text_fault("format-folded", "a text with wide letters or ligatures")
def folded(text: str) -> Json:
    """Writes letters that are nearly alike as one."""
    return unicodedata.normalize("NFKC", text)


@FAULTS.text_fault("format-directions-removed", "a text with signs that turn its direction")
def directions_removed(text: str) -> Json:
    """Takes the signs out that turn the direction of a text, for safety."""
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)


@FAULTS.text_fault("format-wide-blanks-trimmed", "a text with blanks beyond ASCII at its ends")
def wide_blanks_trimmed(text: str) -> Json:
    """Trims blanks beyond ASCII."""
    return text.strip("\u00a0\u2003\u3000")
