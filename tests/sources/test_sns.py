"""C2: what SNS did not sign, or not for us, is not taken as an event of SES; and nothing but what it signed is."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import trustme
from cryptography.hazmat.primitives.hashes import BLAKE2b

from sns_signer import HOST, NOW, PAGE, TOPIC, CertificateHost, Signer, certificate, event
from todoku.intake.source import SourceAway
from todoku.net.one_reply import MAX_OCTETS
from todoku.net.sources import certificates, sns
from todoku.net.sources.certificates import Certificates
from todoku.net.sources.sns import Envelope, Forged, signed_message
from todoku.net.sources.tls_context import tls

SIGNER, STRANGER, WEAK = Signer(), Signer(), Signer(1024)
PAGES = {
    PAGE: certificate(SIGNER.key),
    PAGE.replace("0" * 32, "1" * 32): certificate(SIGNER.key, begin=NOW.replace(year=2020)),
    PAGE.replace("0" * 32, "2" * 32): b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    PAGE.replace("0" * 32, "3" * 32): certificate(WEAK.key),
    PAGE.replace("0" * 32, "4" * 32): 503,
    PAGE.replace("0" * 32, "6" * 32): 429,
    PAGE.replace("0" * 32, "7" * 32): 408,
    PAGE.replace("0" * 32, "5" * 32): b"x" * (MAX_OCTETS + 1),
}


@pytest.fixture
def host(ca: trustme.CA, tmp_path: Path) -> Iterator[CertificateHost]:
    with CertificateHost(tmp_path, ca, PAGES) as host:
        yield host


@pytest.fixture
def fetched(host: CertificateHost, ca_file: Path) -> Certificates:
    trusted = tls(str(ca_file))
    return Certificates(trusted, httpx2.HTTPTransport(verify=trusted, uds=str(host.socket)))


def read(document: dict[str, Any], fetched: Certificates) -> bytes:
    return signed_message(msgspec.convert(document, Envelope), [TOPIC], fetched.fetch)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Amazon SES Email Event Notification", ""])
def test_what_sns_signed_is_read(fetched: Certificates, version: str, subject: str | None) -> None:
    told = event(1, "someone@例え.example")
    assert read(SIGNER.envelope(told, version=version, subject=subject), fetched) == told.encode()


def test_certificate_is_fetched_once(fetched: Certificates, host: CertificateHost) -> None:
    for number in range(5):
        read(SIGNER.envelope(event(number)), fetched)
    assert host.asked == [f"/{PAGE}"]


def test_members_that_nobody_signed_stay_behind(fetched: Certificates) -> None:
    document = {**SIGNER.envelope(event()), "Records": [{"body": event(666)}], "detail": event(667)}
    assert read(document, fetched) == event().encode()


def page(digit: str) -> str:
    return f"https://{HOST}/{PAGE.replace('0' * 32, digit * 32)}"


FORGERIES: dict[str, dict[str, Any]] = {
    "signed-by-a-stranger": STRANGER.envelope(event()),
    "message-changed": {**SIGNER.envelope(event()), "Message": event(2)},
    "time-changed": {**SIGNER.envelope(event()), "Timestamp": "2026-11-24T00:00:01.000Z"},
    "id-changed": {**SIGNER.envelope(event()), "MessageId": "another"},
    "subject-added": {**SIGNER.envelope(event()), "Subject": "x"},
    "subject-removed": {
        name: value for name, value in SIGNER.envelope(event(), subject="x").items() if name != "Subject"
    },
    "topic-of-a-stranger": SIGNER.envelope(event(), TopicArn="arn:aws:sns:eu-west-1:444455556666:ses-events"),
    "topic-changed-to-ours": {
        **SIGNER.envelope(event(), TopicArn="arn:aws:sns:eu-west-1:444455556666:x"),
        "TopicArn": TOPIC,
    },
    "confirmation": SIGNER.envelope(event(), Type="SubscriptionConfirmation"),
    "unknown-version": {**SIGNER.envelope(event()), "SignatureVersion": "3"},
    "version-changed": {**SIGNER.envelope(event(), version="2"), "SignatureVersion": "1"},
    "no-signature": {**SIGNER.envelope(event()), "Signature": ""},
    "signature-no-base64": {**SIGNER.envelope(event()), "Signature": "%%%"},
    "signature-of-another-length": {**SIGNER.envelope(event()), "Signature": b64encode(b"x" * 100).decode()},
    "lines-moved": SIGNER.envelope(event()) | {"Message": event() + "\nMessageId\nx", "MessageId": "y"},
    "expired": SIGNER.envelope(event(), SigningCertURL=page("1")),
    "no-certificate-there": SIGNER.envelope(event(), SigningCertURL=page("2")),
    "key-too-short": WEAK.envelope(event(), SigningCertURL=page("3")),
    "no-such-certificate": SIGNER.envelope(event(), SigningCertURL=page("9")),
    "no-time": SIGNER.envelope(event(), Timestamp="yesterday"),
    "time-without-zone": SIGNER.envelope(event(), Timestamp="2026-11-24T00:00:00"),
}

ELSEWHERE = {
    "plain-http": f"http://{HOST}/{PAGE}",
    "strangers-host": f"https://sns.example.com/{PAGE}",
    "strangers-host-behind-ours": f"https://{HOST}.example.com/{PAGE}",
    "user-before-the-host": f"https://{HOST}@example.com/{PAGE}",
    "port": f"https://{HOST}:8443/{PAGE}",
    "bucket": f"https://sns.eu-west-1.s3.amazonaws.com/{PAGE}",
    "bucket-named-like-a-region": f"https://sns.s3.amazonaws.com/{PAGE}",
    "function-url": f"https://sns.lambda-url.eu-west-1.amazonaws.com/{PAGE}",
    "host-of-another-service": f"https://s3.eu-west-1.amazonaws.com/{PAGE}",
    "another-folder": f"https://{HOST}/x/{PAGE}",
    "query": f"https://{HOST}/{PAGE}?x",
    "fragment": f"https://{HOST}/x#{PAGE}",
    "line-end": f"https://{HOST}/{PAGE}\n",
    "dots": f"https://{HOST}/../{PAGE}",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery_is_refused(fetched: Certificates, name: str) -> None:
    with pytest.raises(Forged):
        read(FORGERIES[name], fetched)


def test_hash_that_this_machine_does_not_check(fetched: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SHA-1 is where the system's policy forbids it."""
    monkeypatch.setattr(sns, "HASHES", {"1": lambda: BLAKE2b(64)})
    with pytest.raises(Forged, match="set SignatureVersion to 2"):
        read(SIGNER.envelope(event(), version="1"), fetched)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_certificate_is_fetched_from_nowhere_else(fetched: Certificates, host: CertificateHost, name: str) -> None:
    with pytest.raises(Forged, match="not at a host of SNS"):
        read(SIGNER.envelope(event(), SigningCertURL=ELSEWHERE[name]), fetched)
    assert host.asked == []


def test_topic_is_looked_at_before_anything_is_fetched(fetched: Certificates, host: CertificateHost) -> None:
    with pytest.raises(Forged, match="not among"):
        read(FORGERIES["topic-of-a-stranger"], fetched)
    assert host.asked == []


@pytest.mark.parametrize(("digit", "why"), [("4", "HTTP 503"), ("5", "> 65536"), ("6", "HTTP 429"), ("7", "HTTP 408")])
def test_host_that_gives_no_certificate_is_away(fetched: Certificates, digit: str, why: str) -> None:
    """The message may be true: it stays in the queue."""
    with pytest.raises(SourceAway, match=why):
        read(SIGNER.envelope(event(), SigningCertURL=page(digit)), fetched)


def test_host_that_is_none_of_ours_is_away(host: CertificateHost) -> None:
    """Its own certificate is checked, too."""
    trusted = ssl.create_default_context()
    strangers = Certificates(trusted, httpx2.HTTPTransport(verify=trusted, uds=str(host.socket)))
    with pytest.raises(SourceAway):
        read(SIGNER.envelope(event()), strangers)


def test_memory_of_certificates_is_bounded(fetched: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "MAX_HELD", 2)
    for digit in "0123":
        fetched.fetch(page(digit))
    assert len(fetched._held) <= 2
