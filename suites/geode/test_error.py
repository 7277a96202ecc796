"""The body of an error (page, lines 201-208)."""

from __future__ import annotations

from collections.abc import Iterator

from kvgate.schema import violations
from kvgate.strictjson import NotJson, TooMuch, Unpredictable, shown
from kvgate.verdict import Answer, Breach, Doubts, Evidence, Unjudged, requires
from kvgate.wire.text import visible

from .naming import ErrorText, spellings
from .question import Question, expecting
from .reading import answered, document_of, strict


@requires("geode.error.json", when=expecting("missing"))
def test_missing_keys_are_told_in_json(evidence: Evidence) -> None:
    """The body of a 400 for missing keys is JSON."""
    _expect_all_json(answered(evidence, 400, "missing"))


@requires("geode.error.json-parameter", when=expecting("bad-parameter"))
def test_a_wrong_parameter_is_told_in_json(evidence: Evidence) -> None:
    """The body of a 400 for a wrong parameter is JSON."""
    _expect_all_json(answered(evidence, 400, "bad-parameter"))


@requires("geode.error.names-missing", when=expecting("missing"))
def test_the_error_names_what_is_missing(evidence: Evidence) -> None:
    """The error names each missing key and the region, and no key that was found, each as a whole word."""
    doubts = Doubts()
    for question, answer in answered(evidence, 400, "missing"):
        with doubts.kept():
            # With the address that was asked for, which an error object may repeat, or without it.
            if _misnamed(answer, question, ErrorText(answer, question)) is None:
                continue
            breach = _misnamed(answer, question, ErrorText(answer, question, address=False))
            if breach is not None:
                raise breach
    doubts.settle()


@requires("geode.error.form", when=expecting("missing"))
def test_the_error_is_the_string_shown(evidence: Evidence) -> None:
    """The body is the JSON string that the page shows: "Requested keys [13,4,5] not exist in region [orders]"."""
    for question, answer in answered(evidence, 400, "missing"):
        missing = ",".join(key for key in question.distinct if key in question.missing)
        want = f"Requested keys [{missing}] not exist in region [{question.region}]"
        try:
            strict(answer)
        except Unpredictable:
            raise Breach("it is not the string of the page", want=visible(want), got=visible(answer.body)) from None
        except NotJson:
            pass
        document = document_of(answer)
        found = violations("geode/body-400-missing-keys.schema.json", document, "geode.error.form")
        if found:
            raise Breach("it is not the string of the page", want=visible(want), got=shown(document))


def _misnamed(answer: Answer, question: Question, text: ErrorText) -> Breach | None:
    """What is wrong with the names in an error text; None when nothing is."""
    named, got = text.named(spellings(question).values()), visible(answer.body)
    unnamed = [key for key in question.distinct if key in question.missing and key not in named]
    if unnamed:
        message = f"{len(unnamed)} of {len(question.missing)} missing keys are not named"
        return Breach(message, want=", ".join(visible(key, 60) for key in unnamed[:5]), got=got)
    accused = [key for key in question.distinct if key not in question.missing and key in named]
    if accused:
        want = "not " + ", ".join(visible(key, 60) for key in accused[:5])
        return Breach(f"{len(accused)} keys that were found are named", want=want, got=got)
    if not text.names(question.region):
        return Breach("the region is not named", want=visible(question.region), got=got)
    return None


def _expect_all_json(errors: Iterator[tuple[Question, Answer]]) -> None:
    doubts = Doubts()
    for _, answer in errors:
        with doubts.kept():
            _expect_json(answer)
    doubts.settle()


def _expect_json(answer: Answer) -> None:
    answer.expect_uncoded()
    try:
        strict(answer)
    except TooMuch as beyond:
        raise Unjudged(f"the body is beyond what is read: {beyond}") from None
    except Unpredictable:
        return  # RFC 8259 says how objects and texts should be; what says how the values must be is of a 200
    except NotJson as problem:
        got = visible(answer.body) if answer.body else "an empty body"
        raise Breach(f"the body is not JSON: {problem}", want="JSON", got=got) from None
