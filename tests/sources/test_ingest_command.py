"""``todoku ingest`` from a mailbox, as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from imap_server import PASSWORD, Dovecot
from mint_reports import aggregate, mailed


def ingest(place: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "todoku", "ingest", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=place,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
    )


def test_mailbox_of_the_settings(tmp_path: Path, dovecot: Dovecot, ca_file: Path) -> None:
    dovecot.deliver(*(mailed(aggregate(number), number) for number in range(3)))
    (tmp_path / "password").touch(mode=0o600)
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "todoku.toml").write_text(
        f'[ingest]\nsources = ["imaps://dmarc@127.0.0.1:{dovecot.port}"]\npassword_file = "password"\nca_file = "{ca_file}"\n'
    )
    first, again = ingest(tmp_path), ingest(tmp_path, "--lang", "ja")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Taken: 3 new, 0 known already. Read: 3 reports")
    assert (again.returncode, again.stdout.partition("。")[0]) == (0, "取り込み: 新規0件、既知0件")


def test_mailbox_that_is_away_holds_up_no_other_source(tmp_path: Path, dovecot: Dovecot, ca_file: Path) -> None:
    (tmp_path / "report.eml").write_bytes(mailed(aggregate(1)))
    done = ingest(
        tmp_path,
        f"imaps://dmarc@127.0.0.1:{dovecot.port}",
        "report.eml",
        TODOKU_INGEST_CA_FILE=str(ca_file),
        TODOKU_INGEST_PASSWORD="canary-wrong",
    )
    assert done.returncode == 3
    assert done.stdout.startswith("Taken: 1 new, 0 known already. Read: 1 report with")
    assert done.stderr.count("\n") == 1
    assert "look at name and password" in done.stderr
    assert "canary" not in done.stderr + done.stdout
