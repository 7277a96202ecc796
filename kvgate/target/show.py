"""Shows a target in reports, its secrets left out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kvgate.target.model import Part, Target
from kvgate.wire.client import Credentials

_HIDDEN = "(hidden)"


def redacted(target: Target) -> dict[str, Any]:
    """The target as JSON. Of credentials the header and the scheme are left, of nothing else anything is hidden."""
    return {
        "embedded": target.embedded,
        "source": str(target.source) if target.source else None,
        "parts": [_part(part) for part in target.parts],
        "tls": asdict(target.tls),
        "limits": asdict(target.limits),
        "concurrency": target.concurrency,
        "mark": target.mark,
        "strict": target.strict,
        "keep": target.keep,
        "level": target.level.value,
        "requirements": list(target.requirements),
        "cases": list(target.cases),
        "time_limit": target.time_limit,
        "report_dir": str(target.report_dir),
        "waivers": str(target.waivers) if target.waivers else None,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "interface": part.interface,
        "url": part.url,
        "profile": part.profile,
        "seeding": part.seeding,
        "settings": {key: list(value) if isinstance(value, tuple) else value for key, value in part.settings.items()},
        "credentials": {whom: _kind(credentials) for whom, credentials in part.credentials.items()},
    }


def _kind(credentials: Credentials) -> str:
    scheme = credentials.value.partition(" ")[0] if credentials.header == "Authorization" else ""
    return f"{credentials.header}: {scheme + ' ' if scheme in ('Basic', 'Bearer') else ''}{_HIDDEN}"
