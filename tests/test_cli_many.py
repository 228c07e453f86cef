"""``todoku check`` with many subjects: side by side and in several processes it says what it says of each alone."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nameserver import slow_server
from todoku.cli.many_run import WORTH_A_PROCESS
from todoku.net.scheduler import MAX_ASKED

ROOT = Path(__file__).parent.parent
MESSAGE = str(ROOT / "examples" / "ses-default.eml")
ZONE = f"zone:{ROOT / 'examples' / 'dns.zone'}"
DOMAINS = [f"d{number}.example.com" for number in range(WORTH_A_PROCESS)]


def check(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "todoku", "check", *arguments, "--dns", ZONE]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def listed(folder: Path, *subjects: str) -> str:
    path = folder / "subjects"
    path.write_text("".join(f"{subject}\n" for subject in subjects))
    return str(path)


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    """The report without what the clock says."""
    subject = {name: value for name, value in report["subject"].items() if name != "age_days"}
    return {**report, "at": None, "subject": subject}


def reports(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.stderr == ""
    found = json.loads(done.stdout)
    return [timeless(report) for report in found.get("reports", [found])]


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_each_report_is_what_it_is_alone_and_stands_in_its_place(tmp_path, workers):
    subjects = [*DOMAINS[:3], MESSAGE, "example.com", *DOMAINS[3:]]
    together = check("--subjects", listed(tmp_path, *subjects), "--workers", workers, "--json", folder=tmp_path)
    alone = [check(subject, "--json", folder=tmp_path) for subject in subjects[2:5]]
    assert together.returncode == 1
    found = reports(together)
    assert [report["subject"]["name"] for report in found] == subjects
    assert found[2:5] == [report for done in alone for report in reports(done)]


def test_many_subjects_are_spread_by_themselves(tmp_path):
    subjects = [*DOMAINS, *(f"e{number}.example.com" for number in range(WORTH_A_PROCESS))]
    found = reports(check("--subjects", listed(tmp_path, *subjects), "--json", folder=tmp_path))
    assert [report["subject"]["name"] for report in found] == subjects


def test_a_spreadsheet_is_one_table_in_the_order_of_the_subjects(tmp_path):
    subjects = listed(tmp_path, MESSAGE, *DOMAINS[:2])
    tables = [
        check("--subjects", subjects, "--workers", workers, "--format", "csv", "--lang", "ja", folder=tmp_path).stdout
        for workers in ("1", "3")
    ]
    assert tables[0] == tables[1]
    lines = list(csv.DictReader(io.StringIO(tables[0], newline="")))
    assert list(dict.fromkeys(line["subject"] for line in lines)) == [MESSAGE, *DOMAINS[:2]]
    assert {"fail", "unknown"} < {line["result"] for line in lines}
    assert "DMARCアライメント" in {line["title"] for line in lines}
    for number in ("1", "2"):  # subjects, which go different ways
        check(*DOMAINS[: int(number)], "--format", "csv", "-o", f"{number}.csv", folder=tmp_path)
        assert (tmp_path / f"{number}.csv").read_bytes().startswith(b"\xef\xbb\xbfsubject,")


@pytest.mark.parametrize("workers", ["1", "4"])
def test_a_name_server_has_no_more_questions_before_it_however_many_processes_ask(tmp_path, workers):
    """More than its socket has room for would be lost, and asked again a second later."""
    subjects = listed(tmp_path, *(f"d{number}.example" for number in range(160)))
    with slow_server() as (address, waiting):
        command = ["check", "--subjects", subjects, "--workers", workers, "--dns", address, "--json"]
        done = subprocess.run(
            [sys.executable, "-m", "todoku", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert len(reports(done)) == 160
    assert MAX_ASKED // 2 <= max(waiting) <= MAX_ASKED


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_first_slip_is_told_in_one_line(tmp_path, workers):
    for name in ("one.eml", "two.eml"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    subjects = listed(tmp_path, *DOMAINS, "one.eml", "two.eml")
    done = check("--subjects", subjects, "--workers", workers, folder=tmp_path)
    alone = check("one.eml", folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", alone.stderr)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("workers", ["0", "65", "x"])
def test_workers_are_a_number_with_bounds(tmp_path, workers):
    done = check("example.com", "--workers", workers, folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "--workers" in done.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_ends_all_processes_without_a_trace(tmp_path, workers):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.settimeout(30)
        server = f"127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "todoku", "check", "--subjects", listed(tmp_path, *DOMAINS), "--dns", server]
        with subprocess.Popen(
            [*command, "--workers", workers], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        ) as running:
            silent.recv(65_535)  # it has begun to ask
            os.killpg(running.pid, signal.SIGINT)
            out, err = running.communicate()
    assert (running.returncode, out, err.strip()) == (130, b"", b"")
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_many_subjects_are_a_table_and_each_cause_once(tmp_path):
    subjects = [
        *DOMAINS,
        *(f"e{number}.example.com" for number in range(WORTH_A_PROCESS)),
        MESSAGE,
        "sample-kuriyama.com",
    ]
    done = check("--subjects", listed(tmp_path, *subjects), folder=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert len(lines) <= 60
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == f"{len(subjects)} subjects: {len(subjects) - 1} fail, 1 without findings"
    assert lines[3].startswith("FAIL")
    assert "ses-default.eml" in lines[3]  # most requirements fail there
    causes = lines[lines.index("Causes") :]
    assert [line for line in causes if "(dmarc-missing)" in line] == [
        f"FAIL  {len(subjects) - 2} of {len(subjects)}: DMARC record (dmarc-missing)"
    ]
    assert f"{len(subjects) - 25} more: " in done.stdout


def test_a_subject_is_shown_in_full_where_it_is_named(tmp_path):
    subjects = [DOMAINS[0], "sample-kuriyama.com", MESSAGE]
    alone = check("sample-kuriyama.com", folder=tmp_path).stdout.splitlines()
    some = check(*subjects, "--details", "sample-kuriyama.com", folder=tmp_path).stdout.splitlines()
    every = check(*subjects, "--details", "all", folder=tmp_path).stdout
    start = some.index("todoku  sample-kuriyama.com")
    timed = [number for number, line in enumerate(alone) if "Checked" in line]
    assert [line for number, line in enumerate(some[start:]) if number not in timed] == [
        line for number, line in enumerate(alone) if number not in timed
    ]
    assert sum(line.startswith("todoku  ") for line in every.splitlines()) == 3
    stranger = check(*subjects, "--details", "example.org", folder=tmp_path)
    assert (stranger.returncode, stranger.stdout) == (2, "")
    assert "example.org" in stranger.stderr


def test_what_could_not_be_looked_at_is_no_clean_row(tmp_path):
    zone = tmp_path / "dead.zone"
    zone.write_text("".join(f"; !timeout d0.example.com {kind}\n" for kind in ("SOA", "MX", "TXT", "A", "AAAA", "NS")))
    done = check("d0.example.com", "sample-kuriyama.com", "--dns", f"zone:{zone}", folder=tmp_path)
    (row,) = [line for line in done.stdout.splitlines() if " d0.example.com" in line and "-" not in line[:4]][:1]
    assert not row.startswith("pass")
