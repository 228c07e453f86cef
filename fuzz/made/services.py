"""What SNS and Postmaster Tools send, and consents of users."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from targets import services as targets_of_services

from todoku.net.sources.sns import Envelope


def notifications() -> Iterator[bytes]:
    """SNS envelopes: signed, and each thing that makes one nobody's."""
    whole = targets_of_services.signed(
        Envelope(
            Type="Notification", MessageId="1", TopicArn=targets_of_services.TOPIC, Message='{"eventType":"Send"}', Subject="x",
            Timestamp="2026-11-24T01:00:00.000Z", SignatureVersion="", Signature="", SigningCertURL="",
        )
    )  # fmt: skip
    for changes in (
        {}, {"Type": "SubscriptionConfirmation"}, {"TopicArn": "x"}, {"SigningCertURL": "https://sns.evil.example/"}, {"SignatureVersion": "3"},
        {"SignatureVersion": "1"}, {"Signature": "!"}, {"Timestamp": "2026-11-24T01:00:00"}, {"Timestamp": "2020-01-01T00:00:00Z"},
        {"Timestamp": "x"}, {"Subject": None},
    ):  # fmt: skip
        changed = msgspec.structs.replace(whole, **changes)
        yield msgspec.json.encode(changed)
        if "Timestamp" in changes or "Subject" in changes:
            yield msgspec.json.encode(targets_of_services.signed(changed))
    yield msgspec.json.encode(whole) + b"\0" + b"x"


def google() -> Iterator[bytes]:
    """Replies of Postmaster Tools to each question, and refusals."""
    row = {"requirement": "SPF", "status": {"status": "COMPLIANT"}}
    verdict = {"status": {"status": "NEEDS_WORK"}, "state": {"status": "GOOD"}, "reason": "X"}
    rows = {
        "domainId": "A.example",
        "rowData": [row],
        "oneClickUnsubscribeVerdict": verdict,
        "deliverabilityStatusVerdict": verdict,
    }
    day = {"year": 2026, "month": 11, "day": 2}
    stats = [
        {"metric": "m0", "date": day, "value": {"doubleValue": 0.1}}, {"metric": "m1", "date": day, "value": {"stringList": {"values": ["a"]}}},
        {"metric": "m0", "date": {"month": 13}, "value": {"intValue": "3"}}, {"metric": "m0", "date": day, "value": {"intValue": "3"}},
    ]  # fmt: skip
    whole = {"response": {"domainStats": stats}}
    more = {"response": {"domainStats": stats[:1], "nextPageToken": "a"}}
    domains = {"domains": [{"name": "domains/a.example", "verificationState": "VERIFIED"}]}
    for replies in (
        [domains], [{**domains, "nextPageToken": "b"}, domains], [{"complianceData": rows, "subdomainComplianceData": {}}],
        [{"results": [whole, whole]}], [{"results": [more, whole]}, {"results": [more]}], [{"results": [whole]}],
        [{"results": [{"error": {"code": 14}}, {"error": {"code": 5}}]}, {"results": [whole]}], [{"token": "x"}], [{"results": [{}, more]}],
    ):  # fmt: skip
        yield b"\0".join(map(msgspec.json.encode, replies))
    yield from (
        b'%d{"error":{"status":"PERMISSION_DENIED","details":[{"reason":"X_Y_Z"}]}}' % status for status in range(10)
    )
    yield from (
        b"x",
        b"{{3000*x}}",
        *(b"!" + b"x" * number for number in range(6)),
        b"5{} ",
        b'{"results":[{"error":{"code":14}}]} ',
    )
    yield msgspec.json.encode({**domains, "nextPageToken": "b"})
    pages = [
        msgspec.json.encode({"results": [{"response": {"nextPageToken": str(number)}}] * 2}) for number in range(9)
    ]
    yield b"\0".join(pages)


def consents() -> Iterator[bytes]:
    """OAuth files, and addresses of mailboxes."""
    client = {
        "client_id": "a",
        "client_secret": "b",
        "token_uri": "https://a.example/t",
        "auth_uri": "https://a.example/a",
    }
    yield msgspec.json.encode({**client, "refresh_token": "c"})
    yield msgspec.json.encode({"installed": client})
    yield from (b'{"a":{{1500*[}}', b"imaps://a@/x", b"imaps://b/x", b"smtp://a@b:9/")
    yield from (
        b"imaps://a%40b@mail.example.com/INBOX",
        b"imap://a@[::1]:144/x%2Fy",
        b"imaps://a:b@c",
        b"imaps://a@b:x/",
        b"imaps://a@[x/",
    )
