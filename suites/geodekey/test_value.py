"""One key: 200 and its bare value, or 404 and what is not there."""

from __future__ import annotations

from collections.abc import Iterator

from kvgate.strictjson import NotJson, TooMuch, Unpredictable, Value, apart, difference, equal, shown
from kvgate.verdict import Answer, Breach, Evidence, FaultElsewhere, NotApplicable, Unjudged, requires
from kvgate.wire.text import visible

from ..geode.measure import expect_within_measure
from ..geode.naming import ErrorText, spellings
from ..geode.question import Question, expecting, questions, tagged
from ..geode.reading import answered, document_of, strict
from ..geode.schemas import expect_headers
from ..geode.test_status import expect_status


@requires("geodekey.request.served", when=tagged("control"))
def test_the_request_is_served(evidence: Evidence) -> None:
    """A GET of /geode/v1/{region}/{key} for a key that is there is answered by 200."""
    expect_status(evidence, "found")


@requires("geodekey.status.found", when=expecting("found"))
def test_a_key_that_is_there_is_200(evidence: Evidence) -> None:
    """When the key exists the status is 200."""
    expect_status(evidence, "found")


@requires("geodekey.status.missing", when=expecting("missing"))
def test_a_key_that_is_not_there_is_404(evidence: Evidence) -> None:
    """When the key does not exist the status is 404."""
    expect_status(evidence, "missing")


@requires("geodekey.key.whole", when=tagged("whole"))
def test_a_key_is_taken_whole(evidence: Evidence) -> None:
    """Case, leading zeros, dots and inner blanks belong to a key, and it is cut at no length."""
    _expect_key_read(evidence, "whole")


@requires("geodekey.key.decoded", when=tagged("decoded"))
def test_a_key_is_percent_decoded(evidence: Evidence) -> None:
    """%XX in a key stands for the character it encodes, and a plus for itself."""
    _expect_key_read(evidence, "percent-decoded")


@requires("geodekey.body.bare", when=expecting("found"))
def test_the_value_stands_by_itself(evidence: Evidence) -> None:
    """The body of a 200 is the value itself: in no array, and under no name of a region."""
    for question, answer in answered(evidence, 200, "found"):
        document = document_of(answer)
        if not isinstance(document, dict) or _is_wrapped(document, question):
            raise Breach("the body is not the bare value", want=shown(_want(question)), got=shown(document))


@requires("geodekey.body.value-intact", when=expecting("found"))
def test_the_value_comes_back_as_it_was_stored(evidence: Evidence) -> None:
    """Every member at every depth, arrays in order, texts exactly and numbers by value are as they were stored."""
    for question, answer in answered(evidence, 200, "found"):
        expect_within_measure(question, answer)
    for question, document in _bare(evidence):
        told = difference(_want(question), document)
        if told:
            want, got = apart(_want(question), document)
            raise Breach(f"the value is not as it was stored, {told}", want=want, got=got)


@requires("geodekey.type.json", when=expecting("found"))
def test_a_value_is_told_as_json(evidence: Evidence) -> None:
    """A 200 has one Content-Type: application/json, with any parameters."""
    for question, answer in answered(evidence, 200, "found"):
        expect_headers(answer, question, "geode.type.json")


@requires("geodekey.type.errors", when=expecting("missing", "no-region"))
def test_an_error_is_told_as_json(evidence: Evidence) -> None:
    """A 404 that has a body has Content-Type application/json."""
    for question, answer in _errors(evidence, "missing", "no-region"):
        if not answer.has("Content-Type"):
            raise Breach("Content-Type is not sent", want="Content-Type: application/json", got="none")
        expect_headers(answer, question, "geode.type.other-errors")


@requires("geodekey.error.json", when=expecting("missing", "no-region"))
def test_an_error_is_json(evidence: Evidence) -> None:
    """The body of a 404, where there is one, is JSON."""
    for _, answer in _errors(evidence, "missing", "no-region"):
        try:
            strict(answer)
        except TooMuch as beyond:
            raise Unjudged(f"the body is beyond what is read: {beyond}") from None
        except Unpredictable:
            continue
        except NotJson as problem:
            raise Breach(f"the body is not JSON: {problem}", want="JSON", got=visible(answer.body)) from None


@requires("geodekey.error.names-key", when=expecting("missing"))
def test_the_error_names_key_and_region(evidence: Evidence) -> None:
    """The body of a 404 for a missing key names the key and the region, each as a whole word."""
    for question, answer in _errors(evidence, "missing"):
        text = ErrorText(answer, question)
        for words in (*spellings(question).values(), (question.region,)):
            if not text.names(*words):
                raise Breach(f"{visible(words[0], 60)} is not named", want=visible(words[0]), got=visible(answer.body))


def _want(question: Question) -> Value:
    return question.want(question.keys[0])


def _is_wrapped(document: dict[str, Value], question: Question) -> bool:
    """Whether the one member of a body, which the value has not, is the region's name or holds the value."""
    if len(document) != 1 or equal(document, _want(question)):
        return False
    name, member = next(iter(document.items()))
    held = member[0] if isinstance(member, list) and len(member) == 1 else member
    return name == question.region or equal(held, _want(question))


def _bare(evidence: Evidence) -> Iterator[tuple[Question, Value]]:
    for question, answer in answered(evidence, 200, "found"):
        document = document_of(answer)
        if not isinstance(document, dict) or _is_wrapped(document, question):
            raise FaultElsewhere("the body is not the bare value")
        yield question, document


def _errors(evidence: Evidence, *outcomes: str) -> Iterator[tuple[Question, Answer]]:
    """The 404s of these outcomes that have a body. Raises NotApplicable when there is none."""
    any_body = False
    for question, answer in answered(evidence, 404, *outcomes):
        if answer.response.body_length:
            any_body = True
            yield question, answer
    if not any_body:
        raise NotApplicable("no 404 has a body")


def _expect_key_read(evidence: Evidence, how: str) -> None:
    """Raises Breach when the answer shows that another key was looked up: its status, or another key's value."""
    for question in questions(evidence):
        answer = evidence.answer(question.label)
        if answer.status not in question.statuses:
            want = f"status {question.statuses[0]}"
            raise Breach(f"the key was not taken {how}", want=want, got=f"status {answer.status}")
        if question.outcome == "found":
            document = document_of(answer)
            for other in question.unrequested:
                if equal(document, other):
                    raise Breach(f"the key was not taken {how}", want=shown(_want(question)), got=shown(other))
