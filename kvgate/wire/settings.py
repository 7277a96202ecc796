"""What the operator decides about the wire: time and size limits, TLS, credentials."""

from __future__ import annotations

import base64
import binascii
import functools
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from kvgate.bounded import is_file
from kvgate.errors import InputError

_KEY_LOG = "SSLKEYLOGFILE"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how large one exchange may get.

    `connect` (for each of name look-up, TCP and TLS), `read` (silence between two bytes) and `total` (over all of it)
    are seconds. `max_bytes` ends an answer whose body is larger. One of at most `keep_bytes` is kept whole, of a larger
    one the beginning.
    """

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    max_bytes: int = 64 * 2**20
    keep_bytes: int = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom to trust (`ca_file`, PEM; None: the system's store) and who we are (`cert_file`, `key_file`, PEM)."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Credentials:
    """One header that proves who is asking, such as ("Authorization", "Basic ..."). Its value is never shown."""

    header: str
    value: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that gives the secret away: the value, its token, and the password that a Basic token hides."""
        scheme, _, token = self.value.rpartition(" ")
        found = [self.value, token]
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(token, validate=True).decode("utf-8")
            except (binascii.Error, UnicodeDecodeError):
                return tuple(found)
            found += [pair, pair.partition(":")[2]]
        return tuple(found)


def ssl_context(tls: Tls) -> ssl.SSLContext:
    """Return the context for `tls`, the same one for equal values: building one takes milliseconds.

    Raises InputError when a file is missing or is not what it should be.
    """
    return _build_context(tls)


@functools.lru_cache(maxsize=32)
def _build_context(tls: Tls) -> ssl.SSLContext:
    for what, file in (("CA", tls.ca_file), ("certificate", tls.cert_file), ("key", tls.key_file)):
        if file is not None and not is_file(Path(file)):
            raise InputError(f"TLS {what} file {file!r}: no such file")
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except (ssl.SSLError, OSError) as error:
        # Python opens it for every context, whoever made the context.
        if error.filename is not None and error.filename == os.environ.get(_KEY_LOG):
            raise InputError(
                f"the environment variable {_KEY_LOG}: {error.filename}: cannot write there: {_reason(error)}; unset it"
            ) from None
        raise InputError(f"TLS CA file {tls.ca_file!r}: not a readable PEM bundle ({_reason(error)})") from None
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.key_file is not None and tls.cert_file is None:
        raise InputError(f"TLS key file {tls.key_file!r} is given without a certificate file")
    if tls.cert_file is not None:
        try:
            # An encrypted key would otherwise ask for its pass phrase on the terminal.
            context.load_cert_chain(tls.cert_file, tls.key_file, password="")
        except (ssl.SSLError, OSError) as error:
            own = "" if tls.key_file else "; no key file is given"
            raise InputError(
                f"TLS certificate {tls.cert_file!r} with key {tls.key_file or tls.cert_file!r}: "
                f"not a readable, unencrypted PEM pair ({_reason(error)}{own})"
            ) from None
    return context


def _reason(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
