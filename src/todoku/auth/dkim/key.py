"""Read the public key that a domain publishes, and check signatures with it: RFC 6376 section 3.6, RFC 8301, RFC 8463.

Keys are remembered: senders sign millions of messages with one key, and loading it costs more than using it.
``crypto.py`` is imported when the first key is loaded, for ``cryptography`` is slow to start.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from todoku.auth.dkim.signature import Check, Loaded, Outcome, Signature, decode_base64, identity_host
from todoku.mail.tags import Tags, listed, parse_tags, squeeze

MAX_KEYS = 10  # key records tried at one name: a bound of ours
MAX_KEY_TEXT = 4_096  # characters of base64 in p=: a bound of ours
MAX_RECORD = 8_192  # characters of a key record: a bound of ours
_FOR_MAIL = frozenset({"*", "email"})  # RFC 6376 3.6.1, s=


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key record. ``check`` is None where the key is not usable, and ``defect`` says why."""

    kind: str = "rsa"  # k=
    bits: int | None = None
    hashes: tuple[str, ...] = ()  # h=; none: all
    services: tuple[str, ...] = ("*",)
    strict: bool = False  # t=s: i= must be at d= itself
    testing: bool = False  # t=y
    check: Check | None = None
    defect: Outcome | None = None
    verifies: frozenset[str] = frozenset()  # the values of a= for which it is published; with strict, not of every i=


def read_key(record: str) -> Key:
    """The key in a TXT record. Never raises."""
    if len(record) > MAX_RECORD:
        return Key(
            defect=Outcome(
                "temperror", "key-too-long", f"the record has {len(record)} characters, more than {MAX_RECORD}"
            )
        )
    return _read(record)


@lru_cache(maxsize=1_024)
def _read(record: str) -> Key:
    tags = parse_tags(record)
    kind = tags.get("k", "rsa")
    flags = listed(tags.get("t"))
    defect = _record_defect(tags)
    loaded = Loaded(defect=defect) if defect else _load(kind, tags.get("p"))
    hashes = listed(tags.get("h")) if "h" in tags else ()
    services = listed(tags.get("s", "*"))
    for_mail = not _FOR_MAIL.isdisjoint(services)
    return Key(
        kind=kind,
        bits=loaded.bits,
        hashes=hashes,
        services=services,
        strict="s" in flags,
        testing="y" in flags,
        check=loaded.check,
        defect=loaded.defect,
        verifies=frozenset(f"{kind}-{name}" for name in hashes or ("sha256",)) if for_mail else frozenset(),
    )


def _record_defect(tags: Tags) -> Outcome | None:
    """What makes the record no key: RFC 6376 3.6.1."""
    if "v" in tags and (tags.get("v") != "DKIM1" or next(iter(tags.values)) != "v"):
        return Outcome("permerror", "key-invalid", f"v={tags.get('v')[:60]} is not the first tag, v=DKIM1")
    if tags.problem:
        return Outcome("permerror", "key-invalid", tags.problem)
    if "p" not in tags:
        return Outcome("permerror", "key-invalid", "p= is missing")
    if not tags.get("p"):
        return Outcome("permerror", "key-revoked", "p= is empty")
    return None


def mismatch(key: Key, signature: Signature) -> Outcome | None:
    """Why this key may not verify this signature, or None: RFC 6376 6.1.2."""
    if signature.algorithm in key.verifies and not key.strict:  # nearly all
        return None
    kind, _, hash_name = signature.algorithm.partition("-")
    if key.kind != kind:
        return Outcome("permerror", "key-type", f"k={key.kind} and a={signature.algorithm}")
    if key.hashes and hash_name not in key.hashes:
        return Outcome("permerror", "key-hash", f"h={':'.join(key.hashes)}")
    if _FOR_MAIL.isdisjoint(key.services):
        return Outcome("permerror", "key-service", f"s={':'.join(key.services)}")
    if key.strict and identity_host(signature) != signature.domain:  # RFC 6376 3.6.1, t=s
        return Outcome("permerror", "key-strict", f"t=s and i={signature.identity}")
    return None


def _load(kind: str, text: str) -> Loaded:
    from todoku.auth.dkim.crypto import load_ed25519, load_rsa  # noqa: PLC0415 -- 43 ms that a run without keys saves

    packed = squeeze(text)
    if len(packed) > MAX_KEY_TEXT:
        return Loaded(
            defect=Outcome("temperror", "key-too-long", f"p= has {len(packed)} characters, more than {MAX_KEY_TEXT}")
        )
    octets = decode_base64(packed)
    if octets is None:
        return Loaded(defect=Outcome("permerror", "key-invalid", "p= is not base64"))
    if kind == "ed25519":
        return load_ed25519(octets)
    if kind == "rsa":
        return load_rsa(octets)
    return Loaded(defect=Outcome("permerror", "key-type", f"k={kind[:60]}"))
