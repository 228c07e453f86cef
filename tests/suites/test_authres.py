"""Authentication-Results in the suites' messages: what a receiver wrote of DMARC follows, or the difference is named."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from todoku.auth.dmarc import receiver_dmarc
from todoku.mail.authres import AuthenticationResults, parse_authentication_results
from todoku.net.suffix_list import bundled_suffixes

FIELD = re.compile(r"^((?:arc-)?authentication-results):(.*(?:\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
LEAST = 30  # distinct looks with a result of SPF, DKIM or DMARC


def texts(folder: Path) -> list[str]:
    """Every file that is text, and every message in the cases of the ARC suite."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".gz", ".zip"):
            text = path.read_bytes().decode("latin-1").replace("\r\n", "\n")
            is_arc = path.suffix == ".jsonl" and path.name.startswith("arc-")
            found += [json.loads(line)["message"] for line in text.splitlines()] if is_arc else [text]
    return found


def looks(text: str) -> list[tuple[str, list[AuthenticationResults]]]:
    """The fields of each receiver in a message, as one: some write a field for each method."""
    by_receiver = defaultdict(list)
    for name, value in FIELD.findall(text):
        field = parse_authentication_results(value)
        by_receiver[name.lower(), field.authserv_id, field.instance].append((" ".join(value.split()), field))
    return [("\n".join(value for value, _ in found), [field for _, field in found]) for found in by_receiver.values()]


def test_what_was_written_follows_or_the_difference_is_named(suites: Path, tally) -> None:
    said = {}
    for text in texts(suites):
        for values, fields in looks(text):
            found = receiver_dmarc(fields, "", bundled_suffixes())
            if found is not None:
                said[values] = found
    counts = Counter(one.difference or "agrees" for one in said.values())
    for name, count in counts.most_common():
        tally(f"Authentication-Results: {name}", count, len(said))
    assert [value for value, one in said.items() if one.difference == "unexplained"] == []
    assert len(said) >= LEAST
    assert {"agrees", "no-record", "no-result"} <= set(counts)
