"""How the checks of a run are shared among xdist's workers: a matter of node ids, and a scheduler with fake nodes."""

from __future__ import annotations

from typing import Any

import pytest

from kvgate.plugin.share import CaseScheduling, group_of, share_of, shares

IDS = [
    f"suites/get2/test_{module}.py::test_x[get2.{module}:{case}]"
    for module in ("body", "status", "offset")
    for case in ("control", "a:b", "c")
] + ["suites/geode/test_body.py::test_x[geode.body:control]", "tests/test_other.py::test_y"]


def test_the_group_is_interface_and_case() -> None:
    assert group_of(IDS[0]) == "get2/control"
    assert group_of(IDS[1]) == "get2/a:b"
    assert group_of(IDS[-2]) == "geode/control"
    assert group_of(IDS[-1]) == IDS[-1]
    assert group_of("C:\\suites\\get2\\test_x.py::test[get2.a:b]") == "get2/b"


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_each_check_is_shared_once_and_each_case_goes_to_one_worker(workers: int) -> None:
    divided = shares(IDS, workers)
    assert sorted(index for share in divided for index in share) == list(range(len(IDS)))
    homes = {group_of(IDS[index]): set() for index in range(len(IDS))}  # type: dict[str, set[int]]
    for worker, share in enumerate(divided):
        assert share == sorted(share)
        for index in share:
            homes[group_of(IDS[index])].add(worker)
    assert all(len(home) == 1 for home in homes.values())


@pytest.mark.parametrize(("workers", "total"), [(1, 8), (2, 8), (3, 8), (4, 3), (2, 1)])
def test_the_shares_of_requests_add_up_to_the_total(workers: int, total: int) -> None:
    each = [share_of(IDS, f"gw{number}", workers, total) for number in range(workers)]
    assert sum(concurrency for indexes, concurrency in each if indexes) == total
    assert sorted(index for indexes, _ in each for index in indexes) == list(range(len(IDS)))
    assert share_of(IDS, f"gw{workers}", workers, total) == ([], 1)


class FakeNode:
    def __init__(self, name: str) -> None:
        self.gateway = self
        self.id = name
        self.sent: list[int] = []
        self.shutting_down = False

    def send_runtest_some(self, indexes: list[int]) -> None:
        assert not self.shutting_down
        self.sent.extend(indexes)

    def shutdown(self) -> None:
        self.shutting_down = True


class FakeConfig:
    def getoption(self, name: str) -> list[str]:
        assert name == "tx"
        return ["popen", "popen"]


def started() -> tuple[CaseScheduling, list[FakeNode]]:
    config: Any = FakeConfig()
    scheduling, nodes = CaseScheduling(config, 2), [FakeNode("gw0"), FakeNode("gw1")]
    for node in nodes:
        scheduling.add_node(node)
        assert not scheduling.collection_is_completed
        scheduling.add_node_collection(node, IDS)
    scheduling.schedule()
    return scheduling, nodes


def test_all_is_handed_out_at_once_and_a_worker_goes_after_its_last() -> None:
    scheduling, nodes = started()
    assert [node.sent for node in nodes] == shares(IDS, 2)
    for node in nodes:
        assert not node.shutting_down
        for index in list(node.sent):
            assert scheduling.has_pending
            scheduling.mark_test_complete(node, index)
        assert node.shutting_down
    assert scheduling.tests_finished
    assert not scheduling.has_pending


def test_what_a_dead_worker_left_goes_to_the_others() -> None:
    scheduling, (one, two) = started()
    mine = list(one.sent)
    scheduling.mark_test_complete(one, mine[0])
    assert scheduling.remove_node(one) == IDS[mine[1]]
    assert two.sent[-len(mine[2:]) :] == mine[2:]
    for index in list(two.sent):
        scheduling.mark_test_complete(two, index)
    assert scheduling.tests_finished


def test_a_worker_that_comes_later_takes_what_is_left() -> None:
    scheduling, (one, two) = started()
    two.shutting_down = True
    left = list(one.sent)[1:]
    scheduling.remove_node(one)
    late = FakeNode("gw2")
    scheduling.add_node(late)
    scheduling.add_node_collection(late, IDS)
    scheduling.schedule()
    assert late.sent == left


def test_workers_that_collect_different_checks_are_a_bug() -> None:
    config: Any = FakeConfig()
    scheduling, nodes = CaseScheduling(config, 2), [FakeNode("gw0"), FakeNode("gw1")]
    for node, ids in zip(nodes, (IDS, IDS[1:]), strict=True):
        scheduling.add_node(node)
        scheduling.add_node_collection(node, ids)
    with pytest.raises(RuntimeError, match="different checks"):
        scheduling.schedule()
