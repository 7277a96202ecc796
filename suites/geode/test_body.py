"""The body of a 200: one object, one array, one element for each key, each value as it was stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from kvgate.plural import many
from kvgate.strictjson import NotJson, TooMuch, Unpredictable, Value, apart, difference, equal, hashable, shown
from kvgate.verdict import Answer, Breach, Doubts, Evidence, FaultElsewhere, NotApplicable, requires
from kvgate.wire.text import visible

from .measure import around, expect_within_measure
from .question import VALUES, Question, expecting
from .reading import Element, Values, document_of, strict, successes, values
from .schemas import expect_elements, expect_values


@requires("geode.body.strict-json", when=expecting(*VALUES))
def test_the_body_is_one_json_text(evidence: Evidence) -> None:
    """The body of a 200 is one JSON text: no member twice, no NaN, no byte-order mark, nothing after it."""
    doubts = Doubts()
    for _, answer in successes(evidence):
        with doubts.kept():
            answer.expect_uncoded()
            _expect_one_text(answer)
    doubts.settle()


@requires("geode.body.region-member", when=expecting(*VALUES))
def test_the_region_names_the_array(evidence: Evidence) -> None:
    """The body is an object whose one member is named by the region and has an array as its value."""
    doubts = Doubts()
    for question, answer in successes(evidence):
        with doubts.kept():
            _expect_region_member(question, answer)
    doubts.settle()


@requires("geode.body.one-per-key", when=expecting(*VALUES))
def test_one_element_for_each_key(evidence: Evidence) -> None:
    """The array has one element for each key; a key asked for twice counts as Content-Location has it."""
    for found in values(evidence):
        if not found.counted:
            keys = f"{many(len(found.order), 'key')}{' in Content-Location' if found.located else ''}"
            want, got = (many(count, "element") for count in (len(found.order), len(found.elements)))
            raise Breach("elements and keys differ in number", want=f"{want} for {keys}", got=got)


@requires("geode.body.aligned", when=expecting(*VALUES))
def test_elements_stand_as_content_location_says(evidence: Evidence) -> None:
    """Element i of the array belongs to key i of Content-Location; without that header any order will do."""
    judged = False
    for found in values(evidence):
        if not found.settled:
            continue
        judged = True
        for index, element in enumerate(found.paired()):
            owner = _owner(found, element)
            if owner is not None:
                raise Breach(
                    f"element {index} is not that of key {index} of Content-Location",
                    want=f"{visible(element.key, 60)}: {shown(element.want)}",
                    got=f"{visible(owner, 60)}: {shown(element.got)}",
                )
    if not judged:
        raise FaultElsewhere("it is not known which element stands for which key")


@requires("geode.body.missing-null", when=expecting("ignored"))
def test_a_missing_key_is_null_in_its_place(evidence: Evidence) -> None:
    """A missing key has null in its place, and is not left out."""
    for found in values(evidence):
        wanted = sum(key in found.question.missing for key in found.order)
        nulls = sum(element is None for element in found.elements)
        if nulls < wanted:
            raise Breach(
                "a missing key is not null",
                want=f"{many(wanted, 'time')} null",
                got=f"{many(nulls, 'time')} null",
            )
        for element in found.paired() if found.settled else ():
            if element.missing and element.got is not None:
                want = f"{visible(element.key, 60)}: null"
                raise Breach("null is not in the place of the missing key", want=want, got=shown(element.got))
        expect_elements(found, "geode.body.missing-null")


@requires("geode.body.value-intact", when=expecting(*VALUES))
def test_a_value_comes_back_as_it_was_stored(evidence: Evidence) -> None:
    """Every member at every depth, arrays in order, texts exactly and numbers by value are as they were stored."""
    doubts = Doubts()
    with doubts.kept():
        for question, answer in successes(evidence):
            with doubts.kept():
                expect_within_measure(question, answer)
    any_value = False
    with doubts.kept():
        for found in values(evidence):
            any_value = any_value or any(key not in found.question.missing for key in found.order)
            _expect_intact(found)
            expect_elements(found, "geode.body.value-intact")
    doubts.settle()
    if not any_value:
        raise NotApplicable("no key that was asked for has a value")


def _expect_one_text(answer: Answer) -> None:
    try:
        strict(answer)
    except TooMuch as beyond:
        # Whether it is what was stored, value-intact says.
        raise FaultElsewhere(f"the body is beyond what is read: {beyond}") from None
    except NotJson as problem:
        near = around(answer.body, problem.offset)
        got = f"at byte {problem.offset}: {near}" if near else "an empty body"
        if isinstance(problem, Unpredictable):
            want = "one JSON text without repeated members and lone surrogates"
            raise Breach(f"the body has {problem}", want=want, got=got) from None
        raise Breach(f"the body is not JSON: {problem}", want="one well-formed JSON text", got=got) from None


def _expect_region_member(question: Question, answer: Answer) -> None:
    document = document_of(answer)
    want = f'{{"{visible(question.region)}": [...]}}'
    if not isinstance(document, dict):
        raise Breach("the body is not an object", want=want, got=shown(document))
    if list(document) != [question.region]:
        got = "members " + (", ".join(shown(name) for name in list(document)[:5]) or "none")
        raise Breach("the region's name is not the one member", want=want, got=got)
    if not isinstance(document[question.region], list):
        raise Breach("the member is not an array", want=want, got=shown(document[question.region]))
    expect_values(document, question.region, "geode.body.region-member")


def _owner(found: Values, element: Element) -> str | None:
    """The other key that a displaced element belongs to; None when it is in its place, or belongs to none."""
    if element.right:
        return None
    keys = found.question.distinct
    if element.got is None:
        # A value shown as null is a lost value, unless it is to be found elsewhere.
        lost = not any(equal(element.want, other) for other in found.elements)
        return None if lost else next((key for key in keys if key in found.question.missing), None)
    return next((key for key in keys if equal(found.question.want(key), element.got)), None)


def _expect_intact(found: Values) -> None:
    """Raises Breach when a stored value is to be found nowhere in the array.

    Where an element is left out, what is there has to be stored values; which place it has is for others to judge.
    """
    wanted = _values_only(found.wanted())
    lost, foreign = wanted - found.given(), _values_only(found.given()) - wanted
    if len(found.elements) < len(found.order) and not foreign:
        return
    for key in found.question.distinct:
        want = found.question.want(key)
        if hashable(want) not in lost:
            continue
        got = _altered(found, key, foreign)
        told = (difference(want, got) if got is not None else None) or f"want {shown(want)}, got {shown(got)}"
        seen = apart(want, got)
        raise Breach(f"the value of {visible(key, 60)} is not as it was stored, {told}", want=seen[0], got=seen[1])


def _values_only(counted: Counter[Hashable]) -> Counter[Hashable]:
    return Counter({value: count for value, count in counted.items() if value != hashable(None)})


def _altered(found: Values, key: str, foreign: Counter[Hashable]) -> Value:
    """What stands for a key whose value is lost: the element in its place, else one that is nobody's, else null."""
    in_place = next((element.got for element in found.paired() if element.key == key and not element.right), None)
    if hashable(in_place) in foreign:
        return in_place
    return next((element for element in found.elements if hashable(element) in foreign), in_place)
