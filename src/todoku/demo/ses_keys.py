"""The DKIM keys of the demo's SES: made when they are first needed, since a key of 2048 bits takes a while."""

from __future__ import annotations

import base64
import binascii
import hashlib
from threading import RLock

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from todoku.demo.ses_error import bad_request

TOKEN_LENGTH = 32
BITS = {"RSA_1024_BIT": 1024, "RSA_2048_BIT": 2048}


class Keys:
    """Private keys by the DNS name under which their public half is published. It may be asked from several threads."""

    def __init__(self) -> None:
        """Start without any."""
        self._lock = RLock()
        self._wanted: dict[str, int] = {}
        self._private: dict[str, bytes] = {}

    def want(self, name: str, bits: int) -> None:
        """See to it that there is a key of so many bits for ``name`` when somebody asks for it."""
        with self._lock:
            self._wanted.setdefault(name, bits)

    def renew(self, name: str, bits: int) -> None:
        """Put a new key in the place of the one at ``name``."""
        with self._lock:
            self._wanted[name] = bits
            self._private.pop(name, None)

    def keep(self, name: str, private_key: bytes) -> None:
        """Keep a customer's own key, PEM."""
        with self._lock:
            self._private[name] = private_key

    def private(self, name: str) -> bytes:
        """The private key for ``name``, PEM. Raises ``KeyError`` where none was wanted."""
        with self._lock:
            if name not in self._private:
                key = rsa.generate_private_key(public_exponent=65537, key_size=self._wanted[name])
                self._private[name] = _pem(key)
            return self._private[name]

    def record(self, name: str) -> str | None:
        """The TXT record that SES publishes at ``name``, or None where it publishes none."""
        # no page says: the form of SES's key records, "p=..." alone, as seen in DNS
        with self._lock:
            return f"p={public_half(self.private(name))}" if name in self._wanted else None

    def names(self) -> tuple[str, ...]:
        """Every name at which SES publishes a key."""
        with self._lock:
            return tuple(self._wanted)


def tokens(account: str, region: str, domain: str, generation: int) -> tuple[str, ...]:
    """Three Easy DKIM tokens of 32 characters a-z2-7: the same for the same names, so that a run can be repeated."""
    seeds = [f"{account}/{region}/{domain}/{generation}/{index}" for index in range(3)]
    return tuple(token(seed) for seed in seeds)


def token(seed: str) -> str:
    """One token for a seed."""
    digest = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().lower()
    return digest[:TOKEN_LENGTH]


def customer_key(text: str) -> bytes:
    """The PEM of a key that a customer hands over for BYODKIM. Raises ``SesError`` for what SES would refuse."""
    # ses/latest/dg/send-email-authentication-dkim-bring-your-own.html: one line of base64, RSA of 1024 to 2048 bits
    try:
        key = serialization.load_der_private_key(base64.b64decode(text, validate=True), None)
    except (ValueError, TypeError, binascii.Error):
        raise bad_request("The DKIM private key is not a valid base64-encoded PKCS #1 or PKCS #8 RSA key.") from None
    if not isinstance(key, rsa.RSAPrivateKey) or not 1024 <= key.key_size <= 2048:
        raise bad_request("The DKIM private key must use RSA encryption of 1024 to 2048 bits.")
    return _pem(key)


def public_half(private_key: bytes) -> str:
    """The value of p= that belongs to a private key in PEM."""
    public = serialization.load_pem_private_key(private_key, None).public_key()
    form, encoding = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.Encoding.DER
    return base64.b64encode(public.public_bytes(encoding, form)).decode()


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
