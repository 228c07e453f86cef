"""Whether Amazon SNS signed a notification, and whether it is from a topic that we listen to.

Only what was signed leaves this module: what else stands in the envelope could have been added by anybody who may write
to the queue. The certificate is fetched from a host of SNS's own by HTTPS, and from nowhere else.
The rules: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Collection
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from todoku.words.verdict import Text

CERTIFICATE_URL = re.compile(
    r"https://sns\.[a-z]{2}(?:-[a-z]+)+-[0-9]\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[0-9a-f]{16,64}\.pem"
)
"""Nothing before the host, no port, no other folder: a bucket of anybody's is in amazonaws.com, too."""

HASHES = {"1": SHA1, "2": SHA256}
SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
"""Of a notification, in this order; what it lacks is left out."""

MIN_KEY = 2048  # bits

Fetch = Callable[[str], bytes]
"""The octets at a URL that has the form of ``CERTIFICATE_URL``."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What SNS puts round a message."""

    Type: str
    MessageId: str
    TopicArn: str
    Message: str
    Timestamp: str
    SignatureVersion: str
    Signature: str
    SigningCertURL: str
    Subject: str | None = None

    def canonical(self) -> bytes:
        """What is signed: each name and its value on a line of its own."""
        named = ((name, getattr(self, name)) for name in SIGNED)
        return "".join(f"{name}\n{value}\n" for name, value in named if value is not None).encode("utf-8", "replace")


class Forged(Exception):  # noqa: N818 -- it says what the message is
    """Nobody has shown that this message is from where it says. ``text`` is why."""

    def __init__(self, en: str, ja: str) -> None:
        """Keep both languages."""
        super().__init__(en)
        self.text = Text(en, ja)


def signed_message(envelope: Envelope, topics: Collection[str], fetch: Fetch) -> bytes:
    """The message that SNS signed. Raises ``Forged``, and whatever ``fetch`` raises."""
    if envelope.Type != "Notification":
        raise Forged("it is no notification", "通知ではありません")
    if envelope.TopicArn not in topics:
        topic = envelope.TopicArn[:200]
        raise Forged(
            f"its topic {topic} is not among [ingest] topics", f"トピック {topic} は [ingest] topics にありません"
        )
    if CERTIFICATE_URL.fullmatch(envelope.SigningCertURL) is None:
        raise Forged("its certificate is not at a host of SNS", "証明書の場所がSNSのホストではありません")
    algorithm = HASHES.get(envelope.SignatureVersion)
    if algorithm is None:
        raise Forged("its signature is of an unknown version", "署名のバージョンが不明です")
    key = _key(fetch(envelope.SigningCertURL), envelope.Timestamp)
    try:
        signature = b64decode(envelope.Signature, validate=True)
        key.verify(signature, envelope.canonical(), PKCS1v15(), algorithm())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Forged("its signature is not that of SNS", "署名がSNSのものと一致しません") from None
    except UnsupportedAlgorithm:  # SHA-1, where the system's policy forbids it
        raise Forged(
            "this machine does not check signatures of its version: set SignatureVersion to 2 at the topic",
            "このバージョンの署名は、このマシンでは検証できません。トピックの SignatureVersion を 2 に設定してください",
        ) from None
    return envelope.Message.encode("utf-8", "replace")


def _key(pem: bytes, timestamp: str) -> RSAPublicKey:
    """The key of the certificate, which must have been valid when the message was made. Raises ``Forged``."""
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
        made = datetime.fromisoformat(timestamp)
        valid = certificate.not_valid_before_utc <= made <= certificate.not_valid_after_utc
    except (ValueError, TypeError, UnsupportedAlgorithm):  # no certificate, no time, or a time without its zone
        raise Forged("its certificate or its time cannot be read", "証明書または時刻を読み取れません") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY or not valid:
        raise Forged("its certificate was not valid then", "その時点で有効な証明書ではありません")
    return key
