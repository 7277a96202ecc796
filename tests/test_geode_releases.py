"""The releases as data, and what is made of them: Maven's project, java's command line, the server's files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from kvgate.errors import InputError
from realsystems.geode import files, server
from realsystems.geode.fetch import maven_command, project
from realsystems.geode.releases import RELEASES, Release, load_releases

pytest_plugins = ["tests.geode_machine"]

# releases.toml


def test_releases_file_agrees_with_its_schema_and_holds_the_releases_that_are_promised() -> None:
    releases = load_releases()
    assert releases.default == "1.14.4"
    assert {"1.2.0", "1.9.2", "1.12.1", "1.13.1", "1.14.4"} <= set(releases.by_number)
    assert [region.name for region in releases.named("1.14.4").regions] == ["orders", "items", "empty"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('default = "1.14.4"', 'default = "1.14"', "default: expected a release number like 1.14.4"),
        ('default = "1.14.4"', 'default = "1.14.5"', "there is no release '1.14.5' (did you mean '1.14.4'?)"),
        ('recipe = "jars"', 'recipe = "jar"', "no recipe 'jar' (did you mean 'jars'?)"),
        ("extensions = [", "extension = [", "unknown key 'extension' (did you mean 'extensions'?)"),
        (":zip:{release}", ":exe:{release}", "with packaging zip or tgz"),
        ('jvm = [\n    "-Xmx512m"', 'jvm = [\n    "Xmx512m"', "expected an option of java"),
    ],
)
def test_an_error_in_the_releases_file_is_told_in_one_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = RELEASES.read_text()
    assert old in text
    path = tmp_path / "releases.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        load_releases(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)


# What Maven is asked


def test_the_maven_project_names_each_artifact_and_takes_archives_and_wars_alone(geode_release: Release) -> None:
    space = "{http://maven.apache.org/POM/4.0.0}"
    found = {
        dependency.findtext(f"{space}artifactId"): (
            dependency.findtext(f"{space}version"),
            dependency.findtext(f"{space}type"),
            dependency.find(f"{space}exclusions") is not None,
        )
        for dependency in ET.fromstring(project(geode_release)).iter(f"{space}dependency")  # noqa: S314  our own text
    }
    assert found == {
        "geode-core": ("1.14.4", "jar", False),
        "geode-log4j": ("1.14.4", "jar", False),
        "geode-http-service": ("1.14.4", "jar", False),
        "swagger-annotations": ("1.5.23", "jar", False),
        "geode-web-api": ("1.14.4", "war", True),
    }


def test_maven_is_quiet_and_compares_checksums(geode_release: Release) -> None:
    command = maven_command("/usr/bin/mvn", geode_release, Path("/w"))
    assert command[0] == "/usr/bin/mvn"
    assert {"--batch-mode", "--quiet", "--strict-checksums", "-DoutputDirectory=/w/artifacts"} <= set(command)


# Command lines and files of the server


def test_javas_command_line(geode_release: Release) -> None:
    command = server.java_command("/jdk/bin/java", geode_release, Path("/home"), Path("/work"))
    assert command[0] == "/jdk/bin/java"
    assert command[-4:] == [
        "org.apache.geode.distributed.ServerLauncher",
        "start",
        "kvgate",
        "--disable-default-server",
    ]
    assert command[command.index("-cp") + 1] == "/home/added/*"
    assert {"--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED"} <= set(
        command
    )
    assert {"-Xmx512m", "-Djava.io.tmpdir=/work/tmp", "-DgemfirePropertyFile=/work/gemfire.properties"} <= set(command)


def test_secrets_stand_in_private_files_and_not_on_the_command_line(tmp_path: Path, geode_release: Release) -> None:
    store = files.KeyStore(tmp_path / "server.p12", "a-secret", tmp_path / "ca.pem")
    files.write_files(geode_release, tmp_path, 4711, auth=True, key_store=store)
    private = tmp_path / "gfsecurity.properties"
    assert private.stat().st_mode & 0o077 == 0
    lines = private.read_text().splitlines()
    assert "security-manager=org.apache.geode.examples.SimpleSecurityManager" in lines
    assert {"ssl-enabled-components=web", "ssl-keystore-password=a-secret", f"ssl-keystore={store.path}"} <= set(lines)
    assert "a-secret" not in " ".join(server.java_command("java", geode_release, tmp_path, tmp_path))
    public = (tmp_path / "gemfire.properties").read_text().splitlines()
    assert {"http-service-port=4711", "bind-address=127.0.0.1", "http-service-bind-address=127.0.0.1"} <= set(public)


def test_the_regions_stand_in_the_cache_configuration(geode_release: Release) -> None:
    space = "{http://geode.apache.org/schema/cache}"
    regions = list(ET.fromstring(files.cache_xml(geode_release.regions)).iter(f"{space}region"))  # noqa: S314  our own text
    assert [region.get("name") for region in regions] == ["orders", "items", "empty"]
    assert {region[0].get("refid") for region in regions} == {"REPLICATE"}
