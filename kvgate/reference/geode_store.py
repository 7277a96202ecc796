"""What the regions of the Geode reference hold, and which request bodies they take.

A value is kept as the JSON text in which it came, so that nothing is lost between PUT and GET.
"""

from __future__ import annotations

from collections.abc import Mapping

from kvgate.reference.http import Request
from kvgate.reference.jsontext import elements, has_array_after_object, load

DEFAULT_REGIONS: Mapping[str, Mapping[str, str]] = {"orders": {}, "items": {}, "empty": {}}


class Region(dict[str, str]):
    """Key to the JSON text of an object, in the order of first writing."""


class Refused(Exception):
    """A body that is not stored: answer `status`."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def read_object(request: Request) -> str:
    """The JSON text of the one object in the body of a request. Raises Refused."""
    return _checked(_text(request).strip(" \t\r\n"))


def read_objects(request: Request, count: int) -> tuple[str, ...]:
    """The JSON texts of the `count` objects in the body of a request. Raises Refused."""
    try:
        texts = elements(_text(request))
    except ValueError as error:
        raise Refused(400, f"The body is not a JSON array of objects: {error}") from error
    if len(texts) != count:
        raise Refused(400, f"{count} keys are given and {len(texts)} values")
    return tuple(map(_checked, texts))


def _text(request: Request) -> str:
    media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Refused(415, "Content-Type must be application/json")
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, "The body is not UTF-8") from error


def _checked(text: str) -> str:
    try:
        value = load(text)
    except ValueError as error:
        raise Refused(400, f"The value is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Refused(400, "The value is not a JSON object")
    if has_array_after_object(value):
        raise Refused(400, "The value has an array after an object in one array")
    return text
