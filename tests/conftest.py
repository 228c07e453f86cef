"""What every test may use: the outside suites, found by ``$TODOKU_SUITES``, else beside the project."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # of what a shell starts in the background, and hands down
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of the standards' own suites; a test that needs it is skipped, in plain words, where there is none."""
    folder = Path(os.environ.get("TODOKU_SUITES") or ROOT.parent / "shared" / "suites")
    if not folder.is_dir():
        pytest.skip(f"suites not found: {folder} (set TODOKU_SUITES)")
    return folder


@pytest.fixture(scope="session")
def hostile_inputs() -> Path:
    """The folder of hostile inputs (``inputs`` beside the suites)."""
    folder = Path(os.environ.get("TODOKU_SUITES") or ROOT.parent / "shared" / "suites").parent / "inputs"
    if not folder.is_dir():
        pytest.skip(f"hostile inputs not found: {folder} (set TODOKU_SUITES)")
    return folder


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Callable[[str, int, int], None]:
    """Tell how many cases of a suite came out right; all counts stand together at the end of the run."""

    def tell(suite: str, right: int, total: int) -> None:
        request.node.user_properties.append(("suite", f"{suite:<34} {right:>5} of {total}"))

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The counts of the outside suites, whichever process ran them."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    told = {text for report in reports for name, text in getattr(report, "user_properties", ()) if name == "suite"}
    if told:
        terminalreporter.section("outside suites")
        for line in sorted(told):
            terminalreporter.write_line(line)
