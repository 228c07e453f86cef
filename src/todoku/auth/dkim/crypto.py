"""The mathematics of signatures, by ``cryptography``: RSA (RFC 6376 section 3.3.2, RFC 8301) and Ed25519 (RFC 8463).

Both sign the SHA-256 of the canonical header: RSA as PKCS #1 v1.5, Ed25519 as its message.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

from todoku.auth.dkim.signature import Loaded, Outcome
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

MIN_RSA_BITS = 1_024  # RFC 8301 section 3.2
MAX_RSA_BITS = 8_192  # a bound of ours: RFC 8301 asks for 4096, and more is slow

_PRIME = 2**255 - 19  # RFC 8032 5.1
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
"""The y of the eight points of small order: under such a key there are signatures that nobody made."""

_PADDING = PKCS1v15()
_HASH = Prehashed(SHA256())
_NO_RSA_KEY = Loaded(defect=Outcome("permerror", "key-invalid", "p= is no RSA public key"))


def load_rsa(der: bytes) -> Loaded:
    """An RSA key, as SubjectPublicKeyInfo or bare RSAPublicKey: RFC 6376 section 3.6.1 names the one, shows the other."""
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return _NO_RSA_KEY
    if not isinstance(key, RSAPublicKey):
        return _NO_RSA_KEY
    bits = key.key_size
    if bits < MIN_RSA_BITS:  # RFC 8301 3.2
        return Loaded(bits, defect=Outcome("permerror", "key-too-short", f"{bits} bits"))
    if bits > MAX_RSA_BITS:
        return Loaded(bits, defect=Outcome("temperror", "key-too-long", f"{bits} bits, more than {MAX_RSA_BITS}"))
    numbers = key.public_numbers()
    if not 1 < numbers.e < 2**32 or numbers.e % 2 == 0 or numbers.n % 2 == 0:
        return Loaded(
            bits,
            defect=Outcome(
                "permerror", "key-invalid", "its exponent must be odd, above 1 and below 2^32, its modulus odd"
            ),
        )

    def check(signature: bytes, digest: bytes) -> bool:
        try:
            key.verify(signature, digest, _PADDING, _HASH)
        except InvalidSignature:
            return False
        return True

    return Loaded(bits, check)


def load_ed25519(octets: bytes) -> Loaded:
    """An Ed25519 key: 32 octets, bare (RFC 8463 section 4.2)."""
    if len(octets) != 32:
        return Loaded(defect=Outcome("permerror", "key-invalid", f"p= has {len(octets)} octets instead of 32"))
    y = int.from_bytes(octets, "little") % 2**255  # RFC 8032 5.1.2: the highest bit is the sign of x
    if y >= _PRIME or y in _SMALL_ORDER:
        return Loaded(
            256, defect=Outcome("permerror", "key-invalid", "p= is a point that nobody's private key leads to")
        )
    key = Ed25519PublicKey.from_public_bytes(octets)

    def check(signature: bytes, digest: bytes) -> bool:
        try:
            key.verify(signature, digest)
        except InvalidSignature:
            return False
        return True

    return Loaded(256, check)


def signed_digest(der: bytes, signature: bytes) -> bytes | None:
    """The SHA-256 digest that an RSA signature holds; None where it was not made with this key. See ``load_rsa``."""
    try:
        key = load_der_public_key(der)
        return key.recover_data_from_signature(signature, _PADDING, SHA256()) if isinstance(key, RSAPublicKey) else None
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return None


class Signer(NamedTuple):
    """A function that signs a SHA-256 digest, and what a= calls it."""

    algorithm: str
    sign: Callable[[bytes], bytes]


@lru_cache(maxsize=16)
def load_signer(pem: bytes) -> Signer:
    """The key as one that signs. Raises ``UsageError`` for what is no private key that DKIM knows, or an RSA key too short."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm, InternalError) as error:
        why = " ".join(str(error).split())[:200]
        raise UsageError(Text(f"the private key cannot be read: {why}", f"秘密鍵を読み込めません: {why}")) from error
    if isinstance(key, Ed25519PrivateKey):
        return Signer("ed25519-sha256", key.sign)
    if not isinstance(key, RSAPrivateKey):
        raise UsageError(
            Text(
                "the private key is neither RSA nor Ed25519, and DKIM knows no others",
                "秘密鍵がRSAでもEd25519でもありません。DKIMで使えるのはこの2種類だけです",
            )
        )
    if key.key_size < MIN_RSA_BITS:  # RFC 8301 3.2
        raise UsageError(
            Text(
                f"the private key has {key.key_size} bits, and no receiver accepts fewer than {MIN_RSA_BITS}",
                f"秘密鍵が{key.key_size}ビットです。{MIN_RSA_BITS}ビット未満の鍵は受信側で受け入れられません",
            )
        )
    return Signer("rsa-sha256", lambda digest: key.sign(digest, _PADDING, _HASH))
