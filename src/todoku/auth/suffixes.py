"""The public suffix list: where the part of a name that anyone can register under ends. publicsuffix.org/list."""

from __future__ import annotations

import msgspec


class Suffixes(msgspec.Struct, frozen=True):
    """The rules, as A-labels: plain names, ``*.`` parents, and ``!`` exceptions."""

    rules: frozenset[str]
    wildcards: frozenset[str]
    exceptions: frozenset[str]

    @classmethod
    def from_text(cls, text: str) -> Suffixes:
        """The list in its published form (``public_suffix_list.dat``). Fast: it is read at start-up."""
        raise NotImplementedError

    def public_suffix(self, name: str) -> str:
        """The public suffix of an A-label name; an unlisted top-level domain is one (the default rule ``*``)."""
        raise NotImplementedError

    def organizational_domain(self, name: str) -> str:
        """The public suffix plus one label, or ``name`` itself where it is a public suffix: RFC 7489 section 3.2."""
        raise NotImplementedError
