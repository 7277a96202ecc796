"""Each way of putting the state there, through the whole gate: masters in any order, TLS, credentials, swept."""

from __future__ import annotations

import base64
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme
from gate_parts import (
    FEW,
    Watch,
    environment,
    gate,
    gate_process,
    geode,
    get2,
    kvgate,
    plain,
    servers,
    stored,
    toml_list,
)

from kvgate.exits import Exit
from kvgate.plugin import finish
from kvgate.reference.buckets import Range, even_table
from kvgate.reference.connection import Answer
from kvgate.reference.deviation import load_freedoms
from kvgate.reference.embedded import Embedded
from kvgate.reference.geode import Geode
from kvgate.reference.http import basic_credential
from kvgate.reference.message import Request, Response
from proof.running import start

FORMER = ("former-removed", "former-removed-ignored", "former-missing")
SECRET = "pass-w0rd-of-nobody"


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_four_nodes_and_a_reversed_table(tmp_path: Path) -> None:
    """A gate that took the first node for master1 would find every pair of versions the wrong way round."""
    with servers(nodes=4, table=even_table(4, swapped=True), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path, *get2(embedded), *FEW, "--kv-case=versions-*")
        assert stored(embedded) == 0
        wrote = [node.served for node in embedded.nodes]
    assert ran.status == Exit.CONFORMING, ran.out
    assert ran.verdicts["get2.version.pair", "page-versions-differ"] == "pass"
    assert all(wrote)


@pytest.mark.parametrize("seeds", [True, False])
def test_credentials_that_a_server_echoes_are_nowhere(tmp_path: Path, seeds: bool) -> None:
    """In answers that are judged, and in those that keep a state from being put there."""
    coded = base64.b64encode(SECRET.encode()).decode()

    def echo(request: Request, _number: int) -> Response | None:
        if seeds and request.path != "/get2":
            return None
        sent = request.header("Authorization") or ""
        named = (("Content-Type", "text/plain"), ("X-Sent", sent), ("X-Coded", coded), ("Location", f"/?p={SECRET}"))
        body = f"{'x' * 40} you sent {sent}, which is {SECRET} or {coded}"
        return Response(200 if seeds else 503, "", named, body.encode())

    with servers(ha=Watch(echo), node=Watch(echo), interfaces=["get2"]) as embedded:
        target = tmp_path / "target.toml"
        auth = '{ basic = { user = "hust", password = "env:GATE_PASSWORD" } }'
        target.write_text(
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\n'
            f"auth = {auth}\nnodes_auth = {auth}\n"
        )
        env = {"GATE_PASSWORD": SECRET}
        ran = gate(tmp_path / "reports", f"--kv-target={target}", *FEW, "--tb=long", "-rA", env=env)
    assert ran.status == (Exit.NOT_CONFORMING if seeds else Exit.NO_VERDICT)
    written = everything_in(ran.folder) + ran.out.encode()
    _, credential = basic_credential("hust", SECRET)
    for secret in (SECRET, credential.split()[1], coded.rstrip("=")[:-1]):
        assert secret[:6].encode() not in written
    assert b"[secret]" in written


def test_the_masters_as_given_where_there_is_no_table(tmp_path: Path) -> None:
    def no_table(request: Request, _number: int) -> Response | None:
        return plain(404) if request.path == "/get_table" else None

    one_way = [Range(0, 1024, 0, 1)]
    with servers(ha=Watch(no_table), table=one_way, interfaces=["get2"]) as embedded:
        right = gate(tmp_path / "right", *get2(embedded), *FEW)
        reversed_nodes = ",".join(reversed(embedded.node_urls))
        wrong = gate(tmp_path / "wrong", f"--get2-url={embedded.ha_url}", f"--get2-nodes={reversed_nodes}", *FEW)
    assert right.status == Exit.CONFORMING, right.out
    assert wrong.status == Exit.NOT_CONFORMING


def test_geode_by_its_own_interface(tmp_path: Path) -> None:
    with servers(geode=(watch := Watch()), interfaces=["geode"]) as embedded:
        ran = gate(tmp_path, *geode(embedded), *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.CONFORMING, ran.out
    assert {"PUT", "GET", "DELETE"} <= {request.method for request in watch.seen}


def test_tls_with_a_private_ca_and_a_client_certificate_and_basic_auth(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    client = authority.issue_cert("gate@example.org")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "client.pem"))
    (tmp_path / "password").write_text(SECRET + "\n")
    credential = basic_credential("hust", SECRET)
    with servers(
        tls=context, ha_credential=credential, node_credential=credential, geode_credential=credential
    ) as embedded:
        regions = ", ".join(f'{role} = "{name}"' for role, name in embedded.regions.items())
        auth = '{ basic = { user = "hust", password = "env:GATE_PASSWORD" } }'
        by_file = '{ basic = { user = "hust", password = "file:password" } }'
        text = (
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\nauth = {auth}\n'
            f"nodes_auth = {by_file}\n"
            f'[geode]\nurl = "{embedded.geode_url}"\nregions = {{ {regions} }}\nauth = {auth}\n'
        )
        tls = '[tls]\nca = "ca.pem"\ncert = "client.pem"\n'
        (tmp_path / "target.toml").write_text(text + tls)
        (tmp_path / "anonymous.toml").write_text(text + '[tls]\nca = "ca.pem"\n')
        (tmp_path / "strangers.toml").write_text(text)
        (tmp_path / "no-auth.toml").write_text(text.replace(f"\nauth = {auth}", "") + tls)
        env = {"GATE_PASSWORD": SECRET}
        ran = gate(tmp_path / "reports", f"--kv-target={tmp_path / 'target.toml'}", *FEW, env=env)
        shared = gate_process(
            tmp_path / "shared", f"--kv-target={tmp_path / 'target.toml'}", "--kv-case=control", "-n", "2", env=env
        )
        failed = {
            name: gate(tmp_path / name, f"--kv-target={tmp_path / name}.toml", *FEW, env=env)
            for name in ("anonymous", "strangers", "no-auth")
        }
        unset = gate(tmp_path / "unset", f"--kv-target={tmp_path / 'target.toml'}", *FEW)
        assert stored(embedded) == 0
    assert (ran.status, shared.status) == (Exit.CONFORMING, Exit.CONFORMING), ran.out + shared.out
    assert {name: each.status for name, each in failed.items()} == dict.fromkeys(failed, Exit.NO_VERDICT)
    assert "certificate" in failed["strangers"].out
    assert "credentials" in failed["no-auth"].out
    assert unset.status == Exit.USAGE
    assert "GATE_PASSWORD" in unset.out
    # No secret anywhere: neither as it is nor as it goes over the wire.
    written = everything_in(tmp_path / "reports") + everything_in(tmp_path / "shared")
    written += b"".join(everything_in(tmp_path / name) for name in failed)
    written += "".join(each.out for each in (ran, shared, unset, *failed.values())).encode()
    assert len(written) > 100_000
    for secret in (SECRET, credential[1].split()[1]):
        assert secret.encode() not in written


@pytest.mark.skipif(shutil.which("curl") is None, reason="the exported script is made of curl lines")
def test_preloaded_with_the_exported_script(tmp_path: Path) -> None:
    """The script is run, then the gate finds the state under the mark, writes nothing and removes nothing."""
    credential = basic_credential("hust", SECRET)
    node, region = Watch(), Watch()
    with servers(node=node, geode=region, node_credential=credential) as embedded:
        target = tmp_path / "target.toml"
        regions = ", ".join(f'{role} = "{name}"' for role, name in embedded.regions.items())
        target.write_text(
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\nseeding = "preloaded"\n'
            'nodes_auth = { basic = { user = "hust", password = "env:GATE_PASSWORD" } }\n'
            f'[geode]\nurl = "{embedded.geode_url}"\nregions = {{ {regions} }}\nseeding = "preloaded"\n'
            '[run]\nmark = "loaded"\n'
        )
        few = ("--case=page-*",)
        env = {"GATE_PASSWORD": SECRET}
        for interface in ("get2", "geode"):
            status, script = kvgate(
                "fixtures", "export", f"--target={target}", f"--interface={interface}", *few, cwd=tmp_path, env=env
            )
            assert status == 0, script
            assert SECRET not in script
            done = subprocess.run(
                ["/bin/sh"],
                input=script,
                env=environment(KVGATE_AUTH=credential[1]),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        before = stored(embedded)
        assert before > 8
        node.seen.clear()
        region.seen.clear()
        ran = gate(tmp_path / "reports", f"--kv-target={target}", *FEW, env=env)
        assert stored(embedded) == before
    # It looks at the nodes, and at Geode through the questions only.
    assert {request.path for request in node.seen} == {"/hustdb/get"}
    assert {request.method for request in region.seen} == {"GET"}
    assert ran.status == Exit.CONFORMING, ran.out
    assert {check["verdict"] for check in ran.report["checks"]} <= {"pass", "observed", "not-applicable"}
    assert ran.journals == []


def test_preloaded_where_nothing_was_loaded_is_6(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        target = tmp_path / "target.toml"
        target.write_text(
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\nseeding = "preloaded"\n'
        )
        ran = gate(tmp_path / "reports", f"--kv-target={target}", "--kv-mark=nothere", *FEW)
        without = gate(tmp_path / "without", f"--kv-target={target}", *FEW)
        unread = tmp_path / "unread.toml"
        unread.write_text(f'[get2]\nurl = "{embedded.ha_url}"\nseeding = "preloaded"\n')
        asked = gate(tmp_path / "asked", f"--kv-target={unread}", "--kv-mark=nothere", *FEW)
        assert stored(embedded) == 0
    assert ran.status == Exit.NO_VERDICT
    assert "the control case is not in place" in ran.out
    assert asked.status == Exit.NO_VERDICT
    assert "answered 404, not 200 or 409: is this the interface, and the state loaded under the mark?" in asked.out
    assert without.status == Exit.USAGE
    assert "mark" in without.out


def test_keep_says_where_there_is_nothing_to_keep(tmp_path: Path) -> None:
    with servers(interfaces=["get2"]) as embedded:
        target = tmp_path / "target.toml"
        target.write_text(
            f'[get2]\nurl = "{embedded.ha_url}"\nnodes = {toml_list(embedded.node_urls)}\nseeding = "preloaded"\n'
            '[run]\nmark = "nothere"\nkeep = true\n'
        )
        preloaded = gate(tmp_path / "preloaded", f"--kv-target={target}", *FEW)
    reference = gate(tmp_path / "reference", "suites/get2", *FEW, "--kv-keep")
    assert preloaded.notes == ["nothing was kept, since this run has written nothing (keep)"]
    assert reference.notes == ["nothing was kept, since the embedded reference ends with the run (keep)"]


def test_keep_leaves_the_data_and_sweep_removes_it(tmp_path: Path) -> None:
    with servers() as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), *geode(embedded), *FEW, "--kv-keep")
        kept = stored(embedded)
        (journal,) = ran.journals
        again = gate(tmp_path / "reports", *get2(embedded), *geode(embedded), *FEW)
        status, out = kvgate("sweep", str(journal.parent), *get2(embedded), *geode(embedded), cwd=tmp_path)
        assert (status, stored(embedded)) == (0, 0), out
    (note,) = again.notes
    assert note.startswith(
        f"another run has left its data where it was, or is still under way: `kvgate sweep {journal.parent}` "
    )
    assert again.status == Exit.CONFORMING
    assert ran.status == Exit.CONFORMING
    assert kept > 8
    assert "keys removed, 0 left" in out
    assert not journal.parent.exists()


def test_a_foreign_key_is_left_alone(tmp_path: Path) -> None:
    with servers() as embedded:
        for node in embedded.nodes:
            embedded.call(lambda node=node: node.put(b"somebody's", b"value"))  # type: ignore[misc]
        assert gate(tmp_path, *get2(embedded), *geode(embedded), *FEW).status == Exit.CONFORMING
        assert stored(embedded) == 2


def test_refused_deletes_are_noted_and_swept_later(tmp_path: Path) -> None:
    refuses = [True]

    def refuse(request: Request, _number: int) -> Response | None:
        return plain(403) if refuses[0] and "/del" in request.path else None

    with servers(node=Watch(refuse), interfaces=["get2"]) as embedded:
        ran = gate(tmp_path / "reports", *get2(embedded), *FEW, "--kv-requirement=get2.status.*")
        left = stored(embedded)
        (journal,) = ran.journals
        status, out = kvgate("sweep", str(journal.parent), *get2(embedded), cwd=tmp_path)
        assert status == Exit.NO_VERDICT
        assert "left" in out
        assert journal.exists()
        refuses[0] = False
        status, out = kvgate("sweep", str(journal.parent), *get2(embedded), cwd=tmp_path)
        assert (status, stored(embedded)) == (0, 0), out
    assert ran.status == Exit.CONFORMING
    assert left > 0
    assert f"kvgate sweep {journal.parent}" in ran.out
    assert any("not removed" in note for note in ran.report["run"]["notes"])


@pytest.mark.parametrize("keeps", [True, False])
def test_a_removal_that_is_not_confirmed_accuses_nobody(tmp_path: Path, keeps: bool) -> None:
    """A 404 for a key that was just put with 200: nobody knows whether it stands there still."""

    class Denying(Geode):
        def delete(self, request: Request, name: str, keys_as_sent: str) -> Answer:
            if not keeps:
                super().delete(request, name, keys_as_sent)
            return self.error(404, "no such key")

    with Embedded.start(interfaces=["geode"], make_geode=Denying) as embedded:
        ran = gate(
            tmp_path, *geode(embedded), "--kv-case=control*", "--kv-case=former-removed*", "--kv-case=former-missing"
        )
    assert ran.status == Exit.NO_VERDICT, ran.out
    of_case = {name: {verdict for (_, case), verdict in ran.verdicts.items() if case == name} for name in FORMER}
    assert of_case["former-removed"] == of_case["former-removed-ignored"] == {"no-verdict"}
    # Nothing is taken away where another value takes the place of the former one.
    assert of_case["former-missing"] <= {"pass", "not-applicable"}
    assert "of the former state: answered 404" in ran.out


def test_a_slow_server_is_given_the_time_that_removing_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # However little a minute is to this server.
    monkeypatch.setattr(finish, "TIME_LIMIT", 0.0)
    monkeypatch.setattr(finish, "_LEAST_SWEEP", 0.0)
    with servers(geode=Watch(hold=0.02)) as embedded:
        ran = gate(tmp_path, "suites/geode", *geode(embedded), *FEW)
        assert ran.status == 0, ran.out
        assert stored(embedded) == 0
    assert not ran.notes


def test_what_a_server_takes_no_address_for_is_left_out_and_leaves_no_key_behind(tmp_path: Path) -> None:
    with start(load_freedoms("geode")["long-addresses-refused"]) as embedded:
        cases = ("control*", "longer-than-*", "hundred-and-thirty-keys", "three-hundred-found", "page-*")
        ran = gate(tmp_path, "suites/geode", *geode(embedded), *(f"--kv-case={case}" for case in cases))
        assert (ran.status, stored(embedded)) == (Exit.CONFORMING, 0), ran.out
    assert "not removed" not in ran.out
    rows = [row for row in ran.report["checks"] if row["case"] == "longer-than-6000"]
    assert rows
    assert {row["verdict"] for row in rows} == {"not-applicable"}
    (why,) = {row["message"] for row in rows}
    assert why.startswith("left out: the server takes no address of 6")
    assert ran.verdicts["geode.status.found", "control"] == "pass"


class _TooLong(Geode):
    """Answers 414 to these methods above so many bytes of an address."""

    methods, most = frozenset({"GET", "DELETE"}), 2048

    def respond(self, request: Request) -> Answer:
        is_too_long = request.method in self.methods and len(request.target) > self.most
        return self.plain(414) if is_too_long else super().respond(request)


def test_a_key_that_was_taken_is_not_gone_because_its_removal_is_refused(tmp_path: Path) -> None:
    with Embedded.start(interfaces=["geode"], make_geode=_TooLong) as embedded:
        cases = ("--kv-case=control", "--kv-case=longer-than-2048")
        ran = gate(tmp_path, "suites/geode", *geode(embedded), *cases)
        left = stored(embedded)
        assert left > 0
        assert "not removed" in ran.out, ran.out
        (journal,) = tmp_path.glob("journal-*/*.journal")
        assert journal.read_text().count('"remove"') == left
        _TooLong.methods = frozenset()
        try:
            assert kvgate("sweep", str(journal), *geode(embedded), cwd=tmp_path)[0] == 0
        finally:
            _TooLong.methods = frozenset({"GET", "DELETE"})
        assert stored(embedded) == 0


def test_whoever_answers_414_to_everything_has_not_removed_anything(tmp_path: Path) -> None:
    class All(_TooLong):
        methods = frozenset[str]()
        most = 0

    with Embedded.start(interfaces=["geode"], make_geode=All) as embedded:
        cases = ("--kv-case=control", "--kv-case=longer-than-2048", "--kv-keep")
        gate(tmp_path, "suites/geode", *geode(embedded), *cases)
        kept = stored(embedded)
        All.methods = frozenset({"GET", "DELETE"})
        status, said = kvgate("sweep", str(tmp_path), *geode(embedded), cwd=tmp_path)
        assert (status, kept) == (6, stored(embedded)), said
    assert "0 keys removed" in said
