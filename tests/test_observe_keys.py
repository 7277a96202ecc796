"""Which keys a run observes: named, of a file, of a sample; and one clear line for what is none of these."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from kvgate.errors import InputError
from kvgate.observe.sample import spread
from kvgate.target import Options, load_target
from kvgate.target.model import Observing
from kvgate.target.observing import LONGEST_KEY, MOST_KEYS, spell

URLS = {("get2", "url"): "http://ha:1", ("get2", "nodes"): "http://n1:1,http://n2:1"}


def read(**options: object) -> Observing | None:
    return load_target(Options(interface=URLS, **options), {}).observe  # type: ignore[arg-type]  # as typed


def from_file(folder: Path, run: str) -> Observing | None:
    file = folder / "target.toml"
    file.write_text(f'[get2]\nurl = "http://ha:1"\nnodes = ["http://n1:1", "http://n2:1"]\n[run]\n{run}\n')
    return load_target(Options(target=str(file)), {}).observe


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("user-1_2.3~", "user-1_2.3~"),
        ("user:17", "user%3A17"),
        ("a b/c+d&e=f", "a%20b%2Fc%2Bd%26e%3Df"),
        ("é", "%C3%A9"),
        ("a%41%2f%00%FF", "a%41%2f%00%FF"),
        ("{m}", "%7Bm%7D"),
        (" ", "%20"),
    ],
)
def test_a_key_is_spelled_for_a_url(typed: str, spelled: str) -> None:
    assert spell(typed, "here") == spelled


@pytest.mark.parametrize("bad", ["", "50%", "%4", "%zz", "a%", "\ud800", "x" * (LONGEST_KEY + 1), "é" * 400])
def test_a_key_that_cannot_be_spelled_is_one_line(bad: str) -> None:
    with pytest.raises(InputError, match=r"^here: [^\n]+$"):
        spell(bad, "here")


def test_keys_by_option_and_file(tmp_path: Path) -> None:
    (tmp_path / "keys.txt").write_bytes("\ufeffa b\r\n\n  \nc%20d\né\na b".encode())
    want = ("one", "a%20b", "c%20d", "%C3%A9")
    assert read(observe=f"@{tmp_path / 'keys.txt'}", observe_key=("one", "one")) == Observing(want, False, 100)
    # In the file a path is relative to it.
    assert from_file(tmp_path, 'observe = "@keys.txt"\nobserve_key = "one"') == Observing(want, False, 100)
    assert from_file(tmp_path, 'observe_key = ["a", "b"]\nkeep = true\nmark = "kvmark"') == Observing(
        ("a", "b"), False, 100
    )
    assert read() is None


def test_a_sample(tmp_path: Path) -> None:
    assert read(observe="sample") == Observing((), True, 100)
    assert read(observe="sample", observe_count="7", observe_seed="0") == Observing((), True, 7, 0)
    assert from_file(tmp_path, 'observe = "sample"\nobserve_count = 1000\nobserve_seed = 5') == Observing(
        (), True, 1000, 5
    )


MANY = b"\n".join(b"%d" % number for number in range(MOST_KEYS + 1))
NO_EFFECT = "without effect with --kv-observe, which writes nothing"
WRONG: list[tuple[dict[str, object], str]] = [
    ({"observe": "smaple"}, "observe: expected sample or @FILE, got 'smaple' (did you mean 'sample'?)"),
    ({"observe": ""}, "observe is given but empty: an unset variable?"),
    ({"observe_key": ("",)}, "observe-key is given but empty: an unset variable?"),
    (
        {"observe_key": ("50%",)},
        "observe-key: a % that is not followed by two hexadecimal digits: write a percent sign as %25",
    ),
    (
        {"observe": "sample", "observe_count": "0"},
        "observe-count: expected how many keys to sample: a whole number from 1 to 1000, got 0",
    ),
    (
        {"observe": "sample", "observe_seed": "x"},
        'observe-seed: expected a whole number from 0 to 4294967295, got "x"',
    ),
    (
        {"observe_count": "5"},
        'observe-count: without effect: add observe = "sample" to [run] or --kv-observe=sample',
    ),
    (
        {"observe_key": ("a",), "observe_seed": "5"},
        'observe-seed: without effect: only a sample (observe = "sample") has it',
    ),
    ({"observe": "sample", "keep": True}, f"keep: {NO_EFFECT}"),
    ({"observe": "sample", "mark": "kvmark"}, f"mark: {NO_EFFECT}"),
]


@pytest.mark.parametrize(("options", "line"), WRONG)
def test_what_is_wrong_is_one_line(options: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as raised:
        read(**options)
    assert str(raised.value) == f"--kv-{line}"


def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    keys = tmp_path / "keys.txt"
    for text, line in (
        (b"\n \n", f"--kv-observe: {keys}: no key in this file: one key a line is expected"),
        (b"a\n\xff\n", f"{keys}:2: not UTF-8: write such a byte of a key as %XX"),
        (b"a\nb%\n", f"{keys}:2: a % that is not followed by two hexadecimal digits: write a percent sign as %25"),
        (MANY, "1001 keys are to be observed: at most 1000 in one run"),
    ):
        keys.write_bytes(text)
        with pytest.raises(InputError) as raised:
            read(observe=f"@{keys}")
        assert str(raised.value) == line
    for name, why in (("no.txt", "No such file or directory"), ("", "Is a directory")):
        with pytest.raises(InputError, match=f"^--kv-observe: .*: cannot read this file of keys: {why}$"):
            read(observe=f"@{tmp_path / name}")
    with pytest.raises(InputError, match=r"\(a file is named @"):
        read(observe=str(keys))


def test_the_embedded_reference_has_nothing_to_observe() -> None:
    with pytest.raises(
        InputError, match=r"^--kv-observe: there is no URL: the embedded reference holds nothing to observe$"
    ):
        load_target(Options(observe="sample"), {})


# The sample


LISTED = {"rare": ("r1", "r2"), "half": tuple(f"h{n}" for n in range(30)), "many": tuple(f"m{n}" for n in range(5000))}


def test_the_same_seed_chooses_the_same_and_another_others() -> None:
    assert spread(LISTED, 50, 7) == spread(LISTED, 50, 7)
    assert spread(LISTED, 50, 7) != spread(LISTED, 50, 8)
    assert spread(LISTED, 9, 7) == ("r1", "r2", *spread(LISTED, 9, 7)[2:])


def test_a_sample_has_what_is_rare_and_as_many_as_asked_for() -> None:
    for count in (1, 2, 3, 10, 50, 1000):
        chosen = spread(LISTED, count, 3)
        assert len(chosen) == len(set(chosen)) == count
    chosen = spread(LISTED, 50, 3)
    assert {"r1", "r2"} <= set(chosen)
    assert sum(key.startswith("h") for key in chosen) in (23, 24)


def test_a_sample_is_spread_over_the_listing() -> None:
    places = sorted(int(key[1:]) for key in spread(LISTED, 100, 3) if key.startswith("m"))
    assert places[0] < 200
    assert places[-1] > 4800
    assert max(later - earlier for earlier, later in itertools.pairwise(places)) < 300


def test_what_is_less_than_asked_for_is_taken_whole() -> None:
    assert sorted(spread({"a": ("1", "2"), "b": (), "c": ("3",)}, 100, 1)) == ["1", "2", "3"]
    assert spread({}, 5, 1) == ()
    # One key of two regions is one key.
    assert spread({"a": ("1",), "b": ("1",)}, 5, 1) == ("1",)
