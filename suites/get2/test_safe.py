"""GET is safe: it changes nothing, and no answer depends on what was asked before or beside it (L5)."""

from __future__ import annotations

from collections.abc import Set
from urllib.parse import unquote

from kvgate.case import Ask, Case
from kvgate.interface import load_interface
from kvgate.verdict import (
    Answer,
    Breach,
    Doubts,
    Evidence,
    FaultElsewhere,
    Held,
    NotApplicable,
    Scope,
    Unjudged,
    requires,
)
from kvgate.verdict.answer import shown_all
from kvgate.wire.exchange import Exchange, FaultKind, Response
from kvgate.wire.text import visible

from .facts import OUTCOMES, SHOWN, is_value, labels_due, one_is_asked, several_are_asked

_MIXED_UP = frozenset({FaultKind.GARBAGE, FaultKind.FRAMING})
# Bytes of a value that nobody writes into the page of an error by chance: `one` may be the name of a server.
TELLING = 12


def _any(case: Case) -> bool:  # noqa: ARG001  # every case may show that something was written
    return True


@requires("get2.safe.repeatable", when=one_is_asked, scope=Scope.CASE, late=True)
def test_asked_again_the_answer_is_the_same(evidence: Evidence) -> None:
    """The same question asked again gets the same answer: status, facts in the headers, body."""
    first, again = evidence.answer("first"), evidence.exchange("again")
    if not first.whole:
        raise FaultElsewhere("the first answer did not arrive whole")
    _is_same_answer(first, again, "asked again")
    if evidence.late is not None:
        _is_same_answer(first, evidence.exchange(evidence.late), "asked at the end of the run")


@requires("get2.safe.read-only", when=_any, scope=Scope.CASE, late=True)
def test_reading_changes_nothing_on_either_master(evidence: Evidence, case: Case) -> None:
    """Reading changes neither value nor version on either master, and brings no key into being."""
    if evidence.strays:
        raise Breach(
            "a key came into being that nobody wrote", want="the keys of the case", got=visible(evidence.strays[0][1])
        )
    if evidence.before is None:
        raise NotApplicable(evidence.after_trouble or "what the masters hold cannot be read")
    if evidence.after is None:
        if evidence.after_trouble:
            raise Unjudged(evidence.after_trouble)
        raise NotApplicable("what the masters hold afterwards cannot be read")
    seen = [pair for pair in case.keys if pair in evidence.before.held and pair in evidence.after.held]
    if not seen:
        raise NotApplicable("what the masters hold cannot be read")
    for where, key in seen:
        before, after = evidence.before.held[where, key], evidence.after.held[where, key]
        if before != after:
            # The key itself is left out: it is another one in every run, and a waiver has to know this again.
            whose = "the key asked for" if key == case.key else "another key"
            raise Breach(f"{where} changed what it holds for {whose}", want=_shown(before), got=_shown(after))


def _some_are_asked_in_company(case: Case) -> bool:
    return several_are_asked(case) and any(map(_in_company, case.asks))


@requires("get2.safe.isolated", when=_some_are_asked_in_company, scope=Scope.CASE)
def test_answers_are_the_same_alone_and_in_company(evidence: Evidence, case: Case) -> None:
    """An answer that shares a connection, or is made beside others, is the one that its question gets alone."""
    judged = {label for status in (*OUTCOMES, 404) for label in labels_due(case, status)}  # by their status
    compared, doubts = 0, Doubts()
    for ask in (ask for ask in case.asks if ask.judged):
        with doubts.kept():
            compared += _is_as_alone(evidence, case, ask, judged)
    doubts.settle()
    if not compared:
        raise FaultElsewhere("no question was answered both alone and in company")
    evidence.expect_at_once()


def _is_as_alone(evidence: Evidence, case: Case, ask: Ask, judged: Set[str]) -> bool:
    """Whether the question was answered alone too, and what came for it could be compared. Raises Breach."""
    _nothing_follows(evidence.exchange(ask.label), ask.label)
    _has_no_header_of_others(evidence, ask)
    _speaks_of_no_other_case(evidence, ask.label)
    alone = _asked_alone(case, ask)
    if alone is None:
        return False
    first, second = evidence.exchange(alone.label), evidence.exchange(ask.label)
    if first.response is None or first.fault is not None:
        return False
    if second.fault is not None and second.fault.kind in _MIXED_UP:
        raise Breach(f"{ask.label}: {second.fault.message}", want="the answer the question gets alone", got="a mix")
    if ask.label not in judged and second.fault is not None:
        raise Breach(f"{ask.label}: {second.fault.message}", want="an answer as alone", got=second.fault.kind)
    if second.response is None or second.fault is not None:
        return False
    _is_same_answer(Answer(first, first.response), second, ask.label)
    _holds_nothing_of_others(case, first.response.body, second.response, ask.label)
    return True


def _in_company(ask: Ask) -> bool:
    return bool(ask.connection or ask.together)


def _asked_alone(case: Case, ask: Ask) -> Ask | None:
    """The same question asked on a connection of its own."""
    if not _in_company(ask):
        return None
    return next(other for other in case.asks if not _in_company(other) and _request(other) == _request(ask))


def _request(ask: Ask) -> tuple[object, ...]:
    return ask.method, ask.target, ask.headers, ask.without, ask.body


def _nothing_follows(exchange: Exchange, label: str) -> None:
    """Raises Breach where bytes follow an answer: on a shared connection they are the beginning of the next one."""
    excess = b"" if exchange.response is None else Answer(exchange, exchange.response).excess
    if excess:
        got = visible(excess, SHOWN)
        raise Breach(f"{label}: bytes follow the answer: {got}", want="nothing behind an answer", got=got)


def _has_no_header_of_others(evidence: Evidence, ask: Ask) -> None:
    """Raises Breach where a header holds the key of another question of the case, and that is no part of its own."""
    response, own = evidence.exchange(ask.label).response, evidence.own
    if response is None or own is None:
        return
    asked = f"{ask.target} {unquote(ask.target)}".lower()
    keys = {str(other.fields.get("key")) for other in evidence.case.asks}
    foreign = [key.encode() for key in keys if own.word in key and key.lower() not in asked]
    for header in response.headers:
        if any(key in header.value for key in foreign):
            got = f"{visible(header.name)}: {visible(header.value, SHOWN)}"
            raise Breach(f"{ask.label}: a header holds the key of another question", want="nothing of it", got=got)


def _speaks_of_no_other_case(evidence: Evidence, label: str) -> None:
    """Raises Breach where an error holds a key that only another case of the run asks for."""
    response = evidence.exchange(label).response
    if response is None or response.status in OUTCOMES or evidence.own is None:
        return
    if evidence.own.other_in(response.body.decode("latin-1")) is not None:
        want = "nothing of any other request"
        raise Breach(f"{label}: the body holds a key of another case", want=want, got=visible(response.body))


def _holds_nothing_of_others(case: Case, alone: bytes, shared: Response, label: str) -> None:
    """Raises Breach where an answer holds a value that it has not alone. The text of an error is free to be another."""
    for holding in case.holdings:
        if len(holding.value) >= TELLING and holding.value in shared.body and holding.value not in alone:
            raise Breach(
                f"{label}: the body holds a value of another key",
                want=visible(alone, SHOWN) or "an empty body",
                got=visible(shared.body, SHOWN),
            )


def _is_same_answer(first: Answer, second: Exchange, when: str) -> None:
    """Raises Breach when status, fact headers or body differ.

    What a 404 has in its body may differ every time, and so may what it says that this is.
    """
    if second.response is None:
        said = second.fault.message if second.fault else "nothing came"
        raise Breach(f"{when}: no answer: {said}", want=f"status {first.status}", got="no answer")
    other = Answer(second, second.response)
    if other.status != first.status:
        raise Breach(f"{when}: another status", want=str(first.status), got=str(other.status))
    for name in load_interface("get2").fact_headers:
        if _meant(other, name) != _meant(first, name):
            want, got = shown_all(name, first.values(name)), shown_all(name, other.values(name))
            raise Breach(f"{when}: another {name}", want=want or f"no {name}", got=got or f"no {name}")
    if second.request.method == "HEAD":
        return
    # How long the body of an error is, is the server's own matter.
    if not other.whole and (first.status in OUTCOMES or not _is_too_large(second)):
        got = second.fault.message if second.fault else ""
        raise Breach(f"{when}: the body did not arrive whole", want="a whole answer", got=got)
    if first.status in OUTCOMES:
        if first.response.body_length > len(first.body):
            raise Unjudged(f"the body is beyond what is kept: {first.response.body_length} bytes")
        is_value(other.response.body, first.response.body, f"what it was ({when})", other.response.body_length)


def _is_too_large(exchange: Exchange) -> bool:
    return exchange.fault is not None and exchange.fault.kind is FaultKind.TOO_LARGE


def _meant(answer: Answer, name: str) -> tuple[bytes, ...]:
    """The values of a header; of a media type without its parameters, which need not be sent each time.

    The version 0 of a key that is not there says no more than no version (E8), the type of an error's body nothing.
    """
    values = answer.values(name)
    if name == "version" and answer.status == 404 and values == (b"0",):
        return ()
    if name == "content-type" and answer.status not in OUTCOMES:
        return ()
    if name != "content-type":
        return values
    return tuple(value.partition(b";")[0].strip().lower() for value in values)


def _shown(held: Held) -> str:
    if held.value is None:
        return "nothing"
    version = "" if held.version is None else f", version {held.version}"
    return f"{visible(held.value, SHOWN)}{version}"
