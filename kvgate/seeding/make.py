"""Chooses the way of seeding that a target asks for."""

from __future__ import annotations

import threading

from kvgate.errors import InputError
from kvgate.interface import load_interface
from kvgate.schema import nearest
from kvgate.seeding.clients import Clients, node_urls
from kvgate.seeding.model import Seeder
from kvgate.seeding.nodes import NodesSeeder
from kvgate.seeding.preloaded import PreloadedSeeder
from kvgate.seeding.rest import RestSeeder
from kvgate.target.model import Part
from kvgate.wire.client import Credentials, Limits, Tls


def make_seeder(
    part: Part, *, tls: Tls, limits: Limits, cancel: threading.Event | None = None, concurrency: int = 8
) -> Seeder:
    """The seeder of a part of the target; it owns its connections, so `close` it. Nothing is asked yet.

    At most `concurrency` of its requests are under way at a time. Raises InputError for a way that there is not.
    """
    clients = Clients([part], tls=tls, limits=limits, cancel=cancel, concurrency=concurrency)
    if part.seeding == "nodes":
        return NodesSeeder(part, clients)
    if part.seeding == "rest":
        return RestSeeder(part, clients)
    if part.seeding == "preloaded":
        if _through_the_interface(part):
            return PreloadedSeeder(RestSeeder(part, clients))
        return PreloadedSeeder(NodesSeeder(part, clients), reads=bool(node_urls(part)))
    raise InputError(f"seeding: unknown way '{part.seeding}'{nearest(part.seeding, ('nodes', 'rest', 'preloaded'))}")


def seeding_credentials(part: Part) -> Credentials | None:
    """The credentials that a part's writes need, where they need any: the nodes' or, for Geode, the API's own."""
    return part.credentials.get("interface" if _through_the_interface(part) else "nodes")


def _through_the_interface(part: Part) -> bool:
    return "rest" in load_interface(part.interface).seeding
