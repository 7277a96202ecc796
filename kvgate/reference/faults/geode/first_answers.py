"""Faults of a process's first answers, before it has come to itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kvgate.reference.edit import edited
from kvgate.reference.geode import Geode
from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.http import Answer, Request, Response

FAULTS = GeodeDeviations()


class _Cold(Geode):
    """Answers the first question for several keys by other code."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._warm = False

    def get(self, request: Request, name: str, keys_as_sent: str) -> Answer:
        answer = super().get(request, name, keys_as_sent)
        if self._warm or request.method != "GET" or "," not in keys_as_sent or not isinstance(answer, Response):
            return answer
        self._warm = True
        return self.cold(answer, name) if answer.status == 200 else answer

    def cold(self, answer: Response, name: str) -> Response:
        raise NotImplementedError


@FAULTS.fault("first-answer-empty", "geode.body.one-per-key", "the first question to a process")
class _Empty(_Cold):
    """Opens a region when it is first asked for, and answers that question before it is open: an empty array."""

    def cold(self, answer: Response, name: str) -> Response:
        return replace(answer, body=b'{"%b":[]}' % name.encode())


@FAULTS.fault("first-answer-without-type", "geode.type.json", "the first question to a process")
class _WithoutType(_Cold):
    """Sets its converters up with the first answer, which goes out without a Content-Type."""

    def cold(self, answer: Response, name: str) -> Response:  # noqa: ARG002
        return edited(answer, without=("Content-Type",))
