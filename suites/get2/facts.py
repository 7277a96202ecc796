"""What the checks of get2 ask of a case and of an answer, in the words of the page.

`expect` of a case is one of four: {status, versions, offset} for a key that both masters hold, {missing} for one that a
master lacks, {no_key} for a request without `key`, {statuses} (key -> status) where several questions are asked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kvgate.case import Case, Holding
from kvgate.schema import Problem, members_named, violations
from kvgate.verdict import Answer, Breach, Evidence, FaultElsewhere, NotApplicable, Unjudged
from kvgate.verdict.answer import decimal
from kvgate.wire.exchange import Exchange, Fault, FaultKind, Response
from kvgate.wire.text import visible

OUTCOMES = (200, 409)
VERSION_HEADERS = ("Version", "Version1", "Version2")
_VERSIONS = frozenset(name.lower() for name in VERSION_HEADERS)
SHOWN = 60


# Which cases a check is for.


def both_hold_the_key(case: Case) -> bool:
    """Whether both masters hold the key asked for, so that one of the four outcomes of the page is due."""
    return "status" in case.expect


def values_match(case: Case) -> bool:
    """Return value 1 or 2 is due."""
    return bool(case.expect.get("status") == 200)


def values_differ(case: Case) -> bool:
    """Return value 3 or 4 is due."""
    return bool(case.expect.get("status") == 409)


def versions_match(case: Case) -> bool:
    """Return value 1 or 3 is due."""
    return bool(case.expect.get("versions") == "same")


def versions_differ(case: Case) -> bool:
    """Return value 2 or 4 is due."""
    return bool(case.expect.get("versions") == "pair")


def a_master_lacks_the_key(case: Case) -> bool:
    """Whether one master or both do not hold the key asked for."""
    return "missing" in case.expect


def no_key_is_sent(case: Case) -> bool:
    """Whether the request has no parameter `key`."""
    return bool(case.expect.get("no_key"))


def several_are_asked(case: Case) -> bool:
    """Whether the case asks several questions, alone and then sharing a connection or at the same time."""
    return "statuses" in case.expect


def one_is_asked(case: Case) -> bool:
    """Whether the case asks one question."""
    return not several_are_asked(case) and len(case.asks) == 1


def an_outcome_is_due(case: Case) -> bool:
    """Whether an answer of the case may be one of the page's four: its own, or one beside it."""
    return both_hold_the_key(case) or len(case.asks) > 1


def labels_due(case: Case, status: int) -> tuple[str, ...]:
    """The labels of the questions whose answer has to have this status."""
    if several_are_asked(case):
        due = case.expect["statuses"]
        return tuple(ask.label for ask in case.asks if ask.judged and due.get(ask.fields["key"]) == status)
    return ("first",) if case.expect.get("status") == status else ()


# What the masters hold.


@dataclass(frozen=True, slots=True)
class Masters:
    """The values and versions that master1 and master2 hold for the key asked for. A version None was not seen."""

    value1: bytes
    version1: int | None
    value2: bytes
    version2: int | None

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that are known."""
        return tuple(version for version in (self.version1, self.version2) if version is not None)


def masters_of(evidence: Evidence) -> Masters:
    """What was read from the masters, or else what the case put there, under the case's key."""
    first, second = evidence.held("master1"), evidence.held("master2")
    if first.value is None or second.value is None:
        raise NotApplicable("a master does not hold the key")
    return Masters(first.value, first.version, second.value, second.version)


def decoys(case: Case) -> tuple[Holding, ...]:
    """What the case stores under keys that a wrong reading of its own key would find."""
    return tuple(holding for holding in case.holdings if holding.key != case.key)


# What an answer says.


def outcome(answer: Answer) -> int:
    """The status, when it is one of the page's; any other is the business of the status requirement."""
    if answer.status not in OUTCOMES:
        raise FaultElsewhere(f"status {answer.status} is none of the page's outcomes")
    return answer.status


def is_no_decoy(case: Case, answer: Answer, misread: str) -> None:
    """Raises Breach where the key was not found, or the body holds what a wrong reading of the request finds."""
    if answer.status not in OUTCOMES:
        raise Breach(f"status {answer.status}: the key was not found", want="200 or 409", got=str(answer.status))
    body = body_of(answer)
    for decoy in decoys(case):
        if decoy.value in body:
            got = visible(body, SHOWN, answer.response.body_length)
            raise Breach(
                f"{misread}: the body holds what is stored there", want="the values of the key asked for", got=got
            )


def body_of(answer: Answer) -> bytes:
    """The body, where it is known from its first byte to its last."""
    fault = answer.exchange.fault
    if answer.exchange.request.method == "HEAD":
        raise NotApplicable("an answer to HEAD has no body")
    if fault is not None and fault.kind is FaultKind.FRAMING:
        raise FaultElsewhere(f"where the body ends is not known: {fault.message}")
    body = answer.body
    if answer.excess:
        raise FaultElsewhere("the body goes on after its announced end")
    return body


def has_number(answer: Answer, name: str, want: int | None, whose: str) -> None:
    """Raises Breach when a header says another number than `want`; how it is written is for other requirements."""
    if want is None:
        raise NotApplicable(f"{whose} is not known")
    for value in answer.values(name):
        if value.isdigit() and decimal(value) != want:
            raise Breach(f"{name} is not {whose}", want=f"{name}: {want}", got=f"{name}: {visible(value, SHOWN)}")


def are_numbers(answer: Answer, *names: str) -> None:
    """Raises NotApplicable when a header's value is not decimal digits, so that no number can be read from it."""
    for name in names:
        for value in answer.values(name):
            if not value.isdigit():
                raise FaultElsewhere(f"{name} is not a number: {visible(value, SHOWN)}")


def conforms(requirement: str, answer: Answer, case: Case) -> None:
    """Raises Breach when the headers violate what their outcome's schema says under this requirement.

    Where the case does not say whether the versions match, the answer's own word is taken for it.
    """
    said = "same" if answer.has("Version") else "pair"
    name = f"get2/headers-{outcome(answer)}-{case.expect.get('versions', said)}.json"
    for problem in violations(name, answer.headers(members_named(name)), requirement):
        lacking = problem.message.removeprefix("missing: ").split(", ") if _is_lack(problem) else []
        names = lacking or [str(step) for step in problem.path[:1]] or list(_VERSIONS)
        said = problem.message.split(", got ")[0].removeprefix("expected ")
        want = " and ".join(map(_as_on_the_page, lacking)) or said
        got = _sent(answer, _VERSIONS if _VERSIONS & set(names) else set(names))
        raise Breach(f"{want} expected, {got} sent", want=want, got=got)


def _is_lack(problem: Problem) -> bool:
    return problem.message.startswith("missing: ")


def _as_on_the_page(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _sent(answer: Answer, names: Collection[str]) -> str:
    wanted = {name.encode("latin-1") for name in names}
    lines = [header for header in answer.response.headers if header.name.lower() in wanted]
    return "; ".join(f"{visible(header.name)}: {visible(header.value, SHOWN)}" for header in lines) or "none"


def is_answered(exchange: Exchange, want: str) -> Response:
    """The answer. Raises Breach where there is none, or where it breaks off; the size limit of the run does not count.

    That no key is found, or asked for, is to be answered too: by whatever status, but not by a reset or by silence.
    """
    response, fault = exchange.response, exchange.fault
    if response is None:
        said = fault.message if fault else "nothing came"
        raise Breach(f"no answer: {said}", want=want, got=str(fault.kind) if fault else "nothing")
    if fault is not None and fault.kind not in (FaultKind.FRAMING, FaultKind.TOO_LARGE):
        raise _broken(fault, want)
    return response


def _broken(fault: Fault, want: str) -> Breach:
    return Breach(f"the answer is broken: {fault.message}", want=f"a whole answer with {want}", got=fault.kind)


def has_status(exchange: Exchange, want: int, case: Case) -> None:
    """Raises Breach unless a whole answer with this status came.

    Raises Unjudged for one that ends with the size limit of the run where more than is stored had not come till then.
    """
    status, fault = exchange.response and exchange.response.status, exchange.fault
    if status not in (want, None):
        raise Breach(f"status {status} instead of {want}", want=str(want), got=str(status))
    response = is_answered(exchange, f"status {want}")
    if fault is not None and fault.kind is FaultKind.TOO_LARGE:
        most = sum(len(held.value) for held in case.holdings)
        # What the body of an error says, and how long it is, is the server's own matter.
        if want not in (200, 409) or response.body_length <= most:
            raise Unjudged(f"the answer is beyond what is read: {fault.message} (limits.max_bytes)")
        raise _broken(fault, f"status {want}")


def is_value(got: bytes, want: bytes, what: str, received: int | None = None) -> None:
    """Raises Breach, saying where they part, unless the two are the same bytes.

    `received` is how many bytes came, where `got` may be no more than their beginning. Raises Unjudged where these are
    as many as are wanted, and what was kept of them is right.
    """
    length = len(got) if received is None else received
    if got == want and length == len(want):
        return
    if is_beginning(got, length, want):
        raise Unjudged(f"the body is beyond what is kept: {length} bytes")
    at = next((index for index, (a, b) in enumerate(zip(got, want, strict=False)) if a != b), min(len(got), len(want)))
    size = _size(length) + ("" if length == len(want) else f" instead of {len(want)}")
    raise Breach(
        f"the body is not {what}: {size}, different from byte {at + 1} on",
        want=_around(want, at, len(want)),
        got=_around(got, at, length),
    )


def is_beginning(kept: bytes, received: int, value: bytes) -> bool:
    """Whether a body that was kept in part only may be this value: as long, and the same as far as it was kept."""
    return len(kept) < received == len(value) and value.startswith(kept)


def _around(data: bytes, at: int, length: int) -> str:
    start = max(0, at - SHOWN // 2)
    cut = visible(data[start : start + SHOWN]) or "nothing"
    return f"{'...' if start else ''}{cut}{'...' if start + SHOWN < length else ''} ({_size(length)})"


def _size(count: int) -> str:
    return "1 byte" if count == 1 else f"{count} bytes"
