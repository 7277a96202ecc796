"""Faults of a process's first answers, before it has come to itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, mapped
from kvgate.reference.http import Response
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")


class _Cold(Altered):
    """Answers the first question about a key that both masters hold by other code."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._warm = False

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:  # noqa: ARG002
        warm, self._warm = self._warm, True
        return response if warm else self.cold(response)

    def cold(self, response: Response) -> Response:
        raise NotImplementedError


@FAULTS.fault("first-answer-version-zero", "get2.version.same", "the first question to a process")
class _VersionZero(_Cold):
    """Learns versions from its first question, and says 0 in the answer to that."""

    def cold(self, response: Response) -> Response:
        return mapped(response, "Version", lambda _: "0")


@FAULTS.fault("first-answer-cut", "get2.body.match", "the first question to a process")
class _Cut(_Cold):
    """Sets up its buffers with its first answer, one byte too small."""

    def cold(self, response: Response) -> Response:
        return replace(response, body=response.body[:-1])
