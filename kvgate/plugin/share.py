"""Sharing a run among xdist's workers: by case, so that each case is seeded and asked by one worker only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

_ID = re.compile(r"([^/\\]+)[/\\][^/\\]*::\w+\[[^:\]]+:(.*)\]$")


def group_of(node_id: str) -> str:
    """`interface/case` of a check's node id; the node id itself for anything else."""
    match = _ID.search(node_id)
    return f"{match.group(1)}/{match.group(2)}" if match else node_id


def shares(node_ids: Sequence[str], workers: int) -> list[list[int]]:
    """The indexes of the items for each of `workers` workers, whole cases in turn, items in order."""
    turn: dict[str, int] = {}
    divided: list[list[int]] = [[] for _ in range(workers)]
    for index, node_id in enumerate(node_ids):
        group = group_of(node_id)
        worker = turn.setdefault(group, len(turn) % workers)
        divided[worker].append(index)
    return divided


def share_of(node_ids: Sequence[str], worker: str, workers: int, concurrency: int) -> tuple[list[int], int]:
    """The indexes of one worker's items, and how many requests it may have under way of `concurrency` in all.

    `worker` is its name (gw0, gw1, ...). One that has come for a dead worker has no share of its own.
    """
    number, count = _number(worker), min(workers, concurrency)
    if number >= count:
        return [], 1
    return shares(node_ids, count)[number], concurrency // count + (1 if number < concurrency % count else 0)


class CaseScheduling:
    """A scheduler of pytest-xdist that gives each worker its cases at once, and a dead worker's to the others.

    `workers` is how many share the run: with fewer requests at a time than workers, not all of them do.
    Follows `xdist.scheduler.protocol.Scheduling`.
    """

    def __init__(self, config: pytest.Config, workers: int) -> None:
        self.config = config
        self.collection: list[str] | None = None
        self._workers = workers
        self._expected = len(config.getoption("tx") or [])
        self._collections: dict[Any, list[str]] = {}
        self._pending: dict[Any, list[int]] = {}
        self._orphans: list[int] = []

    @property
    def nodes(self) -> list[Any]:
        """The workers there are."""
        return list(self._pending)

    @property
    def collection_is_completed(self) -> bool:
        """Whether every worker has told what it collected."""
        return len(self._collections) >= self._expected

    @property
    def tests_finished(self) -> bool:
        """Whether nothing is left to hand out and each worker has at most its last item to run."""
        return self.collection_is_completed and not self._orphans and all(len(p) < 2 for p in self._pending.values())

    @property
    def has_pending(self) -> bool:
        """Whether any item is still to be run."""
        return bool(self._orphans) or any(self._pending.values())

    def add_node(self, node: Any) -> None:
        """A worker has come."""
        self._pending[node] = []

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """A worker tells what it collected; all must have collected the same."""
        if self.collection is not None and list(collection) != self.collection:
            raise RuntimeError(f"worker {node.gateway.id} collected other checks than the others did")
        self._collections[node] = list(collection)

    def mark_test_complete(self, node: Any, item_index: int, duration: float = 0) -> None:  # noqa: ARG002
        """An item has been run."""
        self._pending[node].remove(item_index)
        self._hand_out_orphans()
        self._let_go()

    def mark_test_pending(self, item: str) -> None:
        """An item has to be run again."""
        if self.collection is not None:
            self._orphans.insert(0, self.collection.index(item))
            self._hand_out_orphans()

    def remove_pending_tests_from_node(self, node: Any, indices: Sequence[int]) -> None:
        """A worker will not run these."""
        self._pending[node] = [index for index in self._pending[node] if index not in set(indices)]

    def remove_node(self, node: Any) -> str | None:
        """A worker has gone; the item that it died of, if it died of one. The rest of its share goes to the others."""
        left = self._pending.pop(node)
        if not left or self.collection is None:
            return None
        self._orphans.extend(left[1:])
        self._hand_out_orphans()
        return self.collection[left[0]]

    def schedule(self) -> None:
        """Hands out the shares; later calls hand out what a dead worker left."""
        if self.collection is not None:
            self._hand_out_orphans()
            self._let_go()
            return
        collections = list(self._collections.values())
        if any(each != collections[0] for each in collections):
            raise RuntimeError("the workers collected different checks")
        self.collection = collections[0]
        ordered = sorted(self._pending, key=lambda node: _number(node.gateway.id))
        for node, share in zip(ordered, shares(self.collection, self._workers), strict=False):
            self._give(node, share)
        self._let_go()

    def _hand_out_orphans(self) -> None:
        open_nodes = [node for node in self._pending if not node.shutting_down]
        if self._orphans and open_nodes:
            given, self._orphans = self._orphans, []
            self._give(min(open_nodes, key=lambda node: len(self._pending[node])), given)

    def _give(self, node: Any, indices: list[int]) -> None:
        if indices:
            self._pending[node].extend(indices)
            node.send_runtest_some(indices)

    def _let_go(self) -> None:
        """A worker runs its last item only once it knows that no other follows."""
        for node, pending in self._pending.items():
            if len(pending) < 2 and not self._orphans and not node.shutting_down:
                node.shutdown()


def _number(worker: str) -> int:
    digits = re.sub(r"\D", "", worker)
    return int(digits) if digits else 0
