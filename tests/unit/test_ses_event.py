"""Events of SES in every shape that they come, and what is kept of them."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.feedback.ses_event import MAX_JSON, MAX_RECIPIENTS, MAX_WRAPS, Recipient, SesEvent, parse

REPLY = "smtp; 550-5.7.26 Your email has been blocked because the sender is unauthenticated. user@gmail.example gsmtp"
MAIL = {
    "timestamp": "2026-11-24T01:00:00.000Z",
    "messageId": "0101",
    "source": "bounce@mail.example.com",
    "sourceArn": "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
    "sourceIp": "127.0.0.1",
    "sendingAccountId": "123456789012",
    "destination": ["user@gmail.example"],
    "headers": [{"name": "Subject", "value": "secret"}],
    "commonHeaders": {"from": ["Shop <shop@example.com>"], "subject": "secret"},
    "tags": {"ses:configuration-set": ["main"]},
}
BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "General",
    "bouncedRecipients": [
        {"emailAddress": "user@gmail.example", "action": "failed", "status": "5.7.26", "diagnosticCode": REPLY}
    ],
    "timestamp": "2026-11-24T01:00:02.000Z",
    "feedbackId": "f1",
    "reportingMTA": "dns; a8-50.smtp-out.amazonses.com",
    "remoteMtaIp": "192.0.2.25",
}


def event(kind: str = "Bounce", key: str = "eventType", **bodies: object) -> dict[str, object]:
    return {key: kind, "mail": MAIL, **(bodies or {"bounce": BOUNCE})}


def raw(document: object) -> bytes:
    return json.dumps(document).encode()


def sns(inner: object) -> dict[str, object]:
    return {
        "Type": "Notification",
        "MessageId": "m",
        "TopicArn": "arn:aws:sns:eu-west-1:1:t",
        "Message": json.dumps(inner),
    }


ONE = parse(raw(event()))


def test_bounce_is_told_with_the_requirement_that_its_reply_names():
    (told,) = ONE
    (recipient,) = told.recipients
    assert recipient.diagnosis.requirements == ("spf-or-dkim",)
    assert told == SesEvent(
        kind="bounce",
        message_id="0101",
        at=1795482002,
        sent_at=1795482000,
        type="Permanent",
        subtype="General",
        recipients=(
            Recipient(
                domain="gmail.example",
                status="5.7.26",
                action="failed",
                diagnostic_code=REPLY.replace("user@", "@"),
                diagnosis=recipient.diagnosis,
            ),
        ),
        from_domain="example.com",
        mail_from_domain="mail.example.com",
        identity="example.com",
        region="eu-west-1",
        account="123456789012",
        configuration_set="main",
        feedback_id="f1",
        reporting_mta="a8-50.smtp-out.amazonses.com",
        remote_ip="192.0.2.25",
    )


@pytest.mark.parametrize(
    "document",
    [
        event(key="notificationType"),
        sns(event()),
        sns(event(key="notificationType")),
        {"version": "0", "id": "i", "detail-type": "Email Bounced", "source": "aws.ses", "detail": event()},
        {"Records": [{"EventSource": "aws:sns", "Sns": sns(event())}]},
        {"Records": [{"messageId": "q", "body": json.dumps(sns(event()))}]},
        {"Records": [{"messageId": "q", "body": json.dumps(event())}]},
    ],
    ids=["feedback", "sns", "sns-feedback", "eventbridge", "lambda", "sqs-sns", "sqs-raw"],
)
def test_every_shape(document):
    assert parse(raw(document)) == ONE
    assert parse(b"\xef\xbb\xbf" + json.dumps(document, indent=2).encode()) == ONE


def test_a_document_on_each_line():
    assert parse(raw(event()) + b"\n" + raw(event()) + b"\n") == ONE * 2
    first, second = parse(raw(event()) + b"\n{}\n")
    assert (first,) == ONE
    assert second.tag == "event-unknown"


def test_no_whole_address_and_no_word_of_the_message_is_kept():
    kept = msgspec.json.encode(ONE).decode()
    for word in ("user@", "shop", "secret", "127.0.0.1"):
        assert word not in kept


def test_addresses_where_they_were_asked_for():
    (told,) = parse(raw(event()), addresses=True)
    assert told.recipients[0].address == "user@gmail.example"
    assert told.recipients[0].diagnostic_code == REPLY


@pytest.mark.parametrize(
    ("kind", "bodies", "ours", "read"),
    [
        (
            "Complaint",
            {"complaint": {"complainedRecipients": [{"emailAddress": "u@yahoo.example"}], "complaintFeedbackType": "abuse", "userAgent": "ua"}},
            "complaint",
            lambda told: (told.type, told.user_agent, told.recipients[0].domain) == ("abuse", "ua", "yahoo.example"),
        ),
        ("Delivery", {"delivery": {"recipients": ["a@b.example"], "smtpResponse": "250 ok"}}, "delivery", lambda told: told.recipients[0].domain == "b.example"),
        ("Send", {"send": {}}, "send", lambda told: told.recipients[0].domain == "gmail.example"),
        ("Reject", {"reject": {"reason": "Bad content"}}, "reject", lambda told: told.reason == "Bad content"),
        (
            "DeliveryDelay",
            {"deliveryDelay": {"delayType": "SpamDetected", "delayedRecipients": [{"emailAddress": "a@b.example", "diagnosticCode": "421 4.7.28 gsmtp"}]}},
            "delivery-delay",
            lambda told: told.type == "SpamDetected" and told.recipients[0].diagnosis.receiver == "gmail",
        ),
        ("Rendering Failure", {"failure": {"errorMessage": "no such variable", "templateName": "t"}}, "rendering-failure", lambda told: told.reason == "no such variable"),
        ("Subscription", {"subscription": {"contactList": "news", "timestamp": "2026-11-24T01:00:03Z"}}, "subscription", lambda told: told.at == 1795482003),
        ("Open", {"open": {"ipAddress": "192.0.2.1", "userAgent": "private"}}, "open", lambda told: told.user_agent == ""),
        ("Click", {"click": {"link": "https://example.com/private"}}, "click", lambda told: told.at == told.sent_at),
    ],
)  # fmt: skip
def test_every_kind(kind, bodies, ours, read):
    (told,) = parse(raw(event(kind, **bodies)))
    assert told.kind == ours
    assert read(told)


@pytest.mark.parametrize(
    "document",
    [
        {"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe", "SubscribeURL": "https://x"},
        {"Type": "UnsubscribeConfirmation", "Message": "x"},
        sns({"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "validated"}),
    ],
)
def test_what_only_concerns_the_subscription_is_no_event(document):
    assert parse(raw(document)) == ()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"", "report-malformed"),
        (b"hello", "report-malformed"),
        (raw(event())[:-1], "report-malformed"),
        (b"[]", "event-unknown"),
        (b"{}", "event-unknown"),
        (raw({"eventType": "Bounce"}), "event-unknown"),
        (raw(event("Invented")), "event-unknown"),
        (raw(event(bounce={"bouncedRecipients": "no"})), "event-unknown"),
        (raw({"mail": 3}), "event-unknown"),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "report-malformed"),
        (b'{"detail":' * 5_000 + b"{}" + b"}" * 5_000, "report-malformed"),
        (b" " * (MAX_JSON + 1), "report-too-large"),
    ],
)
def test_refused_with_its_reason(document, why):
    (refused,) = parse(document)
    assert refused.tag in (why, "event-unknown")
    assert why != "report-too-large" or refused.tag == why


class TestBounds:
    @pytest.mark.parametrize(("beyond", "refused"), [(-1, False), (0, False), (1, True)])
    def test_wraps(self, beyond, refused):
        document: object = event()
        for _ in range(MAX_WRAPS + beyond):
            document = {"detail": document}
        assert (parse(raw(document)) != ONE) == refused

    @pytest.mark.parametrize(
        ("number", "kept"), [(MAX_RECIPIENTS, MAX_RECIPIENTS), (MAX_RECIPIENTS + 1, MAX_RECIPIENTS)]
    )
    def test_recipients(self, number, kept):
        people = [{"emailAddress": f"u{one}@b.example"} for one in range(number)]
        (told,) = parse(raw(event(bounce={**BOUNCE, "bouncedRecipients": people})))
        assert len(told.recipients) == kept


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_any_change(data):
    octets = raw(data.draw(st.sampled_from([event(), sns(event())])))
    at = data.draw(st.integers(0, len(octets)))
    parse(octets[:at] + data.draw(st.binary(max_size=8)) + octets[at + data.draw(st.integers(0, 20)) :])


@pytest.mark.parametrize(
    "written", ["user@gmail.example", "USER@Gmail.Example", "user+news@gmail.example", "<user@gmail.example>"]
)
def test_a_reply_keeps_nobodys_address_however_the_receiver_writes_it(written: str) -> None:
    people = [{"emailAddress": "user@gmail.example", "diagnosticCode": f"550 5.1.1 no such user {written}"}]
    (found,) = parse(raw(event(bounce={**BOUNCE, "bouncedRecipients": people})))
    assert isinstance(found, SesEvent)
    assert "user@" not in found.recipients[0].diagnostic_code.lower()
    assert "news@" not in found.recipients[0].diagnostic_code.lower()


def test_the_senders_own_tags_are_kept_and_bounded() -> None:
    tags = {"ses:source-ip": ["192.0.2.1"], "campaign": ["autumn"], **{f"t{number}": ["x"] for number in range(60)}}
    (found,) = parse(raw({"eventType": "Bounce", "mail": {**MAIL, "tags": tags}, "bounce": BOUNCE}))
    assert isinstance(found, SesEvent)
    assert found.tags[0] == "campaign=autumn"
    assert len(found.tags) == 50
