"""Finds in an answer what belongs to another question: its keys in a header, its values in the body of an error.

What an error says is the server's own matter, and it may hold what its own question would have got: accused is only
what cannot be there by chance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import unquote_to_bytes

from kvgate.strictjson import NotJson, Value, equal, shown, strings
from kvgate.verdict import Answer, Breach, Evidence
from kvgate.wire.text import visible

from .location import HEADER
from .naming import ErrorText
from .question import Question, decoded
from .reading import strict

# A text that long that is no word, or a document of so many values, is in no error by chance.
_LONG_TEXT, _MANY_VALUES = 24, 6


def expect_no_header_of_others(
    evidence: Evidence, question: Question, answer: Answer, others: Iterable[Question]
) -> None:
    """Raises Breach when a header holds the key of another question, or case, and that is no part of its own.

    Content-Location too, wherever in it the key stands: a list of the locations of two answers names the keys of both.
    """
    if evidence.own is None:
        return
    asked = _comparable(decoded(question.target))
    keys = {key for other in others for key in other.distinct if evidence.own.word in key}
    foreign = [key.encode("utf-8", "surrogateescape") for key in keys if _comparable(key) not in asked]
    for header in answer.response.headers:
        texts = (header.value, unquote_to_bytes(header.value))
        got = f"{visible(header.name)}: {visible(header.value, 60)}"
        if any(key in text for key in foreign for text in texts):
            raise Breach("a header holds the key of another question", want="nothing of it", got=got)
        if header.name.lower() == HEADER.lower().encode() and evidence.own.other_in(header.value.decode("latin-1")):
            raise Breach("Content-Location names keys of another case", want=visible(question.target), got=got)


def _comparable(text: str) -> str:
    """The text without what a server may write otherwise: capitals, and normalisation (E34)."""
    return unicodedata.normalize("NFC", text).lower()


def expect_no_values_of_others(
    evidence: Evidence, question: Question, answer: Answer, others: Sequence[Question]
) -> None:
    """Raises Breach when an error carries a value that was not asked for, or the array that another question gets."""
    if answer.status == 200:
        return
    foreign = question.unrequested
    try:
        document = strict(answer)
    except NotJson:
        _expect_no_text_of(foreign, question, answer)
        return
    regions = {*evidence.places.values(), *(other.region for other in others)}
    for node in _nodes(document):
        own = any(equal(node, question.want(key)) for key in question.distinct)
        found = next((value for value in foreign if not own and _is_telling(value) and equal(node, value)), None)
        if found is not None:
            raise Breach("a value that was not asked for is in the error", want="nothing of it", got=shown(found))
        region = next((name for name in _names(node) if name in regions and _is_array_of(node, name, foreign)), None)
        if region is not None:
            got = shown(node)
            raise Breach(f"the values of {visible(region)} are in the error", want="nothing of them", got=got)
    _expect_no_text_of(foreign, question, answer)


def _expect_no_text_of(foreign: Collection[Value], question: Question, answer: Answer) -> None:
    """Raises Breach when a text of another value stands in the error, be it a part of a longer text."""
    own = "\n".join([decoded(question.target), *strings([question.want(key) for key in question.distinct])])
    body = str(ErrorText(answer, question))
    for text in strings(list(foreign)):
        if _is_telling(text) and text not in own and text in body:
            raise Breach("a text of another value is in the error", want="nothing of it", got=visible(text, 60))


def _is_array_of(node: Value, name: str, foreign: Collection[Value]) -> bool:
    """Whether an object's member is an array of values that were not asked for, and of nothing but them and null."""
    array = node[name] if isinstance(node, dict) and len(node) == 1 else None
    if not isinstance(array, list) or len(array) < 2:
        return False
    values = [element for element in array if element is not None]
    return bool(values) and all(any(equal(element, value) for value in foreign) for element in values)


def _is_telling(value: Value) -> bool:
    """Whether a value is in no error by chance: `{"id":1}` and `true` may be."""
    if isinstance(value, str):
        return len(value) >= _LONG_TEXT and len(set(value)) > 2
    if not isinstance(value, dict):
        return False
    return any(map(_is_telling, strings(value))) or sum(1 for _ in _nodes(value)) > _MANY_VALUES


def _names(node: Value) -> tuple[str, ...]:
    return tuple(node) if isinstance(node, dict) else ()


def _nodes(value: Value) -> Iterator[Value]:
    """A value and all that it holds, at any depth."""
    pending = [value]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, dict):
            pending += node.values()
        elif isinstance(node, list):
            pending += node
