"""Data of somebody's own on the reference servers, and what a run that observes said of it."""

from __future__ import annotations

from collections.abc import Mapping

from gate_parts import Ran

from kvgate.reference.embedded import Embedded
from kvgate.reference.hustdb import Node

# What the two nodes of a cluster hold, by key: (value, version) of the first and of the second.
Kept = Mapping[str, tuple[tuple[bytes, int] | None, tuple[bytes, int] | None]]

FOUR: Kept = {
    "user:1": ((b"agreed", 1), (b"agreed", 1)),
    "user:2": ((b"agreed too", 3), (b"agreed too", 3)),
    "ahead": ((b"same", 4), (b"same", 9)),
    "split": ((b"short", 2), (b"a longer one", 2)),
    "apart": ((b"left", 5), (b"right", 3)),
    "alone-1": ((b"only one has it", 1), None),
    "alone-2": (None, (b"only one has it", 1)),
}
ORDERS = {
    f"order-{number}": f'{{"id": {number}, "lines": [1, {{"price": 2.50}}], "note": null}}' for number in range(6)
}
ITEMS = {"item-1": '{"name": "Ä"}', "item-2": '{"name": ""}', "order-1": '{"id": "of items"}'}


def keep(node: Node, key: str, held: tuple[bytes, int] | None) -> None:
    """Puts a value there, past the interface."""
    if held is not None:
        node.put(key.encode(), held[0], version=held[1], duplicate=True)


def fill(embedded: Embedded, kept: Kept = FOUR) -> None:
    """Puts data on both nodes and into both regions, past the interfaces."""

    def put() -> None:
        for key, held in kept.items():
            for node, its in zip(embedded.nodes, held, strict=False):
                keep(node, key, its)
        if embedded.geode is not None:
            embedded.geode.regions["orders"].update(ORDERS)
            embedded.geode.regions["items"].update(ITEMS)

    embedded.call(put)


def notes(ran: Ran) -> str:
    """All that the run notes, a line each."""
    return "\n".join(ran.report["run"]["notes"])


def verdicts(ran: Ran, requirement: str) -> dict[str, str]:
    """The verdicts of one requirement by case."""
    return {case: verdict for (id_, case), verdict in ran.verdicts.items() if id_ == requirement}
