"""Events of SES as it publishes them, made for tests: one message each, in the order of its parts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime


def ses_event(
    kind: str,
    number: int,
    *recipients: str,
    day: str = "2026-09-01",
    reply: str = "",
    subtype: str = "General",
    permanent: bool = True,
    configuration_set: str = "main",
    tags: dict[str, list[str]] | None = None,
    reason: str = "",
) -> bytes:
    """The event ``kind`` (``Bounce``, ``Delivery``, …) of message ``number`` to addresses, with one reply for all of them."""
    at = f"{day}T01:00:00.000Z"
    people = [
        {"emailAddress": one, **({"diagnosticCode": reply, "status": "5.0.0", "action": "failed"} if reply else {})}
        for one in recipients
    ]
    bodies: dict[str, tuple[str, dict[str, object]]] = {
        "Bounce": (
            "bounce",
            {
                "bounceType": "Permanent" if permanent else "Transient",
                "bounceSubType": subtype,
                "bouncedRecipients": people,
            },
        ),
        "Complaint": ("complaint", {"complainedRecipients": people, "complaintFeedbackType": subtype}),
        "Delivery": ("delivery", {"recipients": list(recipients)}),
        "DeliveryDelay": ("deliveryDelay", {"delayType": subtype, "delayedRecipients": people}),
        "Reject": ("reject", {"reason": reason}),
        "Rendering Failure": ("failure", {"errorMessage": reason}),
    }
    member, body = bodies[kind]
    mail = {
        "timestamp": at,
        "messageId": f"message-{number}",
        "source": "news@mail.example.com",
        "sourceArn": "arn:aws:ses:ap-northeast-1:123456789012:identity/example.com",
        "destination": list(recipients),
        "commonHeaders": {"from": ["News <news@example.com>"]},
        "tags": {"ses:configuration-set": [configuration_set], **(tags or {})},
    }
    return json.dumps({"eventType": kind, "mail": mail, member: {**body, "timestamp": at}}).encode()


DOCOMO = "smtp; 550 Unknown user {}"


def month_of_events() -> Sequence[bytes]:
    """Mail of two weeks to Japanese carriers and others, with what goes wrong there."""
    made: list[bytes] = []
    for number in range(20):
        made.append(ses_event("Delivery", number, f"u{number}@docomo.ne.jp", day="2026-08-27"))
        made.append(ses_event("Delivery", 100 + number, f"u{number}@gmail.com", day="2026-08-28"))
    for number in range(5):
        address = f"lost{number}@docomo.ne.jp"
        made.append(
            ses_event("Bounce", 200 + number, address, reply=DOCOMO.format(address), tags={"campaign": ["autumn"]})
        )
    made += [
        ses_event("Bounce", 300, "a@ezweb.ne.jp", reply="smtp; 550 : User unknown", configuration_set="news"),
        ses_event("Bounce", 301, "b@t.vodafone.ne.jp", reply="smtp; 550 Invalid recipient: <b@t.vodafone.ne.jp>"),
        ses_event(
            "Bounce", 302, "c@gmail.com", "d@gmail.com", reply="smtp; 552-5.2.2 over quota - gsmtp", permanent=False
        ),
        ses_event("Bounce", 303, "e@example.net", subtype="OnAccountSuppressionList", day="2026-09-02"),
        ses_event("Bounce", 304, "f@example.org", reply="smtp; 599 strange words"),
        ses_event("DeliveryDelay", 400, "g@yahoo.co.jp", subtype="TransientCommunicationFailure"),
        ses_event("DeliveryDelay", 400, "g@yahoo.co.jp", subtype="TransientCommunicationFailure", day="2026-09-02"),
        ses_event("Complaint", 500, "h@outlook.com", "i@outlook.com", subtype="abuse"),
        ses_event("Complaint", 501, "j@outlook.com", subtype="not-spam"),
        ses_event("Reject", 600, "k@example.net", reason="Bad content"),
        ses_event(
            "Rendering Failure", 601, "l@example.net", reason="Attribute 'name' is not present in the rendering data."
        ),
    ]
    return made


NOW = datetime(2026, 9, 4, tzinfo=UTC)
