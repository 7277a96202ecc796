"""What the tests of exit statuses share."""

from __future__ import annotations

import socket
from pathlib import Path

FEW = ("--kv-case=control", "--kv-case=page-*")
MANY = ("--kv-case=key-*",)


def short_limits(tmp_path: Path, tables: str = "", **run: float) -> str:
    """A target file with time limits of a fraction of a second."""
    file = tmp_path / "short.toml"
    lines = "\n".join(f"{name} = {value}" for name, value in run.items())
    file.write_text(f"[limits]\nconnect = 0.4\nread = 0.4\ntotal = 0.6\n[run]\n{lines}\n{tables}")
    return f"--kv-target={file}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
