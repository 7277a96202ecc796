"""junit.xml: the run for CI systems, as schemas/kvgate/junit.xsd describes it.

A failed check is a `<failure>`, one without a verdict an `<error>`, a waived or not applicable one is `<skipped>` with
its reason. A warning and an observation are passed tests that carry their verdict as a property and say it in
`<system-out>`: JUnit has no word for them. What ends a run short of a verdict is a test of its own, `kvgate.run`, so
that a file with nothing red in it is never that of a run which was not green.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

from kvgate.exits import Exit
from kvgate.plural import many
from kvgate.report.counts import case_of, interfaces, tally
from kvgate.report.excerpt import asked_lines
from kvgate.report.model import CaseRecord, CheckRecord, Run
from kvgate.report.plain import shown
from kvgate.report.words import EXIT_WORDS, FEW, VERDICT_WORDS, exit_line, moment, recheck_words
from kvgate.requirement import Requirement
from kvgate.verdict.model import Verdict

_SAID_ALOUD = (Verdict.WARN, Verdict.OBSERVED)


def render_junit(run: Run) -> str:
    """The run as JUnit XML."""
    return "".join(junit_pieces(run))


def junit_pieces(run: Run) -> Iterator[str]:
    """The run as JUnit XML in pieces, characters that XML 1.0 does not have replaced by escapes that name them.

    A test at a time is a tree of elements: that of a whole run takes more memory than anything else of a report.
    """
    requirements = {(row.interface, row.id): row for row in run.requirements}
    suites = [
        (_suite(run, interface, records), records)
        for interface in interfaces(run)
        if (records := tuple(record for record in run.checks if record.finding.interface == interface))
    ]
    itself = _run_itself(run) if _needs_saying(run) else None
    root = ET.Element("testsuites", name="kvgate")
    for name in ("tests", "failures", "errors", "skipped"):
        counted = [suite for suite, _ in suites] + ([] if itself is None else [itself])
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in counted)))
    root.set("time", f"{run.seconds:.3f}")
    root.set("timestamp", moment(run.began))
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield ET.tostring(root, encoding="unicode").removesuffix(" />") + ">"
    for suite, records in suites:
        yield _indented(suite, 1).removesuffix("\n </testsuite>")
        for record in records:
            requirement = requirements.get((record.finding.interface, record.finding.requirement))
            yield _indented(_testcase(run, record, requirement), 2)
        yield "\n </testsuite>"
    if itself is not None:
        yield _indented(itself, 1)
    yield "\n</testsuites>\n"


def _indented(element: ET.Element, depth: int) -> str:
    ET.indent(element, " ", depth)
    return "\n" + " " * depth + ET.tostring(element, encoding="unicode")


def _needs_saying(run: Run) -> bool:
    if run.exit is Exit.NOT_CONFORMING:
        # A waiver that no longer applies breaks the gate without any check failing.
        return not any(record.finding.verdict is Verdict.FAIL for record in run.checks)
    return run.exit is not Exit.CONFORMING


def _suite(run: Run, name: str, records: Sequence[CheckRecord]) -> ET.Element:
    """A suite without its tests."""
    counted = tally(records)
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(records)),
        failures=str(counted[Verdict.FAIL]),
        errors=str(counted[Verdict.NO_VERDICT]),
        skipped=str(counted[Verdict.WAIVED] + counted[Verdict.NOT_APPLICABLE]),
        time=f"{sum(record.seconds for record in records):.3f}",
        timestamp=moment(run.began),
    )
    said = [("tested", run.tested), ("exit", exit_line(run.exit)), ("mark", run.mark), ("kvgate", run.version)]
    said += [("reason", reason) for reason in run.reasons] + [("note", note) for note in run.notes]
    _properties(suite, said)
    return suite


def _testcase(run: Run, record: CheckRecord, requirement: Requirement | None) -> ET.Element:
    finding = record.finding
    file, _, name = record.test_id.partition("::")
    test = ET.Element(
        "testcase",
        classname=shown(finding.requirement),
        name=shown(_named(name or record.test_id, finding.case)),
        file=shown(file),
        time=f"{record.seconds:.3f}",
    )
    said = [
        ("requirement", finding.requirement),
        ("case", finding.case),
        ("level", finding.level.value),
        ("verdict", finding.verdict.value),
    ]
    if requirement is not None:
        said.append(("clause", f"{requirement.page} L{requirement.lines}"))
    if record.recheck is not None:
        said.append(("recheck", recheck_words(record.recheck)))
    _properties(test, said)
    message = shown(finding.told or VERDICT_WORDS[finding.verdict])
    if finding.verdict is Verdict.FAIL:
        failure = ET.SubElement(test, "failure", type=finding.level.value, message=message)
        failure.text = _story(run, record, requirement)
    elif finding.verdict is Verdict.NO_VERDICT:
        ET.SubElement(test, "error", type="no-verdict", message=message)
    elif finding.verdict is Verdict.WAIVED:
        skipped = ET.SubElement(test, "skipped", type="waived", message=f"waived: {shown(record.waiver or '')}")
        skipped.text = _story(run, record, requirement)
    elif finding.verdict is Verdict.NOT_APPLICABLE:
        ET.SubElement(test, "skipped", type="not-applicable", message=f"not applicable: {message}")
    elif finding.verdict in _SAID_ALOUD and (finding.message or finding.verdict is Verdict.WARN):
        said_aloud = f"{VERDICT_WORDS[finding.verdict].upper()}: {message}\n{_story(run, record, requirement)}"
        ET.SubElement(test, "system-out").text = said_aloud
    return test


def _named(name: str, case: str) -> str:
    """The test's name, with the case where it does not name it: one test judges all generated cases."""
    return name if f":{case}]" in name else f"{name} {case}"


def _story(run: Run, record: CheckRecord, requirement: Requirement | None) -> str:
    """What a person needs to understand a finding, and the curl line that asks again."""
    finding = record.finding
    lines = [f"want: {shown(finding.want)}"] if finding.want else []
    lines += [f"got:  {shown(finding.got)}"] if finding.got else []
    lines += [f"asked again: {recheck_words(record.recheck)}"] if record.recheck is not None else []
    if requirement is not None:
        rulings = f" ({', '.join(requirement.rulings)})" if requirement.rulings else ""
        clause = f"{requirement.page} L{requirement.lines}{rulings}"
        lines.append(f"{requirement.id}, {clause}: {shown(requirement.statement)}")
    case = case_of(run, record)
    if case is not None:
        lines.append(f"case {shown(case.name)}: {shown(case.why)}")
        about = _about(case, finding.exchange)
        lines += [f"held: {shown(line)}" for line in about.held]
        lines += [f"paste: {shown(line)}" for line in case.toml.splitlines()]
        lines += [f"ask:  {shown(line)}" for line in asked_lines(about)]
        rest = len(case.exchanges) - len(about.exchanges)
        lines += [f"{many(rest, 'other exchange')} of this case: see report.json"] if rest else []
    return "\n".join(lines)


def _about(case: CaseRecord, label: str) -> CaseRecord:
    """The case with the exchange of this label, those that ask the same, and what their keys held.

    All of a case of few questions, and where it is not known which exchange a finding is about.
    """
    shows = next((exchange for exchange in case.exchanges if exchange.label == label), None)
    if shows is None or len(case.exchanges) <= FEW:
        return case
    same = tuple(each for each in case.exchanges if each.request.alone == shows.request.alone)
    held = tuple(line for line in case.held if line.partition(":")[0].rpartition(" ")[2] in shows.request.target)
    return replace(case, exchanges=same, held=held)


def _run_itself(run: Run) -> ET.Element:
    """A suite of one test that says what the exit status says."""
    failed = run.exit is Exit.NOT_CONFORMING
    suite = ET.Element(
        "testsuite",
        name="kvgate",
        tests="1",
        failures="1" if failed else "0",
        errors="0" if failed else "1",
        skipped="0",
        time="0.000",
        timestamp=moment(run.began),
    )
    _properties(suite, [("tested", run.tested), ("exit", exit_line(run.exit))])
    test = ET.SubElement(suite, "testcase", classname="kvgate", name="run", time="0.000")
    word = EXIT_WORDS[run.exit]
    message = "; ".join(map(shown, run.reasons)) or exit_line(run.exit)
    ET.SubElement(test, "failure" if failed else "error", type=word.replace(" ", "-"), message=message)
    return suite


def _properties(parent: ET.Element, said: Iterable[tuple[str, str]]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in said:
        ET.SubElement(properties, "property", name=name, value=shown(value))
