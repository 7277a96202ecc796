"""Changes to an answer of the reference, for deviations that make them in passing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kvgate.reference.http import Pair, Request, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading


class Altered(Ha):
    """An HA whose answer about a key that both masters hold is changed at the end."""

    def answer(self, request: Request, first: Reading | None, second: Reading | None) -> Response:
        """The reference's answer, altered."""
        response = super().answer(request, first, second)
        return response if first is None or second is None else self.altered(response, first, second)

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:  # noqa: ARG002
        """What goes out instead of `response`."""
        return response


def edited(response: Response, *, without: Sequence[str] = (), plus: Sequence[Pair] = ()) -> Response:
    """The answer without the headers of some names (in any case), and with others at the end."""
    dropped = {name.lower() for name in without}
    kept = tuple(pair for pair in response.headers if pair[0].lower() not in dropped)
    return replace(response, headers=(*kept, *plus))


def mapped(response: Response, name: str, change: Callable[[str], str]) -> Response:
    """The answer with every value of one header changed."""
    return replace(
        response,
        headers=tuple(
            (given, change(value) if given.lower() == name.lower() else value) for given, value in response.headers
        ),
    )
