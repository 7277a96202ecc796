"""Which requirement covers which line of a specification's page: the catalogue's word, held against every line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kvgate.requirement import load_requirements, load_rulings
from kvgate.tomlfile import read_toml
from proof.section import Section, Table

PAGES = Path(__file__).parent / "pages"
_SCHEMA = "kvgate/pages.schema.json"


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of a page that belong together. `says` what stands there, in our words, since the pages are not ours.

    `demanded_at` are lines whose requirements demand this too, `silent` says why it demands nothing; at most one of
    the two is given, and one has to be where no requirement cites the lines themselves.
    """

    lines: tuple[int, ...]
    says: str
    demanded_at: tuple[int, ...] = ()
    silent: str = ""

    @property
    def named(self) -> str:
        """The lines as they are cited: "69" or "50-51"."""
        first, last = self.lines[0], self.lines[-1]
        return str(first) if first == last else f"{first}-{last}"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a specification. `demands` are the requirements, `rulings` the rulings, by the lines they cite."""

    name: str
    last_line: int
    passages: tuple[Passage, ...]
    demands: Mapping[int, tuple[str, ...]]
    rulings: Mapping[int, tuple[str, ...]]


def paged() -> tuple[str, ...]:
    """The interfaces whose page is covered line by line, in alphabetical order."""
    return tuple(sorted(path.stem for path in PAGES.glob("*.toml")))


def cited(text: str) -> tuple[int, ...]:
    """The lines that a citation names: "49/61, 50-51" is 49, 50, 51 and 61. None for "-"."""
    found: set[int] = set()
    for part in text.replace("/", ",").split(","):
        first, _, last = part.strip().partition("-")
        if first:
            found.update(range(int(first), int(last or first) + 1))
    return tuple(sorted(found))


def load_page(interface: str, path: Path | None = None) -> Page:
    """The page of an interface with what the catalogue cites of it. Raises InputError for a faulty file."""
    data = read_toml(path or PAGES / f"{interface}.toml", _SCHEMA)
    passages = tuple(
        Passage(cited(row["lines"]), row["says"], cited(row.get("demanded_at", "")), row.get("silent", ""))
        for row in data["passage"]
    )
    return Page(
        data["page"],
        data["last_line"],
        passages,
        _by_line((each.id, each.lines) for each in load_requirements(interface).values()),
        _by_line((each.id, each.lines) for each in load_rulings(interface).values()),
    )


def gaps(page: Page) -> Iterator[str]:
    """What is wrong with the coverage of a page, one line each; nothing when every line is accounted for."""
    told = [line for passage in page.passages for line in passage.lines]
    for line in range(1, page.last_line + 1):
        if told.count(line) != 1:
            yield f"{page.name}: line {line} stands in {told.count(line)} passages, not in one"
    for line in sorted({*told, *page.demands, *page.rulings} - set(range(1, page.last_line + 1))):
        yield f"{page.name}: there is no line {line}"
    for passage in page.passages:
        where = f"{page.name}: lines {passage.named} ({passage.says})"
        known = _of(page.demands, passage.lines)
        if known and passage.silent:
            yield f"{where} are cited by {', '.join(known)}, and are said to demand nothing"
        if not known and not passage.silent and not passage.demanded_at:
            yield f"{where}: no requirement cites them, and no reason is given"
        for line in passage.demanded_at:
            if line not in page.demands:
                yield f"{where} are said to be demanded at line {line}, and no requirement cites that"


def coverage_section(interface: str) -> Section:
    """The chapter on the page of an interface."""
    page = load_page(interface)
    rows = tuple((passage.named, passage.says, *_covered(page, passage)) for passage in page.passages)
    silent = sum(len(passage.lines) for passage in page.passages if passage.silent)
    uncited = [each for each in load_requirements(interface).values() if not cited(each.lines)]
    return Section(
        f"The page of {interface}, line by line",
        "Every line of the specification's page: the requirements that demand what it says, the rulings on it, or why "
        "it demands nothing. What stands there is told in a few words of ours.",
        (
            ("lines", page.last_line),
            ("demanded", page.last_line - silent),
            ("demand nothing", silent),
            ("left out", len(list(gaps(page)))),
        ),
        (Table("", ("lines", "what stands there", "demanded by", "rulings"), rows, code=()),),
        (*gaps(page), *(f"{each.id} cites no line of the page" for each in uncited)),
    )


def _covered(page: Page, passage: Passage) -> tuple[str, str]:
    """The cells that say by what a passage is covered."""
    rulings = ", ".join(_of(page.rulings, passage.lines)) or "–"
    if passage.silent:
        return f"nothing: {passage.silent}", rulings
    return ", ".join(_of(page.demands, (*passage.lines, *passage.demanded_at))), rulings


def _of(cites: Mapping[int, tuple[str, ...]], lines: Collection[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for line in lines for name in cites.get(line, ())))


def _by_line(cites: Iterator[tuple[str, str]]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for name, text in cites:
        for line in cited(text):
            found[line] = (*found.get(line, ()), name)
    return found
