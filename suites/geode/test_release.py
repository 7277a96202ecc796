"""That a release answers as its profile says: judged in the profiles geode-<release> only."""

from __future__ import annotations

from collections.abc import Iterator

from kvgate.case import Case
from kvgate.strictjson import equal, shown
from kvgate.verdict import Answer, Breach, Doubts, Evidence, NotApplicable, requires
from kvgate.verdict.answer import shown_all
from kvgate.wire.text import visible

from .location import HEADER
from .question import VALUES, Question, outcomes, questions
from .reading import document_of
from .release import (
    Facts,
    document_due,
    error_text,
    is_refused,
    location_due,
    location_named,
    own_status,
    reads_otherwise,
    statuses,
)


def _departs(release: Facts, case: Case) -> bool:
    """Whether the release may give a question of the case another status than the page, or one that the page leaves."""
    if "charset" not in release:
        return False
    lists = [ask.fields["keys"] for ask in case.asks]
    return own_status(case, release) is not None or any(
        is_refused(keys, release) or reads_otherwise(keys, release) for keys in lists
    )


def _carries_values(release: Facts, case: Case) -> bool:
    return "order" in release and (bool(outcomes(case) & set(VALUES)) or _departs(release, case))


def _is_an_error(release: Facts, case: Case) -> bool:
    return "errors" in release and (bool(outcomes(case) - set(VALUES)) or _departs(release, case))


def _has_a_type(release: Facts, _case: Case) -> bool:
    return "types" in release


@requires("geode.release.status", given=_departs)
def test_the_status_is_that_of_the_release(evidence: Evidence) -> None:
    """Where the page leaves the status open, or the release departs from it, it is the release's."""
    doubts = Doubts()
    for question in questions(evidence):
        with doubts.kept():
            answer = evidence.answer(question.label)
            wanted = statuses(evidence.case, question, evidence.facts)
            if answer.status not in wanted:
                want = f"status {' or '.join(map(str, wanted))}"
                raise Breach("it is not answered as by this release", want=want, got=f"status {answer.status}")
    doubts.settle()


@requires("geode.release.keys", given=_carries_values)
def test_the_keys_are_read_and_ordered_as_by_the_release(evidence: Evidence) -> None:
    """A 200 is the answer to the keys as the release reads them, in the order in which it answers them."""
    release = evidence.facts
    for question, answer in _with_status(evidence, 200):
        due, sent = location_due(question, release), answer.values(HEADER)
        if [location_named(value, question, release) for value in sent] != [due]:
            want = visible(f".../{question.region}/{due}")
            got = shown_all(HEADER, sent) or f"no {HEADER}"
            raise Breach("other keys are answered than by this release, or in another order", want=want, got=got)
        # Whether the values of the keys asked for are there is for the page's own requirements to say.
        if question.method != "HEAD" and reads_otherwise(question.spelled, release):
            document, wanted = document_of(answer), document_due(question, release)
            if not equal(document, wanted):
                raise Breach("other values are answered than by this release", want=shown(wanted), got=shown(document))


@requires("geode.release.error", given=_is_an_error)
def test_an_error_is_worded_as_by_the_release(evidence: Evidence) -> None:
    """The body of an error is, byte for byte, the one that the release gives."""
    for question, answer in _with_status(evidence, 400, 404):
        due = error_text(question, answer.status, evidence.facts)
        if answer.body != due:
            raise Breach("the error is not worded as by this release", want=visible(due), got=visible(answer.body))


@requires("geode.release.type", given=_has_a_type)
def test_content_type_is_that_of_the_release(evidence: Evidence) -> None:
    """Content-Type is the one that the release sends with this status."""
    types = evidence.facts["types"]
    for _, answer in _with_status(evidence, *(int(status) for status in types if status.isdigit())):
        due, sent = types[str(answer.status)], answer.values("Content-Type")
        if sent != (due.encode("latin-1"),):
            got = shown_all("Content-Type", sent) or "no Content-Type"
            raise Breach("it is not the type that this release sends", want=f"Content-Type: {due}", got=got)


def _with_status(evidence: Evidence, *wanted: int) -> Iterator[tuple[Question, Answer]]:
    """The answers of these statuses but to paths that the release refuses (E35). Raises NotApplicable without any."""
    any_judged, doubts = False, Doubts()
    for question in questions(evidence):
        answer: Answer | None = None
        with doubts.kept():
            answer = evidence.answer(question.label)
        if answer is not None and answer.status in wanted and not is_refused(question.spelled, evidence.facts):
            any_judged = True
            yield question, answer
    doubts.settle()
    if not any_judged:
        raise NotApplicable("nothing was answered by status " + " or ".join(map(str, wanted)))
