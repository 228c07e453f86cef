"""The public suffix list that comes with the ``publicsuffixlist`` package: its data file, read once per process.

It trusts the installed package and touches nothing else. The package itself is never imported: its code builds tables
of its own, which costs more than reading the list.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from todoku.auth.suffixes import Suffixes


@cache
def bundled_suffixes() -> Suffixes:
    """The rules of the bundled list."""
    spec = find_spec("publicsuffixlist")  # finds a top-level package without running it
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("publicsuffixlist is not installed", name="publicsuffixlist")
    listed = Path(spec.origin).with_name("public_suffix_list.dat").read_bytes()
    return Suffixes.from_text(listed.decode("utf-8"))
