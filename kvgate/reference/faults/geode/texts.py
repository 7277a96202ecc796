"""Texts inside stored documents that are not the ones that were stored."""

from __future__ import annotations

import html
import re
import unicodedata

from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()


# White space, ends and lengths


@FAULTS.text_fault("texts-trimmed", "a text with spaces at its ends")
def texts_trimmed(text: str) -> Json:
    """Trims texts."""
    return text.strip()


@FAULTS.text_fault("texts-spaces-collapsed", "a text with two spaces in a row")
def texts_spaces_collapsed(text: str) -> Json:
    """Makes one space of several."""
    return re.sub(" {2,}", " ", text)


@FAULTS.text_fault("texts-line-ends-unified", "a text with a carriage return")
def texts_line_ends_unified(text: str) -> Json:
    """Writes every line end as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@FAULTS.text_fault("texts-cut-at-255", "a text of more than 255 characters")
def texts_cut_at_255(text: str) -> Json:
    """Cuts texts at 255 characters, as a column would."""
    return text[:255]


@FAULTS.text_fault("texts-empty-as-null", "an empty text")
def texts_empty_as_null(text: str) -> Json:
    """Takes an empty text for none: null."""
    return text or None


# Escapes and markup


@FAULTS.text_fault("texts-html-escaped", "a text with < > or &")
def texts_html_escaped(text: str) -> Json:
    """Escapes texts for HTML."""
    return html.escape(text, quote=False)


@FAULTS.text_fault("texts-tags-stripped", "a text with something between < and >")
def texts_tags_stripped(text: str) -> Json:
    """Takes out what looks like a tag."""
    return re.sub("<[^>]*>", "", text)


@FAULTS.text_fault("texts-quotes-escaped-twice", "a text with a double quote")
def texts_quotes_escaped_twice(text: str) -> Json:
    """Escapes double quotes before the text is written as JSON, which escapes again."""
    return text.replace('"', '\\"')


@FAULTS.text_fault("texts-backslash-halved", "a text with a backslash")
def texts_backslash_halved(text: str) -> Json:
    """Unescapes a text a second time: a backslash and what follows become one character."""
    return re.sub(r"\\(.)", r"\1", text)


@FAULTS.text_fault("texts-control-dropped", "a text with a control character")
def texts_control_dropped(text: str) -> Json:
    """Drops tabs, line feeds and other control characters."""
    return re.sub("[\x00-\x1f]", "", text)


@FAULTS.text_fault("texts-percent-decoded", "a text that holds %41 or the like")
def texts_percent_decoded(text: str) -> Json:
    """Decodes percent signs in texts as if they stood in a URL."""
    return re.sub("%([0-7][0-9A-Fa-f])", lambda match: chr(int(match[1], 16)), text)


# Characters


@FAULTS.text_fault("texts-emoji-as-question-mark", "a text with a character beyond the basic plane")
def texts_emoji_as_question_mark(text: str) -> Json:
    """Writes a question mark for each character of four UTF-8 bytes."""
    return re.sub("[\U00010000-\U0010ffff]", "?", text)


@FAULTS.text_fault("texts-beyond-latin-1-as-question-mark", "a text with CJK characters")
def texts_beyond_latin_1_as_question_mark(text: str) -> Json:
    """Passes texts through ISO-8859-1: a question mark for all it lacks."""
    return text.encode("latin-1", "replace").decode("latin-1")


@FAULTS.text_fault("texts-utf-8-as-latin-1", "a text that is not ASCII")
def texts_utf_8_as_latin_1(text: str) -> Json:
    """Reads the UTF-8 of texts as ISO-8859-1 and encodes it once more."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


@FAULTS.text_fault("texts-composed", "a text with a combining mark")
def texts_composed(text: str) -> Json:
    """Normalises texts: a letter and its combining mark become one character."""
    return unicodedata.normalize("NFC", text)


@FAULTS.text_fault("texts-line-separator-dropped", "a text with U+2028")
def texts_line_separator_dropped(text: str) -> Json:
    """Drops U+2028 and U+2029, which JavaScript once took for line ends."""
    return re.sub("[\u2028\u2029]", "", text)


@FAULTS.text_fault("texts-nul-ends", "a text with \\u0000 inside")
def texts_nul_ends(text: str) -> Json:
    """Ends a text at its first NUL."""
    return text.partition("\0")[0]


# Meaning read into texts


@FAULTS.text_fault("texts-dates-rewritten", "a date as text: 02/10/2014")
def texts_dates_rewritten(text: str) -> Json:
    """Knows dates and writes them in ISO form."""
    return re.sub(r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\1-\2", text)


@FAULTS.text_fault("texts-digits-as-numbers", "a text that reads like a number")
def texts_digits_as_numbers(text: str) -> Json:
    """Writes a text of digits as a number."""
    return Number(text) if re.fullmatch("0|[1-9][0-9]{0,30}", text) else text


@FAULTS.text_fault("texts-words-as-values", "a text that reads true, false or null")
def texts_words_as_values(text: str) -> Json:
    """Writes the texts true, false and null as what they name."""
    known: dict[str, Json] = {"true": True, "false": False, "null": None}
    return known.get(text, text)
