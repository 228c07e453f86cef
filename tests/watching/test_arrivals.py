"""``todoku watch`` between its rounds: a mail that arrives is taken at once, from a real IMAP server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from imap_server import PASSWORD, Dovecot
from mint_reports import aggregate, mailed
from todoku.cli.stored import clock
from todoku.store.status import status
from todoku.store.store import Places, Store

MAIL = [mailed(aggregate(number), number) for number in range(3)]


class Watch:
    """A watch whose next round is a week away, on one mailbox."""

    def __init__(self, folder: Path, dovecot: Dovecot, ca_file: Path) -> None:
        self.folder = folder
        (folder / "todoku.toml").write_text(
            f'[ingest]\nsources = ["imaps://dmarc@127.0.0.1:{dovecot.port}/INBOX"]\nca_file = "{ca_file}"\n'
            "[watch]\nminutes = 10080\n"
        )
        environment = {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TODOKU_INGEST_PASSWORD": PASSWORD,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "todoku", "watch"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Open: ")

    def reports(self) -> int:
        with Store(Places(folder=self.folder / "todoku-store")) as store:
            return status(store, clock()).parsed

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out + err


@pytest.fixture
def watch(tmp_path: Path, dovecot: Dovecot, ca_file: Path) -> Iterator[Callable[[], Watch]]:
    begun: list[Watch] = []

    def begin() -> Watch:
        begun.append(Watch(tmp_path, dovecot, ca_file))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it has not come to pass")


def test_mail_is_taken_as_it_arrives_and_a_stop_ends_the_listening(
    watch: Callable[[], Watch], dovecot: Dovecot
) -> None:
    dovecot.deliver(MAIL[0])
    begun = watch()
    assert begun.reports() == 1
    for number in (1, 2):
        dovecot.deliver(MAIL[number])
        eventually(lambda number=number: begun.reports() == number + 1)
    assert begun.end() == (0, "")


def test_a_server_that_goes_and_comes_again_is_listened_to_again(watch: Callable[[], Watch], dovecot: Dovecot) -> None:
    begun = watch()
    dovecot.stop()
    dovecot.start()
    dovecot.deliver(MAIL[0])
    eventually(lambda: begun.reports() == 1)
    assert begun.end() == (0, "")
