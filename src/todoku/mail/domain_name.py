"""Domain names as they are compared: lower-case A-labels. RFC 1035 section 2.3.4, RFC 1123 2.1, RFC 5890, UTS #46."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_NAME = 253  # RFC 1035 2.3.4, in presentation form

# RFC 1123 2.1, with the underscore that names in DNS have. The last label is no number: that is an address (RFC 3696 2).
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?:{LABEL}\.)*+(?![0-9]+\Z){LABEL}", re.IGNORECASE)

# Letters of Cyrillic that people take for Latin ones: a label made of nothing else imitates a Latin name (UTS #39 4).
LOOKALIKES = frozenset("асеорхуіјѕһԁԛԝӏ")
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "GEORGIAN", "COPTIC")


def is_domain_name(name: str) -> bool:
    """Whether ``name`` is a syntactically valid host name of at least one label, A-labels only (RFC 1123, underscore allowed)."""
    return len(name) <= MAX_NAME and _is_name(name)


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return NAME.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def _ascii_domain(name: str) -> str | None:
    if not name.isascii():
        mapped = _mapped(name)
        if mapped is None:
            return None
        name = mapped
    name = name.lower().removesuffix(".")
    return name if is_domain_name(name) else None


def ascii_domain(name: str) -> str | None:
    """The domain as lower-case A-labels (UTS #46), or None where it is no domain name. Accepts U-labels and A-labels."""
    return _ascii_domain(name) if len(name) <= MAX_NAME + 1 else None


def _mapped(name: str) -> str | None:
    """U-labels as A-labels; None where a label is not valid by IDNA 2008."""
    import idna  # noqa: PLC0415 -- its tables take 20 ms to load, and most names are ASCII

    try:
        labels = idna.uts46_remap(name, std3_rules=False, transitional=False).split(".")
        return ".".join(label if label.isascii() else idna.alabel(label).decode("ascii") for label in labels)
    except UnicodeError:  # idna.IDNAError is one
        return None


def is_mixed_script(domain: str) -> bool:
    """Whether a label, given as U-label or A-label, mixes alphabets that look alike or imitates Latin in another one."""
    if domain.isascii() and "xn--" not in domain.lower():
        return False
    return any(_is_mixed(_u_label(label)) for label in domain[:MAX_NAME].lower().split("."))


def _u_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_mixed(label: str) -> bool:
    import unicodedata  # noqa: PLC0415 -- only names beyond ASCII need it

    if label.isascii():
        return False
    letters = [character for character in label if character.isalpha()]
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in letters}
    return len(scripts.intersection(SCRIPTS)) > 1 or (bool(letters) and LOOKALIKES.issuperset(letters))
