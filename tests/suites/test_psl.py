"""The public suffix list's own test vectors: organizational domains of A-label and U-label names."""

import re

from todoku.mail.address import ascii_domain
from todoku.net.suffix_list import bundled_suffixes

VECTOR = re.compile(r"^checkPublicSuffix\((null|'[^']*'), (null|'[^']*')\);", re.MULTILINE)


def registrable(name: str) -> str | None:
    """The name that someone registered: none for a public suffix or for what is no domain name."""
    domain = ascii_domain(name)
    if domain is None or bundled_suffixes().public_suffix(domain) == domain:
        return None
    return bundled_suffixes().organizational_domain(domain)


def test_every_vector(suites, tally):
    vectors = VECTOR.findall((suites / "psl" / "test_psl.txt").read_text(encoding="utf-8"))
    assert len(vectors) == 78  # 77 names and the null input
    wrong = []
    for given, expected in vectors:
        name = "" if given == "null" else given.strip("'")  # no input is the empty name
        wanted = None if expected == "null" else ascii_domain(expected.strip("'"))
        if registrable(name) != wanted:
            wrong.append((name, wanted, registrable(name)))
    tally("public suffix list", len(vectors) - len(wrong), len(vectors))
    assert wrong == []
