"""Loads the gate."""

pytest_plugins = ["kvgate.plugin"]
