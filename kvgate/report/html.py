"""report.html: one file for people, without network, readable without script.

What a server sent is never markup: every text goes through `plain.shown` and then Jinja2's escaping, bytes through
`raw`. A content security policy names the digests of the one style sheet and the one script, so that nothing else
would run even so.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from kvgate.plural import many
from kvgate.report.model import Run
from kvgate.report.plain import shown
from kvgate.report.views import page
from kvgate.report.words import VERDICT_WORDS, exit_line, recheck_words

_BRIEF = 48
_TEMPLATES = Path(__file__).parent / "templates"


def render_html(run: Run) -> str:
    """The run as one HTML page."""
    return "".join(html_pieces(run))


def html_pieces(run: Run) -> Iterator[str]:
    """The run as one HTML page, in pieces: all of it at once takes many times its own size in memory."""
    style, script = _source("report.css"), _source("report.js")
    yield from load_template().generate(
        page=page(run),
        style=Markup(style),  # noqa: S704  # our own file
        script=Markup(script),  # noqa: S704  # our own file
        policy=(
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


@functools.cache
def load_template() -> Template:
    """The template of the page, read once for a process."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    environment.filters["word"] = VERDICT_WORDS.__getitem__
    environment.filters["prose"] = _prose
    environment.filters["brief"] = _brief
    environment.globals.update(many=many, exit_line=exit_line, recheck_words=recheck_words)
    return environment.get_template("report.html.j2")


def _safe(value: object) -> object:
    """Every text that is not markup already, on one line and without what steers or hides."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _prose(text: str) -> Markup:
    """A text of ours, with what stands between backticks in the type of code."""
    pieces = shown(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(shown(text))
    marked = (Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces))
    return Markup("").join(marked)


def _brief(text: str) -> str:
    """The beginning of a line, where the whole of it stands close by."""
    return text if len(text) <= _BRIEF else text[: _BRIEF - 1] + "…"


@functools.cache
def _source(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
