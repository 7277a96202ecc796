"""Which two nodes hold a key: the bucket table of a HustDB HA.

Source: the specification's account of a real cluster: 1024 buckets, h = h*31 + byte over the key *as it stands in the
URL*, 64-bit unsigned. An item of the table names a range of buckets and its two masters, in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvgate.errors import InputError

BUCKETS = 1024
FEWEST_NODES, MOST_NODES = 2, 64


@dataclass(frozen=True, slots=True)
class Range:
    """Buckets `start` to `end` (exclusive) belong to the nodes with these indexes, `master1` first."""

    start: int
    end: int
    master1: int
    master2: int


Table = tuple[Range, ...]


def bucket_of(key_as_sent: str) -> int:
    """The bucket of a key, given as latin-1 text exactly as it stands in the URL."""
    hashed = 0
    for byte in key_as_sent.encode("latin-1"):
        hashed = (hashed * 31 + byte) & 0xFFFF_FFFF_FFFF_FFFF
    return hashed % BUCKETS


def even_table(nodes: int, *, swapped: bool = False) -> Table:
    """As many ranges of like size as nodes, range i on node i and the next one; `swapped`: master2 first.

    Two nodes give what a real cluster was seen to have: one order in the lower half, the other in the upper.
    """
    check_node_count(nodes)
    edges = [BUCKETS * index // nodes for index in range(nodes + 1)]
    table = []
    for index in range(nodes):
        masters = (index, (index + 1) % nodes)
        master1, master2 = reversed(masters) if swapped else masters
        table.append(Range(edges[index], edges[index + 1], master1, master2))
    return tuple(table)


def check_node_count(nodes: int) -> None:
    """Raise InputError unless `nodes` is a number of nodes that a cluster can have."""
    if not FEWEST_NODES <= nodes <= MOST_NODES:
        raise InputError(f"a cluster has {FEWEST_NODES} to {MOST_NODES} nodes, not {nodes}")


def check_table(table: Sequence[Range], nodes: int) -> Table:
    """`table` sorted by bucket. Raises InputError when it leaves a bucket out or names a node that is not there."""
    ordered = tuple(sorted(table, key=lambda item: item.start))
    edge = 0
    for item in ordered:
        if item.start != edge or item.end <= item.start:
            raise InputError(f"bucket table: [{item.start}, {item.end}) does not follow on bucket {edge}")
        if item.master1 == item.master2 or not {item.master1, item.master2} <= set(range(nodes)):
            raise InputError(f"bucket table: [{item.start}, {item.end}) needs two different nodes out of {nodes}")
        edge = item.end
    if edge != BUCKETS:
        raise InputError(f"bucket table: it ends at bucket {edge}, not {BUCKETS}")
    return ordered
