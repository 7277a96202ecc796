"""What `python -m mutants` changes, how it runs a change, and what it makes of survivors."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from kvgate.errors import InputError
from mutants.applying import Loaded
from mutants.applying import load as load_file
from mutants.explained import Explanation, complaints, load_explanations
from mutants.fork import Fork
from mutants.making import Mutant, Source
from mutants.operators import changes
from mutants.outcome import Fate, Outcome
from mutants.page import markdown, score
from mutants.reach import modules_that_reach
from mutants.store import Digests, Store, digest_of

CODE = '''"""A module."""
import functools
from typing import TypeAlias

from kvgate.wire.text import visible

LIMIT = 3
Names: TypeAlias = "set[str]"
_NAMES = frozenset({"a"})
MOST = LIMIT + 1
TABLE = [lambda number: number > 1]


def over(number: int, by: int = 0) -> bool:
    """Whether it is over."""
    if number > LIMIT + by:
        return True
    return False


@functools.cache
def known(name: str) -> bool:
    return name in _NAMES


def checked(name: str) -> str:
    if not known(name):
        raise ValueError(f"{name} is not known")
    message = "it is known"
    list(zip(name, visible(name, 60), strict=True))
    return message


def counting(most: int):
    def count(number: int) -> bool:
        return number <= most

    return count


at_most_two = counting(2)


def any_of(*names: str):
    return lambda name: name != "b" and name in names


is_any_of = any_of("a", "b")
'''


def texts(source: str) -> set[str]:
    return {ast.unparse(changed) for changed in changes(ast.parse(source, mode="eval").body)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a == b", {"a != b"}),
        ("a < b", {"a <= b", "a >= b"}),
        ("a in b", {"a not in b"}),
        ("a and b", {"a or b", "a", "b"}),
        ("a or b or c", {"a and b and c", "b or c", "a or c", "a or b"}),
        ("not a", {"a"}),
        ("a + b", {"a - b"}),
        ("3", {"4", "2"}),
        ("0", {"1"}),
        ("True", {"False"}),
        ("''", {"'X'"}),
        ("b'x'", {"b'xX'"}),
        ("any(a)", {"all(a)"}),
        ("a.startswith(b)", {"a.endswith(b)"}),
        ("a.strip()", {"a"}),
        ("a if b else c", {"a if not b else c", "a if True else c", "a if False else c"}),
        ("a if b == d else c", {"a if True else c", "a if False else c"}),
        ("name", set()),
    ],
)
def test_what_a_node_becomes(before: str, after: set[str]) -> None:
    assert texts(before) == after


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "thing.py").write_text(CODE)
    return Source(tmp_path, "thing.py")


def named(source: Source, what: str) -> Mutant:
    (found,) = [mutant for mutant in source.mutants() if mutant.name[2] == what]
    return found


def test_wording_annotations_defaults_and_docstrings_are_left_alone(source: Source) -> None:
    changed = {mutant.name[2] for mutant in source.mutants()}
    assert not any("known'" in what.split(" -> ")[1] and "X" in what for what in changed)
    assert not any("strict=False" in what or "6" in what.split(" -> ")[1] for what in changed)
    assert not any("Whether" in what or "A module" in what or "by: int" in what or "set[" in what for what in changed)
    assert "raise ValueError(f'{name} is not known') -> pass" in changed
    assert "if number > LIMIT + by: -> if number >= LIMIT + by:" in changed
    assert "LIMIT = 3 -> LIMIT = 4" in changed
    assert "TABLE = [lambda number: number > 1] -> TABLE = [lambda number: number >= 1]" in changed


def test_making_the_list_leaves_the_source_as_it_was(source: Source) -> None:
    before = ast.unparse(source.tree)
    names = [mutant.name for mutant in source.mutants()]
    assert ast.unparse(source.tree) == before
    assert [mutant.name for mutant in source.mutants()] == names
    assert len(set(names)) == len(names)


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants_thing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants_thing"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("what", "question", "right", "wrong"),
    [
        ("if number > LIMIT + by: -> if number >= LIMIT + by:", "over(3)", False, True),
        ("LIMIT = 3 -> LIMIT = 4", "over(4)", True, False),
        ("LIMIT = 3 -> LIMIT = 4", "MOST", 4, 5),
        ("return name in _NAMES -> return name not in _NAMES", "known('a')", True, False),
        ("_NAMES = frozenset({'a'}) -> _NAMES = frozenset({'aX'})", "known('a')", True, False),
        ("raise ValueError(f'{name} is not known') -> pass", "checked('b')", "ValueError", "it is known"),
        ("return number <= most -> return number < most", "at_most_two(2)", True, False),
        ("return number <= most -> return None", "at_most_two(2)", True, None),
        (
            "return lambda name: name != 'b' and name in names -> return lambda name: name != 'b'",
            "is_any_of('c')", False, True,
        ),
        (
            "TABLE = [lambda number: number > 1] -> TABLE = [lambda number: number >= 1]",
            "before[0](1)", False, True,
        ),
    ],
)  # fmt: skip
def test_a_change_takes_effect_on_whoever_has_the_function(
    source: Source, what: str, question: str, right: object, wrong: object
) -> None:
    module = load(source.full)
    vars(module)["before"] = module.TABLE

    def answer() -> object:
        try:
            return eval(question, vars(module))  # noqa: S307  # a question of the table above
        except ValueError:
            return "ValueError"

    def changed() -> object:
        return [Loaded({"thing.py": source}).apply(named(source, what)), answer()]

    assert answer() == right
    assert Fork(changed).result() == [True, wrong]
    assert answer() == right


def test_a_recording_names_the_blocks_that_are_entered(source: Source) -> None:
    module = load(source.full)

    def entered() -> object:
        seen: list[tuple[str, int]] = []
        Loaded({"thing.py": source}).record(seen.append)
        module.over(9)
        return seen

    inner = next(m for m in source.mutants() if m.name[2] == "return True -> return False")
    outer = next(m for m in source.mutants() if m.name[2] == "return False -> return True")
    assert Fork(entered).result() == [["thing.py", outer.block], ["thing.py", inner.block]]


def test_a_file_that_nothing_has_imported_yet_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mutants_inside").mkdir()
    (tmp_path / "mutants_inside" / "late.py").write_text("def one() -> int:\n    return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    source = Source(tmp_path, "mutants_inside/late.py")

    def changed() -> object:
        load_file(source)
        loaded = Loaded({source.file: source})
        importlib.import_module("mutants_inside.late")
        return [loaded.apply(named(source, "return 1 -> return 2")), sys.modules["mutants_inside.late"].one()]

    assert Fork(changed).result() == [True, 2]


def test_a_cache_is_emptied_for_a_file_that_may_have_had_a_part_in_it(tmp_path: Path) -> None:
    for name, text in {"base": "", "uses": "from . import base", "far": "import inside.uses", "other": ""}.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "late.py").write_text("import importlib\nimportlib.import_module('inside.base')")
    names = {"base", "uses", "far", "other", "late"}

    def reaching() -> object:
        for name in names:
            module = sys.modules[f"inside.{name}"] = ModuleType(name)
            module.__file__ = str(tmp_path / f"{name}.py")
        return sorted(modules_that_reach(tmp_path / "base.py", tmp_path))

    assert Fork(reaching).result() == ["inside.base", "inside.far", "inside.late", "inside.uses"]


def test_a_fork_that_dies_has_no_result_and_says_the_signal() -> None:
    def dies() -> object:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)
        return 1

    fork = Fork(dies)
    assert (fork.result(), fork.signal) == (None, 9)
    assert Fork(lambda: 1 / 0).result() is None


MUTANT = Mutant("thing.py", "over", 9, "a", "b", 0, 1, (), 0)
OTHER = Mutant("thing.py", "over", 10, "a", "b", 1, 1, (), 0)


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor() -> None:
    explained = Explanation("thing.py", "over", "a -> b", "it makes no difference")
    survived, killed = Outcome(MUTANT, Fate.SURVIVED), Outcome(MUTANT, Fate.KILLED, "test")
    again = Outcome(OTHER, Fate.UNREACHED)
    assert list(complaints([survived], [explained], ["thing.py"])) == []
    assert list(complaints([survived, again], [explained], ["thing.py"])) == [
        "no test comes by: thing.py:10 over: a -> b (2)"
    ]
    assert list(complaints([survived], [], ["thing.py"])) == ["survived: thing.py:9 over: a -> b"]
    assert list(complaints([killed], [explained], ["thing.py"])) == [
        "explained, but no survivor: thing.py over: a -> b"
    ]
    assert list(complaints([], [explained], ["other.py"])) == []


def test_an_explanation_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "explained.toml"
    file.write_text('[[survivor]]\nfile = "a.py"\nfunction = ""\nmutation = "a -> b"\nreason = "so"\n')
    with pytest.raises(InputError, match=r"explained\.toml"):
        load_explanations(file)


DIGESTS = Digests("code", {"tests/test_a.py": "a", "tests/test_b.py": "b"})


def test_what_was_found_is_known_while_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    first = Store(path, DIGESTS)
    first.add(Outcome(MUTANT, Fate.KILLED, "tests/test_a.py::test_it[x]", 3))
    first.add(Outcome(OTHER, Fate.UNDECIDED))
    again, changed = Store(path, DIGESTS), Store(path, replace(DIGESTS, code="other"))
    assert again.known(MUTANT) == Outcome(MUTANT, Fate.KILLED, "tests/test_a.py::test_it[x]", 3)
    assert again.known(OTHER) is None
    assert changed.known(MUTANT) is None
    assert changed.killers == {MUTANT.name: "tests/test_a.py::test_it[x]"}


def test_what_a_test_killed_is_known_while_that_test_is_as_it_was_and_what_survived_while_all_are(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results.jsonl"
    first = Store(path, DIGESTS)
    first.add(Outcome(MUTANT, Fate.KILLED, "tests/test_a.py::test_it", 3))
    first.add(Outcome(OTHER, Fate.SURVIVED, "", 3))
    for name, known in (("tests/test_a.py", [False, False]), ("tests/test_b.py", [True, False])):
        store = Store(path, replace(DIGESTS, tests={**DIGESTS.tests, name: "changed"}))
        assert [store.known(mutant) is not None for mutant in (MUTANT, OTHER)] == known
    assert Store(path, DIGESTS).known(OTHER) is not None


def test_what_survived_has_yet_to_survive_the_tests_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    first = Store(path, DIGESTS)
    first.add(Outcome(MUTANT, Fate.KILLED, "tests/test_a.py::test_it", 3))
    first.add(Outcome(OTHER, Fate.SURVIVED, "", 3))
    tests = {"tests/test_b.py": "changed", "tests/test_c.py": "new"}
    store = Store(path, replace(DIGESTS, tests={**DIGESTS.tests, **tests}))
    assert store.changed(OTHER) == frozenset({"tests/test_b.py", "tests/test_c.py"})
    assert store.changed(MUTANT) is None
    assert Store(path, replace(DIGESTS, tests={"tests/test_a.py": "a"})).changed(OTHER) == frozenset()
    assert Store(path, replace(DIGESTS, code="other")).changed(OTHER) is None
    for fate, most in ((Fate.UNDECIDED, 0), (Fate.ENDLESS, 0), (Fate.UNREACHED, 0), (Fate.SURVIVED, 7)):
        Store(path, DIGESTS, most).add(Outcome(OTHER, fate, "", 3))
        assert Store(path, DIGESTS).changed(OTHER) is None


def test_what_an_older_version_kept_names_killers_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    file, function, what = MUTANT.name
    row = {"file": file, "function": function, "what": what, "fate": "survived", "by": "", "tests": 3, "most": 0}
    path.write_text("".join(json.dumps(old) + "\n" for old in (row, {**row, "depends": ["all"]})), encoding="utf-8")
    store = Store(path, DIGESTS)
    assert (store.known(MUTANT), store.changed(MUTANT)) == (None, None)


def test_what_survived_some_of_the_tests_is_tried_by_all(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    for mutant, fate in ((MUTANT, Fate.SURVIVED), (OTHER, Fate.KILLED)):
        Store(path, DIGESTS, 10).add(Outcome(mutant, fate, "tests/test_a.py::test_it", 10))
    for most, known in ((10, True), (0, False), (20, False)):
        store = Store(path, DIGESTS, most)
        assert (store.known(MUTANT) is not None) is known
        assert store.known(OTHER) == Outcome(OTHER, Fate.KILLED, "tests/test_a.py::test_it", 10)
    Store(path, DIGESTS).add(Outcome(MUTANT, Fate.SURVIVED, "", 99))
    assert Store(path, DIGESTS, 10).known(MUTANT) is not None


def test_the_digest_is_of_names_and_contents(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    before = digest_of([one, two], tmp_path)
    assert digest_of([two, one], tmp_path) == before
    two.write_text("c")
    assert digest_of([one, two], tmp_path) != before


def test_the_page_has_the_score_and_the_reasons() -> None:
    outcomes = [Outcome(MUTANT, Fate.KILLED, "t"), Outcome(OTHER, Fate.SURVIVED)]
    assert score(outcomes) == "1 of 2 killed (50.0 %)"
    text = markdown(outcomes, [Explanation("thing.py", "over", "a -> b (2)", "it makes no difference")])
    assert "| `thing.py` | 2 | 1 | 1 |" in text
    assert "it makes no difference" in text
