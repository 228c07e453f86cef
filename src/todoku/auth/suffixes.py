"""The public suffix list: where the part of a name that anyone can register under ends. publicsuffix.org/list."""

from __future__ import annotations

from functools import lru_cache

import msgspec


class Suffixes(msgspec.Struct, frozen=True):
    """The rules, as A-labels: plain names, ``*.`` parents, and ``!`` exceptions."""

    rules: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]

    @classmethod
    def from_text(cls, text: str) -> Suffixes:
        """The list in its published form (``public_suffix_list.dat``). Fast: it is read at start-up."""
        lines = [line.split(None, 1)[0] for line in text.split("\n") if line and line[0] not in "/ \t\r"]
        special = [line for line in lines if line[0] in "*!" or not line.isascii()]
        encoded = [line if line.isascii() else _a_labels(line) for line in special]
        return cls(
            rules=frozenset(lines).difference(special).union(rule for rule in encoded if rule[0] not in "*!"),
            wildcards=frozenset(rule[2:] for rule in encoded if rule[0] == "*"),
            exceptions=frozenset(rule[1:] for rule in encoded if rule[0] == "!"),
        )

    def public_suffix(self, name: str) -> str:
        """The public suffix of an A-label name; an unlisted top-level domain is one (the default rule ``*``)."""
        return _split(self, name)[0]

    def organizational_domain(self, name: str) -> str:
        """The public suffix plus one label, or ``name`` itself where it is a public suffix: RFC 7489 section 3.2."""
        return _split(self, name)[1]


def _a_labels(rule: str) -> str:
    """The rule with A-labels. The list is kept in lower case and NFC, so that punycode alone makes them."""
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in rule.split(".")
    )


@lru_cache(maxsize=8192)
def _split(suffixes: Suffixes, name: str) -> tuple[str, str]:
    """The public suffix and the organizational domain of ``name``: the longest rule wins, an exception over all."""
    labels = name.lower().rstrip(".").rsplit(".", 127)  # RFC 1035 2.3.4: no name has more labels
    depth = 1
    for count in range(len(labels), 0, -1):
        candidate = ".".join(labels[-count:])
        if candidate in suffixes.exceptions:
            depth = max(count - 1, 1)
            break
        if candidate in suffixes.rules or candidate.partition(".")[2] in suffixes.wildcards:
            depth = count
            break
    return ".".join(labels[-depth:]), ".".join(labels[-depth - 1 :])
