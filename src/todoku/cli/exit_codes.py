"""What a command's exit code says: one meaning everywhere, and how verdicts come to theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from todoku.words.verdict import Verdict

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_COULD_NOT = 0, 1, 2, 3
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as the shell has it

FailOn = Literal["fail", "warn", "unknown", "never"]
"""From which result on a verdict is a finding."""


def exit_code(verdicts: Sequence[Verdict], fail_on: FailOn) -> int:
    """1 for findings at or above ``fail_on``, 3 where evidence could not be had, else 0. What nothing here can show counts not."""
    if fail_on == "never":
        return EXIT_CLEAN
    bad = {"fail": {"fail"}, "warn": {"fail", "warn"}, "unknown": {"fail", "warn"}}[fail_on]
    blind = any(verdict.missing == "could-not-look" for verdict in verdicts)
    if any(verdict.result in bad and not verdict.accepted for verdict in verdicts) or (blind and fail_on == "unknown"):
        return EXIT_FINDINGS
    return EXIT_COULD_NOT if blind else EXIT_CLEAN


def worst(codes: Iterable[int]) -> int:
    """The code that says most: a finding is surer than evidence that could not be had."""
    return max(codes, key=(EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS).index)
