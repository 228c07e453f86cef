"""What services of AWS and Google say of themselves and of us: envelopes that somebody may have forged, replies that may be none."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError
from requests.exceptions import RequestException

from targets.authentication import NOW
from targets.own_files import own_file
from targets.registry import inflated, lowered, target
from targets.zones import KEYS
from todoku.net.google import api, credentials, postmaster
from todoku.net.google.postmaster import Metric, Query
from todoku.net.sources import mailbox_address, sns
from todoku.net.sources.login import consent_in
from todoku.net.sources.mailbox_address import mailbox_address as address_of
from todoku.net.sources.sns import Envelope, Forged, signed_message
from todoku.words.errors import UsageError

TOPIC = "arn:aws:sns:eu-west-1:111122223333:ses"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


@cache
def _signer() -> tuple[RSAPrivateKey, bytes]:
    """A key, and its certificate in PEM."""
    key = load_pem_private_key((KEYS / "customer.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    dated = made.not_valid_before(NOW - timedelta(days=30)).not_valid_after(NOW + timedelta(days=30))
    return key, dated.sign(key, SHA256()).public_bytes(Encoding.PEM)


def signed(envelope: Envelope) -> Envelope:
    """The envelope with a signature by the key of ``CERTIFICATE``."""
    key, _ = _signer()
    signature = base64.b64encode(key.sign(envelope.canonical(), PKCS1v15(), SHA256())).decode()
    return msgspec.structs.replace(envelope, Signature=signature, SignatureVersion="2", SigningCertURL=CERTIFICATE)


@target(
    "net.sources.sns",
    words=b'{ } [ ] , : " null "Type":"Notification" "TopicArn": "Message": "MessageId":"1" "Timestamp":"2026-11-24T01:00:00.000Z" "Subject": '
    b'"SignatureVersion":"2" "1" "Signature": "SigningCertURL": "2026-11-24T01:00:00" "2020-01-01T00:00:00Z" \\ud800 \\u0000 \\n AAAA',
    phrases=(TOPIC.encode(), CERTIFICATE.encode(), b"https://sns.eu-west-1.amazonaws.com.evil.example/", b"\0-----BEGIN CERTIFICATE-----", b"{{400*x}}"),
    cut=rb"[,:{}\[\]\0]", seeds="notifications", longest=1_400,
)  # fmt: skip
def notification(data: bytes) -> None:
    """An SNS envelope, behind a NUL perhaps the certificate: nothing is taken that was not signed for our topic, valid then."""
    written, _, pem = inflated(data).partition(b"\0")
    try:
        envelope = msgspec.json.decode(written, type=Envelope)
    except (ValueError, RecursionError):
        return
    known = _signer()[1]
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return pem or known

    try:
        message = signed_message(envelope, {TOPIC}, fetch)
    except Forged as forged:
        assert forged.text.ja
    else:
        assert message == envelope.Message.encode("utf-8", "replace")
        assert (envelope.TopicArn, envelope.Type) == (TOPIC, "Notification")
        assert (
            datetime(2026, 10, 25, tzinfo=UTC)
            <= datetime.fromisoformat(envelope.Timestamp)
            <= datetime(2026, 12, 25, tzinfo=UTC)
        )
        changed = msgspec.structs.replace(envelope, Message=envelope.Message + "x")
        with suppress(Forged):
            raise AssertionError(signed_message(changed, {TOPIC}, fetch))
    assert all(sns.CERTIFICATE_URL.fullmatch(url) for url in fetched)


class _Raw(BytesIO):
    """As much of urllib3's response as is used."""

    def read1(self, size: int | None = -1, /, *, decode_content: bool = True) -> bytes:
        assert not decode_content
        return super().read1(size)


class _Reply:
    """As much of requests' response as is used: its own costs more than the parser."""

    def __init__(self, body: bytes, status: int) -> None:
        self.status_code = status
        self.headers = {"Retry-After": "1" if len(body) % 2 else "x"}
        self.raw = _Raw(body)

    def close(self) -> None:
        """Nothing is open."""


class _Session:
    """Answers each request with the next of these bodies, the last one again and again; a first octet of 0 to 9 is a status, ``!`` an error."""

    errors = (
        RefreshError("invalid_grant"), RefreshError("x", retryable=True), RefreshError("invalid_client"), TransportError("x"),
        RequestException("x"), DefaultCredentialsError("x"),
    )  # fmt: skip
    statuses = (200, 200, 200, 404, 403, 429, 500, 503, 302, 400)

    def __init__(self, bodies: list[bytes]) -> None:
        self.bodies = bodies

    def request(self, *_: str, **__: Any) -> _Reply:
        body = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        if body[:1] == b"!":
            raise self.errors[len(body) % len(self.errors)]
        status = self.statuses[int(body[:1])] if body[:1].isdigit() else 200
        return _Reply(body[1:] if body[:1].isdigit() else body, status)


_METRICS = (Metric("spam", "", "SPAM_RATE"), Metric("loops", "", "FEEDBACK_LOOP_ID"))
_QUERY = Query("example.com", _METRICS, tuple(date(2026, 11, day) for day in (1, 2, 3, 7)))


@target(
    "net.google.postmaster", "net.google.api",
    words=b'{ } [ ] , : " null "domains":[ "name":"domains/a.example" "verificationState":"VERIFIED" "nextPageToken":"a" "complianceData":{ '
    b'"subdomainComplianceData":{ "domainId":"a.example" "rowData":[ "requirement":"SPF" "DKIM" "status":{"status":"COMPLIANT"} "NEEDS_WORK" '
    b'"STATUS_UNSPECIFIED" "oneClickUnsubscribeVerdict":{ "honorUnsubscribeVerdict":{ "deliverabilityStatusVerdict":{ "state":{ "reason":"X" '
    b'"results":[ "response":{ "domainStats":[ "metric":"m0" "m1" "date":{"year":2026,"month":11,"day":2} "value":{ "doubleValue":0.1 "NaN" '
    b'"intValue":"1" "stringList":{"values":["a"]} "error":{"code":5} 99999999999999999999 1e999 -1 4 5',
    phrases=(b"\0", b"{{1500*[}}", b'{"results":[{"response":{"domainStats":[', b'"error":{"status":"PERMISSION_DENIED","details":[{"reason":"SERVICE_DISABLED"}]}'),
    cut=rb"[,:{}\[\]\0]", seeds="google", longest=900,
)  # fmt: skip
def google(data: bytes) -> None:
    """Replies of Postmaster Tools, apart by NULs: values that belong to what was asked, or why there are none."""
    bodies = inflated(data).split(b"\0")
    limits = api.Limits(tries=2, sleep=lambda _: None, clock=lambda: 0.0, patience=2.5 if data[-1:] == b" " else 99)

    def asked() -> api.Api:
        return api.Api(_Session(list(bodies)), limits=limits)

    with lowered(postmaster, MAX_PAGES=3), lowered(api, MAX_REPLY=2_000):
        found, counted = postmaster.domains(asked()), postmaster.stats(asked(), (_QUERY, _QUERY))
    assert isinstance(found, api.Refusal) or all(one.domain == one.name.removeprefix("domains/") for one in found)
    rows = postmaster.compliance(asked(), "a.example")
    if not isinstance(rows, api.Refusal):
        for one in rows:
            assert one.domain == one.domain.lower()
            assert [row.row for row in one.rows] == sorted({row.row for row in one.rows})
            assert all(row.state and not row.state.endswith("UNSPECIFIED") for row in one.rows)
    for stats in counted:
        for stat in stats.found:
            assert stat.metric in _METRICS
            assert stat.day in _QUERY.days
            assert isinstance(stat.value, tuple) or stat.value == stat.value
    postmaster.verification_token(asked(), "a.example", "TXT")
    postmaster.domain(asked(), "a.example")
    postmaster.create(asked(), "a.example")
    postmaster.verify(asked(), "a.example", "CNAME")


@target(
    "net.sources.mailbox_address",
    words=b'{ } [ ] , : " null "token_uri":"https://a.example/t" "client_id":"a" "client_secret":"b" "refresh_token":"c" "scopes":[] "scope":"" '
    b'"installed":{ "auth_uri":"https://a.example/a" "http://127.0.0.1/" "https://[x" imaps:// imap:// dmarc@ a:b@ mail.example.com :993 '
    b":99999 :x /INBOX %40 %00 %ff [::1] [x ? # \xe4\xbe\x8b",
    phrases=(b'{"a":{{1500*[}}', b'{"installed":{"a":{{1500*[}}', b"{{1500*[}}"), cut=rb"[,:{}\[\]/@%]", seeds="consents", longest=400,
)  # fmt: skip
def consent(data: bytes) -> None:
    """What a user's consent has left, an OAuth client, and the address of a mailbox: none of them is shown where it is wrong."""
    octets = inflated(data, few=2_000)
    file = str(own_file(octets))
    for read in (consent_in, credentials.client_in):
        try:
            found = read(file)
        except UsageError as refused:
            assert refused.text.ja
        else:
            assert credentials.is_safe(found.token_uri)
    try:
        address = address_of(octets.decode("utf-8", "replace"))
    except UsageError as refused:
        assert refused.text.ja
        return
    assert address.scheme in mailbox_address.SCHEMES
    assert address.user
    assert address.host
    assert 0 <= address.port < 65_536
