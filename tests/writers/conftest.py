"""A real name server that takes updates: Knot, on the loopback address, for as long as the tests run."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.name
import dns.query
import dns.tsig
import dns.update
import dns.zone
import pytest

CANARY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ=="  # the secret of the key: it may be seen nowhere
CONFIGURATION = """
server:
  listen: 127.0.0.1@{port}
  rundir: {folder}
database:
  storage: {folder}
key:
  - id: todoku
    algorithm: hmac-sha256
    secret: {secret}
  - id: reader
    algorithm: hmac-sha256
    secret: {secret}
  - id: hmac-sha256
    algorithm: hmac-sha256
    secret: {secret}
  - id: hmac-sha384
    algorithm: hmac-sha384
    secret: {secret}
  - id: hmac-sha512
    algorithm: hmac-sha512
    secret: {secret}
acl:
  - id: todoku
    key: [todoku, hmac-sha256, hmac-sha384, hmac-sha512]
    action: [update, transfer]
  - id: reader
    key: reader
    action: transfer
template:
  - id: default
    storage: {folder}
    acl: [todoku, reader]
zone:
  - domain: example.com
  - domain: deep.example.com
"""
ZONE = """
@ 3600 SOA ns1 hostmaster 1 3600 600 86400 300
@ NS ns1
ns1 A 127.0.0.1
elsewhere NS ns1.elsewhere
ns1.elsewhere A 127.0.0.1
*.wild 60 TXT "from a wildcard"
*.alias 60 CNAME ns1
*.up 60 CNAME nothing.example.com.
"""


class Knot:
    """The running server, as a test looks at it and prepares it: with dnspython alone, not with our code."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.key = dns.tsig.Key("todoku", CANARY, "hmac-sha256")

    def put(self, name: str, ttl: int, rdtype: str, *values: str) -> None:
        """Make this the set, whatever stood there."""
        update = dns.update.UpdateMessage("example.com", keyring=self.key)
        update.delete(dns.name.from_text(name), rdtype)
        if values:
            update.add(dns.name.from_text(name), ttl, rdtype, *values)
        assert dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=5).rcode() == 0

    def lines(self) -> list[str]:
        """The whole zone as it is transferred, without its SOA."""
        zone = dns.zone.Zone("example.com", relativize=False)
        asked = dns.message.make_query("example.com", "AXFR")
        asked.use_tsig(self.key)
        dns.query.inbound_xfr("127.0.0.1", zone, asked, port=self.port, timeout=5)
        return sorted(f"{name} {ttl} {data}" for name, ttl, data in zone.iterate_rdatas() if data.rdtype.name != "SOA")


@pytest.fixture(scope="session")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    program = shutil.which("knotd") or shutil.which("knotd", path="/usr/sbin")
    if program is None:
        pytest.skip("Knot DNS not found: apt-get install knot")
    folder, port = tmp_path_factory.mktemp("knot"), _free_port()
    (folder / "knot.conf").write_text(CONFIGURATION.format(port=port, folder=folder, secret=CANARY))
    (folder / "example.com.zone").write_text(f"$ORIGIN example.com.\n{ZONE}")
    (folder / "deep.example.com.zone").write_text(f"$ORIGIN deep.example.com.\n{ZONE}")
    log = (folder / "log").open("wb")
    with log, subprocess.Popen([program, "-c", str(folder / "knot.conf")], stdout=log, stderr=log) as process:
        try:
            _wait(process, port, folder / "log")
            yield Knot(port)
        finally:
            process.terminate()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "todoku.key"
    path.write_text(f'key "todoku" {{\n\talgorithm hmac-sha256;\n\tsecret "{CANARY}";\n}};\n')
    path.chmod(0o600)
    return path


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    query = dns.message.make_query("deep.example.com", "SOA")
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            if dns.query.tcp(query, "127.0.0.1", port=port, timeout=1).answer:
                return
        except OSError:
            pass
        time.sleep(0.05)
    pytest.fail(f"Knot did not start: {log.read_text()}")
