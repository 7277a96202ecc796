"""Reads the URL an operator gave, and says in one line what is wrong with it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from kvgate.errors import InputError

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")
_FOUR_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_PATH = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
DEFAULT_PORTS = {"http": 80, "https": 443}


def split_url(url: str, what: str) -> tuple[str, str]:
    """Split `url` into its origin (scheme://host:port, the port always written) and its path.

    The path has no slash at the end. `what` names where the URL stands, such as "--get2-url". Raises InputError;
    what the URL holds is repeated in the message only as far as it cannot be a secret.
    """
    if not url.strip():
        raise InputError(f"{what} is given but empty: an unset variable?")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise InputError(f"{what}: white space or a control character in the URL")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InputError(f"{what}: not a URL; write http://host:port or https://host:port") from None
    if "@" in parts.netloc or (not parts.netloc and "@" in url):
        raise InputError(f"{what}: user or password in the URL; give credentials by reference (auth), never in a URL")
    if parts.scheme not in DEFAULT_PORTS:
        raise InputError(f"{what}: the URL must begin with http:// or https://")
    if not parts.netloc or parts.netloc.startswith(":"):
        raise InputError(f"{what}: no host in the URL; write {parts.scheme}://host:port")
    if "?" in url:
        raise InputError(f"{what}: a query (?...) in the URL; give the address and the path only")
    if "#" in url:
        raise InputError(f"{what}: a fragment (#...) in the URL; give the address and the path only")
    if not _PATH.fullmatch(parts.path):
        raise InputError(f"{what}: a character in the path of the URL that must be percent-encoded")
    host, port = _split_address(parts.netloc, what)
    return f"{parts.scheme}://{host}:{port or DEFAULT_PORTS[parts.scheme]}", parts.path.rstrip("/")


def split_origin(origin: str) -> tuple[str, str, int]:
    """Split an origin into scheme, host (IPv6 without brackets) and port.

    Raises InputError when it has anything else in it.
    """
    normal, prefix = split_url(origin, "origin")
    if prefix:
        raise InputError(f"origin {normal}: a path where only scheme://host:port may stand")
    scheme, _, rest = normal.partition("://")
    host, _, port = rest.rpartition(":")
    return scheme, host.strip("[]"), int(port)


def authority(scheme: str, host: str, port: int) -> str:
    """Return what a Host header says: IPv6 in brackets, the scheme's own port left out."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port == DEFAULT_PORTS.get(scheme) else f"{shown}:{port}"


def _split_address(netloc: str, what: str) -> tuple[str, int | None]:
    host, colon, port = _at_port(netloc)
    if colon and not port:
        raise InputError(f"{what}: the port is empty: an unset variable?")
    if colon and not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise InputError(f"{what}: the port must be a number from 1 to 65535")
    return _normal_host(host, what), int(port) if port else None


def _at_port(netloc: str) -> tuple[str, str, str]:
    if netloc.startswith("["):
        host, _, rest = netloc.partition("]")
        return host + "]", rest[:1], rest[1:]
    return netloc.partition(":")


def _normal_host(host: str, what: str) -> str:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]" if "%" not in host else _bad_host(what)
        except ValueError:
            return _bad_host(what)
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return _bad_host(what)
    if not _HOST_NAME.fullmatch(host):
        return _bad_host(what)
    return _four_numbers(host, what) if _FOUR_NUMBERS.fullmatch(host) else host.lower()


def _four_numbers(host: str, what: str) -> str:
    """An IPv4 address: what has its form and is none (999.1.1.1) is no name either for those who connect."""
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        return _bad_host(what)


def _bad_host(what: str) -> str:
    raise InputError(f"{what}: not a host name or address in the URL; an IPv6 address stands in brackets")
