"""Reads secrets where a target file refers to them; no message of this module ever repeats one."""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kvgate.bounded import named_path
from kvgate.errors import InputError
from kvgate.wire.client import Credentials

Where = Callable[..., str]
_LARGEST = 65_536
_TOKEN = re.compile(r"[\x21-\x7e]+")
_FIELD = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# What frames or routes a message, or is kvgate's own to say.
_NOT_CREDENTIALS = frozenset({
    "accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
})  # fmt: skip


def read_credentials(auth: Mapping[str, Any], where: Where, folder: Path, env: Mapping[str, str]) -> Credentials:
    """The header that an `auth` table of a target file stands for (schema: kvgate/auth.schema.json).

    `folder` is what the paths of `file:PATH` are relative to. Raises InputError: a reference that leads nowhere, or
    to something that cannot stand in a header.
    """

    def secret(*path: str) -> str:
        value = auth
        for step in path:
            value = value[step]
        return read_secret(str(value), where(*path), folder, env)

    if "basic" in auth:
        user = str(auth["basic"]["user"])
        if user.startswith(("env:", "file:")):
            user = secret("basic", "user")
        if ":" in user or not user.isprintable():
            raise InputError(f"{where('basic', 'user')}: a user's name holds no colon and no control character")
        pair = f"{user}:{secret('basic', 'password')}".encode()
        return Credentials("Authorization", "Basic " + base64.b64encode(pair).decode("ascii"))
    if "bearer" in auth:
        token = secret("bearer")
        if not _TOKEN.fullmatch(token):
            raise InputError(f"{where('bearer')}: the token holds white space or a character that is not ASCII")
        return Credentials("Authorization", f"Bearer {token}")
    name = str(auth["header"]["name"])
    if name.lower() in _NOT_CREDENTIALS:
        raise InputError(f"{where('header', 'name')}: {name} cannot carry credentials")
    value = secret("header", "value")
    if not _FIELD.fullmatch(value):
        raise InputError(
            f"{where('header', 'value')}: the value holds white space at an end or a character that is not ASCII"
        )
    return Credentials(name, value)


def read_secret(reference: str, where: str, folder: Path, env: Mapping[str, str]) -> str:
    """What `env:NAME` or `file:PATH` leads to; a file's one line end at its end is not part of the secret.

    Raises InputError when nothing is there, when it is empty, and when it holds a control character.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        what, secret = f"the environment variable {name}", env.get(name)
        if secret is None:
            raise InputError(f"{where}: {what} is not set")
        # Python has a byte that is no UTF-8 as half of a surrogate pair.
        if any(0xD800 <= ord(character) < 0xE000 for character in secret):
            raise InputError(f"{where}: {what} is not UTF-8 text")
    else:
        what, secret = _read_file(folder / named_path(name, where), where)
    if not secret:
        raise InputError(f"{where}: {what} is empty")
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in secret):
        raise InputError(f"{where}: {what} holds a control character (a second line?)")
    return secret


def _read_file(path: Path, where: str) -> tuple[str, str]:
    what = f"the file {path}"
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        text = raw.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{where}: {what} does not exist") from None
    except UnicodeDecodeError:
        raise InputError(f"{where}: {what} is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise InputError(f"{where}: {what} cannot be read: {reason}") from None
    if raw.startswith(codecs.BOM_UTF8):
        raise InputError(f"{where}: {what} begins with a byte-order mark: save it as UTF-8 without one")
    if len(raw) > _LARGEST:
        raise InputError(f"{where}: {what} is too large for a secret (over {_LARGEST} bytes)")
    return what, text.removesuffix("\n").removesuffix("\r")
