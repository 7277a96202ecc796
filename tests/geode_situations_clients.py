"""Situations in which faults of Geode show by the client, by what it asked before, and by sizes met exactly."""

from __future__ import annotations

import json

from geode_situation import ABC, BAD, ITEMS, Situation, asked

_NAMED = "User-Agent: tests"
_MANY = {f"k{number:03}": "{}" for number in range(250)}


def by(*headers: str, path: str = "orders/a,b") -> Situation:
    return Situation((path,), ABC, ITEMS, headers=headers)


def of_length(length: int) -> Situation:
    """Two documents whose answer has so many bytes."""
    stored = {"a": '{"t":""}', "b": "{}"}
    plain = len('{"orders":[' + ",".join(stored.values()) + "]}")
    return asked("orders/a,b", orders={**stored, "a": json.dumps({"t": "a" * (length - plain)}, separators=(",", ":"))})


def on_one(*lines: str) -> Situation:
    return Situation(orders=ABC, items=ITEMS, on_one=lines)


CLIENTS: dict[str, tuple[Situation, str]] = {
    # Kinds of clients
    "no-accept": (by(_NAMED), "client-without-accept-refused"),
    "no-user-agent": (by("Accept: */*"), "client-without-name-refused"),
    "type-without-body": (by("Accept: */*", _NAMED, "Content-Type: application/json"), "client-with-type-refused"),
    "type-without-body-missing": (
        by("Accept: */*", _NAMED, "Content-Type: application/json", path="orders/a,x"),
        "client-with-type-told-in-html",
    ),
    "length-of-nothing": (by("Accept: */*", _NAMED, "Content-Length: 0"), "client-with-length-refused"),
    "weights": (by("Accept: text/html, */*;q=0.8", _NAMED), "client-with-weights-refused"),
    "any-application": (by("Accept: application/*", _NAMED), "client-of-any-application-refused"),
    "origin": (by("Accept: */*", _NAMED, "Origin: http://localhost:3000"), "client-of-another-origin-refused"),
    "small-letters": (by("accept: */*", "user-agent: tests"), "client-with-small-letters-refused"),
    # What was asked before
    "unknown-region-after-values": (asked("orders/a,b", "absent/a,b"), "no-region-with-body-of-before"),
    "wrong-parameter-after-values": (asked("orders/a,b", f"orders/c,a{BAD}"), "bad-parameter-with-body-of-before"),
    "missing-after-values": (
        asked("orders/a,b", "orders/c,x"),
        "error-with-data-of-before error-with-value-of-before error-text-with-value-of-before",
    ),
    "located-after-another": (on_one("orders/a,b", "orders/c,a"), "location-of-before-too location-grows"),
    "behind-a-head": (
        on_one("HEAD orders/a,b", "orders/a,b"),
        "head-with-body head-leaves-no-body head-kept-for-the-next",
    ),
    "behind-options": (on_one("OPTIONS orders/a,b", "orders/a,b"), "options-kept-for-the-next"),
    "behind-one-key": (on_one("orders/a", "orders/a,b"), "one-key-leaves-its-form"),
    "behind-the-region": (on_one("orders?limit=1", "orders/a,b"), "region-leaves-its-limit"),
    "keys-listed-after": (asked("orders/a,b", "orders/keys"), "reading-leaves-keys-of-its-own"),
    "numbers-listed-after": (
        asked("orders/7,12", "orders/keys", orders={"7": "{}", "12": "{}"}),
        "reading-leaves-keys-of-numbers",
    ),
    "parts-listed-after": (
        asked("orders/a.b,c", "orders/keys", orders={"a.b": "{}", "c": "{}"}),
        "reading-leaves-parts-of-keys",
    ),
    "empty-region-listed-after": (asked("orders/a,b", "empty/keys"), "reading-leaves-keys-in-empty-region"),
    # Errors that are said to be packed
    "missing-plainly": (asked("orders/a,x"), "missing-error-said-to-be-packed"),
    "wrong-parameter-plainly": (asked(f"orders/a,b{BAD}"), "bad-parameter-said-to-be-packed"),
    "unknown-region-plainly": (asked("absent/a,b"), "no-region-said-to-be-packed"),
    # Names
    "missing-in-capitals-too": (asked("orders/a,x,X"), "names-without-case"),
    "first-member-error": (
        asked("orders/a,b", orders={"a": '{"error":1}', "b": '{"x":1}'}),
        "value-that-begins-like-an-error",
    ),
    # Sizes and spellings
    "two-hundred-and-fifty-found": (asked(f"orders/{','.join(_MANY)}", orders=_MANY), "values-beyond-200-null"),
    "body-of-512": (of_length(512), "body-of-512-not-flushed"),
    "body-of-32768": (of_length(32768), "body-of-32768-not-flushed"),
    "two-spellings": (asked("orders/a,%61,b"), "spellings-located-once spellings-counted"),
}
