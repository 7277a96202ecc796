"""What stands in the working folder of a server: regions, properties, secrets, key store. Written before it starts."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from kvgate.errors import SurroundingsError
from realsystems.geode.guarded import Guarded
from realsystems.geode.releases import Region, Release

_CACHE = """<?xml version="1.0" encoding="UTF-8"?>
<cache xmlns="http://geode.apache.org/schema/cache" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
       xsi:schemaLocation="http://geode.apache.org/schema/cache http://geode.apache.org/schema/cache/cache-1.0.xsd"
       version="1.0">
{regions}
</cache>
"""
_KEYTOOL_LIMIT = 60


@dataclass(frozen=True, slots=True)
class KeyStore:
    """A PKCS12 store with one self-signed certificate for 127.0.0.1 and localhost, and that certificate as PEM."""

    path: Path
    password: str
    certificate: Path


def write_files(release: Release, work: Path, port: int, *, auth: bool, key_store: KeyStore | None) -> None:
    """Writes cache.xml, gemfire.properties and gfsecurity.properties into `work`."""
    (work / "tmp").mkdir(exist_ok=True)
    (work / "cache.xml").write_text(cache_xml(release.regions), encoding="utf-8")
    plain = {**release.start.properties, "http-service-port": str(port), "cache-xml-file": str(work / "cache.xml")}
    _write_private(work / "gemfire.properties", property_file(plain))
    _write_private(work / "gfsecurity.properties", property_file(security_properties(release, auth, key_store)))


def security_properties(release: Release, auth: bool, key_store: KeyStore | None) -> dict[str, str]:
    """The properties of authentication and TLS, as far as they are asked for."""
    properties: dict[str, str] = {}
    if auth:
        properties |= release.start.auth_properties
    if key_store:
        properties |= release.start.tls_properties
        for store in ("ssl-keystore", "ssl-truststore"):
            properties |= {store: str(key_store.path), f"{store}-password": key_store.password}
    return properties


def cache_xml(regions: tuple[Region, ...]) -> str:
    """The declarative cache configuration that makes the regions."""
    lines = (
        f"  <region name={quoteattr(region.name)}><region-attributes refid={quoteattr(region.shortcut)}/></region>"
        for region in regions
    )
    return _CACHE.format(regions="\n".join(lines))


def property_file(properties: Mapping[str, str]) -> str:
    """A Java property file; backslashes escaped, the other characters that would need it do not occur."""
    return "".join(f"{name}={value}\n" for name, value in properties.items()).replace("\\", "\\\\")


def make_key_store(keytool: str, work: Path) -> KeyStore:
    """Makes a key store with a password of its own; SurroundingsError with keytool's last line when it fails."""
    store = KeyStore(work / "server.p12", secrets.token_hex(16), work / "ca.pem")
    common = [
        "-storetype",
        "PKCS12",
        "-keystore",
        str(store.path),
        "-storepass:env",
        "KVGATE_STORE",
        "-alias",
        "server",
    ]
    extensions = ("san=ip:127.0.0.1,dns:localhost", "bc:critical=ca:true,pathlen:0", "eku=serverAuth")
    usage = "ku:critical=digitalSignature,keyEncipherment,keyCertSign"
    key = ["-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-validity", "2", "-dname", "CN=localhost"]
    _keytool([keytool, *key, *(part for name in (*extensions, usage) for part in ("-ext", name)), *common], store)
    _keytool([keytool, "-exportcert", "-rfc", "-file", str(store.certificate), *common], store)
    return store


def _keytool(command: list[str], store: KeyStore) -> None:
    work = store.path.parent
    log, environment = work / "keytool.out", {**os.environ, "KVGATE_STORE": store.password}
    with (
        log.open("wb") as output,
        Guarded(command, cwd=work, env=environment, output=output, remove=work) as keytool,
    ):
        try:
            status = keytool.wait(_KEYTOOL_LIMIT)
        except subprocess.TimeoutExpired:
            raise SurroundingsError(f"keytool did not make the key store within {_KEYTOOL_LIMIT} s") from None
    if status != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it printed nothing"]
        raise SurroundingsError(f"keytool cannot make the key store: {lines[0]}")


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="latin-1", errors="strict")
