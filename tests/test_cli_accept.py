"""What its owner has accepted is shown with its reason, and does not count: ``[[accept]]`` and ``todoku check``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
FAILS = ("dmarc-alignment", "spf-and-dkim", "dkim", "dmarc-policy", "one-click-unsubscribe")


def check(folder: Path, accepted: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "todoku.toml").write_text(accepted)
    return subprocess.run(
        [
            *(sys.executable, "-m", "todoku", "check", str(EXAMPLES / "ses-default.eml")),
            *("--dns", f"zone:{EXAMPLES / 'dns.zone'}", "--receiver", "gmail,yahoo,outlook", *options),
        ],
        cwd=folder,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def accept(requirement: str, until: str = "2999-12-31", **more: str) -> str:
    rest = "".join(f'{name} = "{value}"\n' for name, value in more.items())
    return f'[[accept]]\nrequirement = "{requirement}"\nreason = "moving in spring"\nuntil = {until}\n{rest}'


def failing(folder: Path) -> set[str]:
    found = json.loads(check(folder, "", "--json").stdout)["verdicts"]
    return {one["requirement"] for one in found if one["result"] == "fail"}


def test_what_is_accepted_does_not_count(tmp_path: Path) -> None:
    wanted = failing(tmp_path)
    assert wanted
    assert check(tmp_path, "".join(map(accept, wanted))).returncode == 0


def test_it_is_shown_with_its_reason_in_both_languages(tmp_path: Path) -> None:
    wanted = "".join(map(accept, failing(tmp_path)))
    shown = " ".join(check(tmp_path, wanted).stdout.split())
    assert "moving in spring" in shown
    assert "left for you" not in shown
    assert "2999-12-31 まで許容" in check(tmp_path, wanted, "--lang", "ja").stdout.replace("\n", "")


def test_what_is_not_accepted_still_counts(tmp_path: Path) -> None:
    wanted = sorted(failing(tmp_path))
    assert len(wanted) > 1
    assert check(tmp_path, "".join(map(accept, wanted[1:]))).returncode == 1


@pytest.mark.parametrize(
    "more",
    [{"until": "2026-01-01"}, {"domain": "*.other.example"}, {"receiver": "icloud"}],
    ids=["it ran out", "another domain", "another receiver"],
)
def test_what_is_accepted_otherwise_counts_here(tmp_path: Path, more: dict[str, str]) -> None:
    accepted = "".join(accept(one, **more) for one in failing(tmp_path))
    assert check(tmp_path, accepted).returncode == 1


def test_a_record_is_judged_by_what_was_accepted_then(tmp_path: Path) -> None:
    accepted = "".join(map(accept, failing(tmp_path)))
    check(tmp_path, accepted, "--record", "look.zip")
    (tmp_path / "todoku.toml").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "todoku", "replay", "look.zip"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_requirement_that_there_is_none_of(tmp_path: Path) -> None:
    done = check(tmp_path, accept("dmark"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "'dmark'" in done.stderr
