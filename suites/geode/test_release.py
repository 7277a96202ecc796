"""That a release answers as its profile says: judged in the profiles geode-<release> only."""

from __future__ import annotations

from collections.abc import Iterator

from kvgate.case import Case
from kvgate.strictjson import Value, equal, shown
from kvgate.verdict import Answer, Breach, Evidence, NotApplicable, requires
from kvgate.verdict.answer import shown_all
from kvgate.wire.text import visible

from .location import HEADER
from .question import Question, questions
from .reading import document_of
from .release import (
    Facts,
    error_text,
    is_refused,
    keys_answered,
    keys_read,
    location_due,
    location_named,
    own_status,
    reads_otherwise,
    statuses,
    values_held,
)


def _has_own_status(release: Facts, case: Case) -> bool:
    return own_status(case, release) is not None or any(
        is_refused(",".join(ask.fields["keys"]), release) for ask in case.asks
    )


def _answers_values(release: Facts, case: Case) -> bool:
    return "order" in release and any(200 in statuses(case, ask.label, release) for ask in case.asks)


def _answers_errors(release: Facts, case: Case) -> bool:
    return "errors" in release and any(
        {400, 404} & set(statuses(case, ask.label, release)) and not is_refused(",".join(ask.fields["keys"]), release)
        for ask in case.asks
    )


def _tells_types(release: Facts, _case: Case) -> bool:
    return "types" in release


@requires("geode.release.status", given=_has_own_status)
def test_the_status_is_that_of_the_release(evidence: Evidence) -> None:
    """Where the page leaves the status open, or the release departs from it, it is the release's."""
    for question, answer in _answers(evidence):
        wanted = statuses(evidence.case, question.label, evidence.facts)
        if answer.status not in wanted:
            want = f"status {' or '.join(map(str, wanted))}"
            raise Breach("it is not answered as by this release", want=want, got=f"status {answer.status}")


@requires("geode.release.keys", given=_answers_values)
def test_the_keys_are_read_and_ordered_as_by_the_release(evidence: Evidence) -> None:
    """A 200 is the answer to the keys as the release reads them, in the order in which it answers them."""
    release, judged = evidence.facts, False
    for question, answer in _answers(evidence):
        if answer.status != 200:
            continue
        judged = True
        due, sent = location_due(question, release), answer.values(HEADER)
        if [location_named(value, question, release) for value in sent] != [due]:
            got = shown_all(HEADER, sent) or f"no {HEADER}"
            want = visible(f".../{question.region}/{due}")
            raise Breach("other keys are answered than by this release, or in another order", want=want, got=got)
        # Whether the values asked for are there is for the page's own requirements to say.
        if question.method != "HEAD" and reads_otherwise(question, release):
            document, wanted = document_of(answer), _document_due(question, release)
            if not equal(document, wanted):
                raise Breach("other values are answered than by this release", want=shown(wanted), got=shown(document))
    if not judged:
        raise NotApplicable("no answer carries values")


@requires("geode.release.error", given=_answers_errors)
def test_an_error_is_worded_as_by_the_release(evidence: Evidence) -> None:
    """The body of an error is, byte for byte, the one that the release gives."""
    judged = False
    for question, answer in _answers(evidence):
        if answer.status not in (400, 404) or is_refused(",".join(question.spelled), evidence.facts):
            continue
        judged = True
        due = error_text(question, answer.status, evidence.facts)
        if answer.body != due:
            raise Breach("the error is not worded as by this release", want=visible(due), got=visible(answer.body))
    if not judged:
        raise NotApplicable("no answer is an error of the interface")


@requires("geode.release.type", given=_tells_types)
def test_content_type_is_that_of_the_release(evidence: Evidence) -> None:
    """Content-Type is the one that the release sends with this status."""
    judged, types = False, evidence.facts["types"]
    for _, answer in _answers(evidence):
        due = types.get(str(answer.status))
        if due is None:
            continue
        judged = True
        if answer.values("Content-Type") != (due.encode("latin-1"),):
            got = shown_all("Content-Type", answer.values("Content-Type")) or "no Content-Type"
            raise Breach("it is not the type that this release sends", want=f"Content-Type: {due}", got=got)
    if not judged:
        raise NotApplicable("the profile says nothing of this status")


def _answers(evidence: Evidence) -> Iterator[tuple[Question, Answer]]:
    """The questions of a case with their answers. Raises NotApplicable when one did not arrive."""
    for question in questions(evidence):
        yield question, evidence.answer(question.label)


def _document_due(question: Question, release: Facts) -> Value:
    """The body of a 200 to keys read otherwise: for one key its bare value, else the array of their values."""
    held = values_held(question, release)
    if len(keys_read(question, release)) == 1:
        return held.get(keys_read(question, release)[0])
    return {question.region: [held.get(key) for key in keys_answered(question, release)]}
