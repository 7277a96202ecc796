"""A GET is safe: it can be repeated, it writes nothing, and its answer is its own (page, line 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kvgate.case import Case
from kvgate.strictjson import Value, equal, shown
from kvgate.verdict import Answer, Breach, Doubts, Evidence, FaultElsewhere, NotApplicable, Scope, requires
from kvgate.wire.exchange import Exchange, Response
from kvgate.wire.head import keeps_alive
from kvgate.wire.text import visible

from .foreign import expect_no_header_of_others, expect_no_values_of_others
from .location import HEADER, orders
from .meaning import Meaning, contrast, meaning_of
from .naming import ErrorText, spellings
from .question import Question, questions, tagged, unjudged

_ALONE = "alone-"
_is_read_only = tagged("read-only")


def _asked_again(case: Case) -> bool:
    return len(case.asks) == 1


@requires("geode.safe.repeatable", when=_asked_again, scope=Scope.CASE, late=True)
def test_asked_again_the_answer_is_the_same(evidence: Evidence) -> None:
    """Asked again, later and after other requests, the server gives the same answer."""
    question = questions(evidence)[0]
    first = meaning_of(question, evidence.answer(question.label))
    _expect_alike(question, first, evidence.exchange("again"), "asked again")
    if evidence.late is not None:
        _expect_alike(question, first, evidence.exchange(evidence.late), "asked at the end of the run")


def _expect_alike(question: Question, first: Meaning, again: Exchange, when: str) -> None:
    if again.response is None:
        got = again.fault.message if again.fault else "nothing"
        raise Breach(f"{when}, there is no answer", want=f"status {first.status} as before", got=got)
    differs = contrast(first, meaning_of(question, Answer(again, again.response)))
    if differs:
        raise Breach(f"{when}, {differs[0]}", want=differs[1], got=differs[2])


def _asked_before_and_after(case: Case) -> bool:
    return _is_read_only(case) or _asked_again(case)


@requires("geode.safe.read-only", when=_asked_before_and_after, scope=Scope.CASE, late=True)
def test_reading_writes_nothing(evidence: Evidence) -> None:
    """Reading creates no key, changes none and removes none: what is asked before and after is answered alike."""
    if evidence.strays:
        got = visible(evidence.strays[0][1])
        raise Breach("a key came into being that nobody wrote", want="the keys of the case", got=got)
    if not _is_read_only(evidence.case):
        _expect_answered_again(evidence)
        return
    seen: dict[str, tuple[Question, Meaning]] = {}
    judged, doubts = False, Doubts()
    for question, meaning in _meanings(evidence, doubts):
        before = seen.setdefault(question.target, (question, meaning))
        if before[1] is not meaning:
            judged = True
            differs = contrast(before[1], meaning)
            if differs:
                raise Breach(f"after it was read, {differs[0]}", want=differs[1], got=differs[2])
    _expect_held_unchanged(evidence)
    doubts.settle()
    if not judged:
        raise FaultElsewhere("no question was answered twice")


def _expect_answered_again(evidence: Evidence) -> None:
    """Raises what keeps one question from showing that it changed nothing: what answers vary in is another matter."""
    question = questions(evidence)[0]
    first = meaning_of(question, evidence.answer(question.label))
    try:
        _expect_alike(question, first, evidence.exchange("again"), "asked again")
        if evidence.late is not None:
            _expect_alike(question, first, evidence.exchange(evidence.late), "asked at the end of the run")
    except Breach as breach:
        raise FaultElsewhere(breach.message) from None


@requires("geode.safe.isolated", when=tagged("isolated"), scope=Scope.CASE)
def test_an_answer_is_its_own(evidence: Evidence) -> None:
    """No answer carries another's data: alone, on a shared connection, or at one time it is the same."""
    doubts = Doubts()
    answered = list(_meanings(evidence, doubts))
    alone = {question.target: meaning for question, meaning in answered if question.label.startswith(_ALONE)}
    # Hundreds of questions on one connection are few different ones.
    others = {(question.target, question.region, question.keys): question for question in questions(evidence)}
    left = tuple(others.values())
    for question, meaning in answered:
        answer = evidence.answer(question.label)
        if answer.excess:
            want = "nothing behind an answer"
            raise Breach(f"bytes follow the answer to '{question.label}'", want=want, got=visible(answer.excess, 60))
        _expect_own_data(question, meaning)
        _expect_no_other_case_named(evidence, question, answer)
        for other in left:
            _expect_other_keys_unnamed(question, answer, other)
        expect_no_header_of_others(evidence, question, answer, left)
        expect_no_values_of_others(evidence, question, answer, left)
        if question.target in alone and not question.label.startswith(_ALONE):
            differs = contrast(alone[question.target], meaning)
            if differs:
                raise Breach(
                    f"'{question.label}' is not answered as alone: {differs[0]}", want=differs[1], got=differs[2]
                )
    _expect_like_statuses(answered)
    _expect_nothing_left_behind(evidence)
    doubts.settle()
    if not answered:
        raise FaultElsewhere("nothing was answered")
    evidence.expect_at_once()


def _expect_like_statuses(answered: list[tuple[Question, Meaning]]) -> None:
    """Raises Breach when of two questions alike but for their keys one is answered rightly and the other is not.

    They differ in nothing but what was asked before them, whose answer it then is.
    """
    right = {_kind(question): question for question, meaning in answered if meaning.status in question.statuses}
    for question, meaning in answered:
        if meaning.status not in question.statuses and _kind(question) in right:
            want = f"the status of '{right[_kind(question)].label}': {question.statuses[0]}"
            message = f"'{question.label}' is not answered as another question of its kind"
            raise Breach(message, want=want, got=f"status {meaning.status}", exchange=question.label)


def _expect_nothing_left_behind(evidence: Evidence) -> None:
    """Raises Breach when bytes follow an answer that is not judged itself: on the connection they come before the next.

    A client that keeps its connections reads them as the beginning of the next answer. On one that is closed, and said
    to be, there is no next.
    """
    left = unjudged(evidence)
    for index, exchange in enumerate(evidence.exchanges):
        label = exchange.label
        if label in left and exchange.response is not None:
            excess = Answer(exchange, exchange.response).excess
            if excess and _may_be_asked_again(exchange, exchange.response, evidence.exchanges[index + 1 :]):
                message = f"bytes follow the answer to '{label}', before that to the next on the connection"
                raise Breach(message, want="nothing behind an answer", got=visible(excess, 60), exchange=label)


def _may_be_asked_again(exchange: Exchange, response: Response, later: Sequence[Exchange]) -> bool:
    """Whether the connection carried another question, or was said to carry one."""
    carried = any(other.connection == exchange.connection for other in later)
    return carried or keeps_alive(response.http_version, tuple(response.headers))


def _kind(question: Question) -> tuple[str, str, str]:
    return question.outcome, question.region, question.target.partition("?")[2]


def _meanings(evidence: Evidence, doubts: Doubts) -> Iterator[tuple[Question, Meaning]]:
    """The questions that were answered, whatever the answer, in order; `doubts` keeps why one cannot be judged."""
    for question in questions(evidence):
        meaning: Meaning | None = None
        with doubts.kept():
            try:
                meaning = meaning_of(question, evidence.answer(question.label))
            except NotApplicable:
                continue
        if meaning is not None:
            yield question, meaning


def _expect_held_unchanged(evidence: Evidence) -> None:
    """Raises Breach when the places can be read by another way, and hold something else than before."""
    if evidence.before is None or evidence.after is None:
        return
    for (place, key), held in evidence.before.held.items():
        now = evidence.after.held.get((place, key))
        if now is not None and now.value != held.value:
            want = visible(held.value) if held.value is not None else "nothing"
            got = visible(now.value) if now.value is not None else "nothing"
            raise Breach(f"after it was read, {visible(key, 60)} has changed", want=want, got=got, exchange="")


def _expect_own_data(question: Question, meaning: Meaning) -> None:
    """Raises Breach when an element is, or holds a member of, what was stored under another key or elsewhere."""
    if meaning.values is None:
        return
    for other in question.unrequested:
        if any(equal(element, other) for element in meaning.values.elements):
            want = "only values of " + ", ".join(visible(key, 60) for key in question.distinct[:5])
            raise Breach("a value that was not asked for came back", want=want, got=shown(other))
    for element in meaning.values.paired() if meaning.values.settled else ():
        if not isinstance(element.got, dict):
            continue
        own = element.want if isinstance(element.want, dict) else {}
        others = [question.want(key) for key in question.distinct]
        for name, member in element.got.items():
            if name not in own and _has_member([*others, *question.unrequested], name, member):
                want = f"{visible(element.key, 60)}: {shown(element.want)}"
                raise Breach(
                    "an element holds a member of another value", want=want, got=f"{shown(name)}: {shown(member)}"
                )


def _has_member(holders: list[Value], name: str, member: Value) -> bool:
    return any(isinstance(one, dict) and name in one and equal(one[name], member) for one in holders)


def _expect_no_other_case_named(evidence: Evidence, question: Question, answer: Answer) -> None:
    """Raises Breach when an error speaks of a key that only another case of the run asks for."""
    if answer.status == 200 or evidence.own is None:
        return
    other = evidence.own.other_in(str(ErrorText(answer, question)))
    if other is not None:
        want = "nothing of any other request"
        raise Breach("keys of another case are named", want=want, got=visible(answer.body))


def _expect_other_keys_unnamed(question: Question, answer: Answer, other: Question) -> None:
    """Raises Breach when the error, or Content-Location, is the one that another question should have got."""
    foreign = [key for key in other.distinct if key not in question.keys]
    if not foreign and other.region == question.region:
        return
    if not orders(answer, question) and orders(answer, other):
        got = visible(answer.values(HEADER)[0])
        raise Breach("Content-Location is that of another answer", want=visible(question.target), got=got)
    if answer.status == 200:
        return
    words = [*((key,) for key in foreign), *spellings(question).values()]
    named = ErrorText(answer, question, address=False).named(words)
    accused = [key for key in foreign if key in named]
    if accused:
        want = "not " + ", ".join(visible(key, 60) for key in accused[:5])
        raise Breach("keys of another question are named", want=want, got=visible(answer.body))
