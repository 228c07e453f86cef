"""A real Dovecot on the loopback address, in a folder of its own; and a way to it that breaks off where a test says."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
import trustme

PASSWORD = "canary-51d7"
PROGRAM = Path("/usr/sbin/dovecot")


def token(user: str, key: bytes, expires: float) -> str:
    """An access token as an authority would give it: a JSON Web Token under HMAC (RFC 7519)."""
    head, body = {"alg": "HS256", "typ": "JWT"}, {"sub": user, "iat": int(time.time()) - 9, "exp": int(expires)}
    text = b".".join(_base64(json.dumps(one).encode()) for one in (head, body))
    return (text + b"." + _base64(hmac.digest(key, text, "sha256"))).decode()


def _base64(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


class Dovecot:
    """The server with one user, ``dmarc``: a TLS port, and one that begins in the clear and offers STARTTLS.

    It takes the user's password, and tokens that are signed with ``key``.
    """

    def __init__(self, ca: trustme.CA) -> None:
        if not PROGRAM.exists():
            pytest.skip("Dovecot not found: apt-get install dovecot-imapd")
        self.folder = Path(tempfile.mkdtemp(prefix="todoku-dovecot-"))
        self.port, self.clear_port = _free_ports(2)
        certificate = ca.issue_cert("127.0.0.1", "localhost")
        certificate.private_key_and_cert_chain_pem.write_to_path(str(self.folder / "server.pem"))
        self.mail = self.folder / "mail"
        self.clear()
        self.key = os.urandom(32)
        keys = self.folder / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(self.key))
        (self.folder / "tokens").write_text(
            f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={self.folder}/keys/\nusername_attribute = sub\n"
        )
        (self.folder / "passwd").write_text(f"dmarc:{{PLAIN}}{PASSWORD}\n")
        self.server: subprocess.Popen[bytes] | None = None
        self.configure()

    def configure(self) -> None:
        root = os.geteuid() == 0
        owner = "nobody" if root else str(os.geteuid())
        (self.folder / "dovecot.conf").write_text(
            f"""
base_dir = {self.folder}/run
state_dir = {self.folder}/run
log_path = {self.folder}/log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{self.mail}
mail_max_userip_connections = 1000
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{self.folder}/server.pem
ssl_key = <{self.folder}/server.pem
{"" if root else f"default_internal_user = {owner}" + chr(10) + f"default_login_user = {owner}"}
first_valid_uid = 1
service anvil {{
  chroot =
}}
default_process_limit = 1000
default_client_limit = 4000
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  inet_listener imap {{
    port = {self.clear_port}
  }}
  inet_listener imaps {{
    port = {self.port}
  }}
}}
auth_mechanisms = plain xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {self.folder}/tokens
}}
passdb {{
  mechanisms = plain
  driver = passwd-file
  args = {self.folder}/passwd
}}
userdb {{
  driver = static
  args = uid={owner} gid={"nogroup" if root else os.getegid()} home={self.folder}
}}
"""
        )

    def start(self) -> None:
        self.server = subprocess.Popen(
            [PROGRAM, "-F", "-c", self.folder / "dovecot.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                if probe.recv(0) == b"":
                    return
            time.sleep(0.05)
        raise AssertionError(f"Dovecot does not start: {self.log()}")

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait()
            self.server = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def clear(self) -> None:
        """An empty mailbox; its UIDVALIDITY is a new one."""
        shutil.rmtree(self.mail, ignore_errors=True)
        for name in ("cur", "new", "tmp"):
            (self.mail / name).mkdir(parents=True)
        self._own()

    def renumber(self) -> None:
        """Forget all UIDs: the folder's UIDVALIDITY changes."""
        for path in [*self.mail.glob("dovecot*"), *self.mail.glob("*/dovecot*")]:
            path.unlink(missing_ok=True)

    def deliver(self, *messages: bytes) -> None:
        for octets in messages:
            name = f"{time.time_ns()}.{os.urandom(4).hex()}.test"
            (self.mail / "tmp" / name).write_bytes(octets)
            (self.mail / "tmp" / name).rename(self.mail / "new" / name)
        self._own()

    def make_folder(self, name: str) -> None:
        for part in ("cur", "new", "tmp"):
            (self.mail / f".{name}" / part).mkdir(parents=True)
        self._own()

    def messages(self, folder: str = "") -> list[Path]:
        place = self.mail / f".{folder}" if folder else self.mail
        return sorted(path for part in ("cur", "new") for path in (place / part).iterdir())

    def _own(self) -> None:
        """Dovecot refuses mail that is root's."""
        if os.geteuid() == 0:
            self.folder.chmod(0o755)
            for path in (self.mail, *self.mail.rglob("*")):
                with contextlib.suppress(FileNotFoundError):
                    shutil.chown(path, "nobody", "nogroup")


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def running(ca: trustme.CA) -> Iterator[Dovecot]:
    """The server, for whole tests of a session."""
    server = Dovecot(ca)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def dovecot(running: Dovecot) -> Dovecot:
    """The server with an empty mailbox."""
    running.clear()
    return running


class Breaking:
    """A way to a port that breaks off once, after so many octets have come back. It is a context manager."""

    def __init__(self, port: int, octets: int = 10**9) -> None:
        self.target = port
        self.left = octets
        self.broken = False
        self.passed = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.sockets = [self.listener]
        self.threads = [threading.Thread(target=self._serve)]
        self.threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for each in self.sockets:
            _shut(each)
        for thread in self.threads:
            thread.join()
        for each in self.sockets:
            each.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [near, far]
                for source, sink, back in ((near, far, False), (far, near, True)):
                    self.threads.append(threading.Thread(target=self._carry, args=(source, sink, back)))
                    self.threads[-1].start()

    def _carry(self, source: socket.socket, sink: socket.socket, back: bool) -> None:
        with contextlib.suppress(OSError):
            while octets := source.recv(4096):
                sink.sendall(self._counted(octets) if back else octets)
                if back and self.left <= 0 and not self.broken:
                    self.broken = True
                    break
        for each in (source, sink):
            _shut(each)

    def _counted(self, octets: bytes) -> bytes:
        if not self.broken:
            octets = octets[: self.left]
            self.left -= len(octets)
        self.passed += len(octets)
        return octets


def _shut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)


def _free_ports(number: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports
