"""Evidence as lossless JSON, to hand it from one process to another.

Bytes go as base64. A body that stands in the raw bytes as it is (no chunked framing) is not sent twice, only where it
stands. Text is ASCII, so that the result passes any channel.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from kvgate.level import Level
from kvgate.report.model import CaseRecord, CheckRecord
from kvgate.verdict.model import Finding, Verdict
from kvgate.verdict.recheck import Recheck
from kvgate.wire.exchange import Exchange, Fault, FaultKind, HangUp, Request, Response
from kvgate.wire.headers import Header

# Searching the raw bytes for a shorter body costs more than it saves.
_WORTH_FINDING = 512


def case_to_json(record: CaseRecord) -> str:
    """The case with all its exchanges as JSON text; `case_from_json` gives back an equal one."""
    return _text(
        {
            "interface": record.interface,
            "name": record.name,
            "why": record.why,
            "source": record.source,
            "exchanges": [_exchange(exchange) for exchange in record.exchanges],
            "seed": [[origin, _request(request)] for origin, request in record.seed],
            "held": list(record.held),
            "trouble": record.trouble,
            "credentials": dict(record.credentials),
            "toml": record.toml,
        }
    )


def case_from_json(text: str) -> CaseRecord:
    """The case that `case_to_json` wrote."""
    data = json.loads(text)
    return CaseRecord(
        interface=data["interface"],
        name=data["name"],
        why=data["why"],
        source=data["source"],
        exchanges=tuple(_read_exchange(row) for row in data["exchanges"]),
        seed=tuple((origin, _read_request(row)) for origin, row in data["seed"]),
        held=tuple(data["held"]),
        trouble=data["trouble"],
        credentials=data["credentials"],
        toml=data["toml"],
    )


def exchange_to_json(exchange: Exchange) -> str:
    """One exchange as JSON text; `exchange_from_json` gives back an equal one."""
    return _text(_exchange(exchange))


def exchange_from_json(text: str) -> Exchange:
    """The exchange that `exchange_to_json` wrote."""
    return _read_exchange(json.loads(text))


def check_to_json(record: CheckRecord) -> str:
    """One check's record as JSON text; `check_from_json` gives back an equal one."""
    finding = record.finding
    return _text(
        {
            "interface": finding.interface,
            "requirement": finding.requirement,
            "case": finding.case,
            "level": finding.level.value,
            "verdict": finding.verdict.value,
            "message": finding.message,
            "want": finding.want,
            "got": finding.got,
            "exchange": finding.exchange,
            "test_id": record.test_id,
            "meaning": record.meaning,
            "seconds": record.seconds,
            "waiver": record.waiver,
            "recheck": None if record.recheck is None else dataclasses.asdict(record.recheck),
        }
    )


def check_from_json(text: str) -> CheckRecord:
    """The check's record that `check_to_json` wrote."""
    data = json.loads(text)
    finding = Finding(
        interface=data["interface"],
        requirement=data["requirement"],
        case=data["case"],
        level=Level(data["level"]),
        verdict=Verdict(data["verdict"]),
        message=data["message"],
        want=data["want"],
        got=data["got"],
        exchange=data["exchange"],
    )
    recheck = None if data["recheck"] is None else Recheck(**data["recheck"])
    return CheckRecord(finding, data["test_id"], data["meaning"], data["seconds"], data["waiver"], recheck)


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


def _bytes(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _read_bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "target": request.target,
        "headers": [list(header) for header in request.headers],
        "body": _bytes(request.body),
        "pieces": request.pieces,
        "connection": request.connection,
        "together": request.together,
        "hangs_up": request.hangs_up,
        "without": request.without,
    }


def _read_request(data: Mapping[str, Any]) -> Request:
    headers = tuple((name, value) for name, value in data["headers"])
    hangs_up = HangUp(data["hangs_up"]) if data["hangs_up"] else None
    body, ways = _read_bytes(data["body"]), (data["pieces"], data["connection"], data["together"], hangs_up)
    return Request(data["method"], data["target"], headers, body, *ways, tuple(data["without"]))


def _headers(headers: Iterable[Header]) -> list[list[str]]:
    return [[header.name.decode("latin-1"), header.value.decode("latin-1")] for header in headers]


def _read_headers(rows: Iterable[tuple[str, str]]) -> tuple[Header, ...]:
    return tuple(Header(name.encode("latin-1"), value.encode("latin-1")) for name, value in rows)


def _exchange(exchange: Exchange) -> dict[str, Any]:
    fault = exchange.fault
    return {
        "label": exchange.label,
        "origin": exchange.origin,
        "request": _request(exchange.request),
        "response": None if exchange.response is None else _response(exchange.response, exchange.raw),
        "fault": None if fault is None else [fault.kind.value, fault.message],
        "raw": _bytes(exchange.raw),
        "raw_length": exchange.raw_length,
        "began": exchange.began,
        "seconds": exchange.seconds,
        "connection": exchange.connection,
    }


def _read_exchange(data: Mapping[str, Any]) -> Exchange:
    raw = _read_bytes(data["raw"])
    response, fault = data["response"], data["fault"]
    return Exchange(
        label=data["label"],
        origin=data["origin"],
        request=_read_request(data["request"]),
        response=None if response is None else _read_response(response, raw),
        fault=None if fault is None else Fault(FaultKind(fault[0]), fault[1]),
        raw=raw,
        raw_length=data["raw_length"],
        began=data["began"],
        seconds=data["seconds"],
        connection=data["connection"],
    )


def _response(response: Response, raw: bytes) -> dict[str, Any]:
    at = raw.rfind(response.body) if len(response.body) >= _WORTH_FINDING else -1
    return {
        "http_version": response.http_version,
        "status": response.status,
        "reason": response.reason.decode("latin-1"),
        "headers": _headers(response.headers),
        "body": _bytes(response.body) if at < 0 else [at, len(response.body)],
        "body_length": response.body_length,
        "framing": response.framing,
        "excess": _bytes(response.excess),
        "trailers": _headers(response.trailers),
        "informational": [_bytes(head) for head in response.informational],
    }


def _read_response(data: Mapping[str, Any], raw: bytes) -> Response:
    body = data["body"]
    return Response(
        http_version=data["http_version"],
        status=data["status"],
        reason=data["reason"].encode("latin-1"),
        headers=_read_headers(data["headers"]),
        body=_read_bytes(body) if isinstance(body, str) else raw[body[0] : body[0] + body[1]],
        body_length=data["body_length"],
        framing=data["framing"],
        excess=_read_bytes(data["excess"]),
        trailers=_read_headers(data["trailers"]),
        informational=tuple(_read_bytes(head) for head in data["informational"]),
    )
