"""``todoku iam`` as a user meets it: a policy on standard output, or one clear line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from todoku.cli.main import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Todoku = Callable[..., Outcome]


@pytest.fixture
def todoku(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Todoku:
    """Run the command in this process: arguments in, exit code and both streams out."""
    monkeypatch.setenv("TODOKU_LANG", "en")

    def run(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["todoku", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Outcome(int(stop.value.code or 0), captured.out.decode(), captured.err.decode())

    return run


@pytest.mark.parametrize("use", ["read", "watch", "apply"])
def test_a_policy_that_iam_takes(todoku, use):
    done = todoku("iam", use)
    policy = json.loads(done.out)
    assert (done.code, done.err, policy["Version"]) == (0, "", "2012-10-17")
    assert len(json.dumps(policy, separators=(",", ":"))) < 6144  # a managed policy's most
    assert len({statement["Sid"] for statement in policy["Statement"]}) == len(policy["Statement"])
    assert all(statement["Sid"].isalnum() for statement in policy["Statement"])


def test_narrowed(todoku):
    done = todoku("iam", "read", "--account", "123456789012", "--region", "us-gov-west-1", "--identity", "example.com")
    assert "arn:aws-us-gov:ses:us-gov-west-1:123456789012:identity/example.com" in done.out
    assert "arn:aws:" not in done.out


@pytest.mark.parametrize(
    ("language", "why"), [("en", "DKIM, MAIL FROM and verification"), ("ja", "各検証済みIDのDKIM")]
)
def test_what_each_action_is_for(todoku, language, why):
    done = todoku("iam", "read", "--format", "text", "--lang", language)
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("ses:GetEmailIdentity ")]
    assert why in line
    assert all(line.split(maxsplit=1)[1] for line in done.out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--account", "12345"], "12 digits"),
        (["--account", "１２３４５６７８９０１２"], "12 digits"),
        (["--region", "tokyo"], "is not a region"),
        (["--region", "us-east-1", "--region", "us-gov-west-1"], "different parts of AWS"),
        (["--identity", "example.com/../*"], "is not a domain or an address"),
        (["--identity", 'a"b'], "is not a domain or an address"),
        (["--format", "yaml"], "cannot be 'yaml'"),
    ],
)
def test_a_slip_is_one_line(todoku, arguments, word):
    done = todoku("iam", "read", *arguments)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert word in done.err
