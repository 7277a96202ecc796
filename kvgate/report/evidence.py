"""The evidence of a case as report.html shows it: once for each case, within a bound on the size of the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from kvgate.report.excerpt import answer_of, asked_lines, curl_line
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.raw import raw_markup, request_bytes
from kvgate.report.words import FEW, duration
from kvgate.verdict.model import Verdict
from kvgate.wire.exchange import Exchange, Request

# What all evidence together may take of the page, and what an exchange's bytes may of it: a page of 1,000 failures has
# to open at once. report.json has what is left out here.
PAGE_LIMIT = 5_000_000
_BYTES_FOR_ALL = 1_000_000
_MOST_BYTES, _FEWEST_BYTES = 8192, 512
_SHOWN = (Verdict.FAIL, Verdict.WARN, Verdict.NO_VERDICT, Verdict.WAIVED)


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange. `same` names the earlier question that got the same answer; `response` is None then.

    `shows` says that a finding of the case is about it.
    """

    label: str
    line: str
    status: str
    request: Markup | None
    response: Markup | None
    fault: str
    same: str
    shows: bool


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """All that was seen of one case. `number` is its anchor; `again` where the page shows it further up already.

    `left_out` names the parts that the page had no room for.
    """

    number: int
    case: CaseRecord
    again: bool
    left_out: tuple[str, ...]
    exchanges: tuple[ExchangeView, ...]
    seed: tuple[str, ...]
    ask: tuple[str, ...]

    @property
    def folds(self) -> bool:
        """Whether the exchanges that no finding is about are folded: there are many, and it is known which are."""
        return len(self.exchanges) > FEW and any(exchange.shows for exchange in self.exchanges)


class EvidenceShelf:
    """Gives out the evidence of a case, whole the first time, as a reference from then on."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._numbers: dict[tuple[str, str], int] = {}
        self._room = PAGE_LIMIT
        shown: dict[tuple[str, str], set[str]] = {}
        for finding in (record.finding for record in run.checks if record.finding.verdict in _SHOWN):
            shown.setdefault((finding.interface, finding.case), set()).add(finding.exchange)
        self._labels = shown
        exchanges = sum(len(run.cases[key].exchanges) for key in shown if key in run.cases)
        self._limit = max(_FEWEST_BYTES, min(_MOST_BYTES, _BYTES_FOR_ALL // max(exchanges, 1)))

    def take(self, record: CheckRecord) -> EvidenceView | None:
        """The evidence for a check; None where the run has no record of its case."""
        key = (record.finding.interface, record.finding.case)
        case = self._run.cases.get(key)
        if case is None:
            return None
        if key in self._numbers:
            return EvidenceView(self._numbers[key], case, True, (), (), (), ())
        number = self._numbers[key] = len(self._numbers) + 1
        ask = asked_lines(case)
        # A version is counted up by the same writes again, and what stood there before is removed by the same removals.
        seed = tuple(curl_line(origin, request, case.credentials) for origin, request in case.seed)
        exchanges = _exchanges(case, self._limit, self._labels.get(key, set()))
        left_out = []
        if not self._has_room(sum(len(view.request or "") + len(view.response or "") for view in exchanges)):
            exchanges, left_out = (), ["the exchanges"]
        if not self._has_room(sum(map(len, seed))):
            seed, left_out = (), [*left_out, "what put the state there"]
        return EvidenceView(number, case, False, tuple(left_out), exchanges, seed, ask)

    def _has_room(self, size: int) -> bool:
        """Takes that much of the page's room, if it is there."""
        if size > self._room:
            return False
        self._room -= size
        return True


def _exchanges(case: CaseRecord, limit: int, labels: Collection[str]) -> tuple[ExchangeView, ...]:
    views: list[ExchangeView] = []
    questions: set[tuple[str, Request]] = set()
    for number, exchange in enumerate(case.exchanges):
        earlier, question = case.exchanges[:number], (exchange.origin, exchange.request.alone)
        same = next((other.label for other in earlier if other.raw and answer_of(other) == answer_of(exchange)), "")
        request = request_bytes(exchange, case.credentials)
        views.append(
            ExchangeView(
                label=exchange.label,
                line=f"{exchange.request.method} {exchange.request.target}",
                status=_status(exchange),
                request=None if question in questions else raw_markup(request, len(request), limit),
                response=None if same or not exchange.raw else raw_markup(exchange.raw, exchange.raw_length, limit),
                fault="" if exchange.fault is None else f"{exchange.fault.kind.value}: {exchange.fault.message}",
                same=same,
                shows=exchange.label in labels,
            )
        )
        questions.add(question)
    return tuple(views)


def _status(exchange: Exchange) -> str:
    status = "no answer" if exchange.response is None else str(exchange.response.status)
    return f"{status}, {duration_of(exchange.seconds)}, connection {exchange.connection}"


def duration_of(seconds: float) -> str:
    """How long an exchange took: `0.8 ms`, `140 ms`, `3.20 s`."""
    if seconds >= 1:
        return duration(seconds)
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
