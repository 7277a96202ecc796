"""Shows a target in reports, its secrets left out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from kvgate.target.model import Part, Target
from kvgate.wire.client import Credentials, Tls

_HIDDEN = "(hidden)"


def redacted(target: Target) -> dict[str, Any]:
    """The target as JSON, in the form of a target file, with every default written out.

    Of credentials only the header and the scheme are left; `embedded` and `file` (the target file, or None) are added.
    """
    return {
        "embedded": target.embedded,
        "file": str(target.source) if target.source else None,
        **{part.interface: _part(part) for part in target.parts},
        "tls": _tls(target.tls),
        "limits": {
            "connect": target.limits.connect,
            "read": target.limits.read,
            "total": target.limits.total,
            "max_bytes": target.limits.max_bytes,
        },
        "run": {
            "strict": target.strict,
            "report_dir": str(target.report_dir),
            "time_limit": target.time_limit,
            "level": target.level.lower(),
            "requirement": list(target.requirements),
            "case": list(target.cases),
            "keep": target.keep,
            "waivers": str(target.waivers) if target.waivers else None,
            "mark": target.mark,
            "concurrency": target.concurrency,
            "recheck": target.recheck,
            **_observing(target),
            "explore": target.explore,
            "explore_seed": target.explore_seed,
        },
    }


def _observing(target: Target) -> dict[str, Any]:
    given = target.observe
    if given is None:
        return {}
    sample = {"observe": "sample", "observe_count": given.count, "observe_seed": given.seed} if given.sample else {}
    return {**sample, "observe_key": list(given.keys)}


def tested_line(target: Target, judged: Collection[str]) -> str:
    """What is tested, in one line: the first of every summary.

    `judged` are the interfaces of which a check was judged, none before that is known: any other was not tested, and
    the line says so.
    """
    if target.embedded:
        return "embedded reference: no server of yours was tested"
    how = ", data that was there" if target.observe is not None else ""
    parts = [part for part in target.parts if part.interface in judged] or target.parts
    lines = [f"{part.interface} at {part.url} (profile {part.profile}{how})" for part in parts]
    lines += [f"of {part.interface} nothing was tested" for part in target.parts if part not in parts]
    return "; ".join(lines)


def _part(part: Part) -> dict[str, Any]:
    settings = {key: list(value) if isinstance(value, tuple) else value for key, value in part.settings.items()}
    auth = {
        "auth" if whom == "interface" else f"{whom}_auth": _kind(credentials)
        for whom, credentials in part.credentials.items()
    }
    return {"url": part.url, "profile": part.profile, "seeding": part.seeding, **settings, **auth}


def _tls(tls: Tls) -> dict[str, Any]:
    files = {"ca": tls.ca_file, "cert": tls.cert_file, "key": tls.key_file}
    return {**files, "verify": "none" if tls.insecure else "full"}


def _kind(credentials: Credentials) -> str:
    scheme = credentials.value.partition(" ")[0] if credentials.header == "Authorization" else ""
    return f"{credentials.header}: {scheme + ' ' if scheme in ('Basic', 'Bearer') else ''}{_HIDDEN}"
