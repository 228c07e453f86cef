"""What every test may use: the outside suites, found by ``$TODOKU_SUITES``, else beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


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
