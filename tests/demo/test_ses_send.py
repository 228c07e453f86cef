"""What SES sends: by whose settings, with which fields and signatures, and to whom not."""

from __future__ import annotations

import dkim
import pytest

import todoku
from demo.ses_lab import ACCOUNT, FEEDBACK, REGION, cnames, mx
from demo.test_ses_lifecycle import OWN_KEY, PUBLIC, refuses
from todoku import Zone
from todoku.demo.ses_message import delivered
from todoku.mail.message import scan
from todoku.mail.ses import ses_stamp


def signers(raw: bytes) -> list[str]:
    return [field.value.partition("d=")[2].partition(";")[0] for field in scan(raw).all("dkim-signature")]


def published(lab) -> Zone:
    """What all the world sees: the customer's records and those of SES."""
    return Zone.from_dict({**lab.world.records(), **lab.records})


@pytest.fixture
def ready(lab):
    """A domain with all that SES advises."""
    lab.domain()
    lab.set_mail_from()
    lab.publish({"mail.example.com": [*mx(FEEDBACK)["mail.example.com"], ("TXT", "v=spf1 include:amazonses.com ~all")]})
    lab.publish({"_dmarc.example.com": [("TXT", "v=DMARC1; p=reject")]})
    return lab


class TestMessage:
    def test_receivers_authenticate_it(self, ready):
        ready.send()
        (sent,) = ready.world.sent
        judged = todoku.authenticate(delivered(sent), resolver=published(ready), now=ready.now)
        assert (judged.spf.result, judged.spf.domain) == ("pass", "mail.example.com")
        assert [(each.result, each.domain) for each in judged.dkim] == [
            ("pass", "example.com"),
            ("pass", "amazonses.com"),
        ]
        assert (judged.dmarc.result, judged.iprev.result) == ("pass", "pass")

    @pytest.mark.parametrize("number", [0, 1])
    def test_others_verify_its_signatures(self, ready, number):
        ready.send()
        zone = published(ready)

        def txt(name: bytes, timeout: float = 0) -> bytes:
            answer = zone.answer(todoku.auth.ask.Question(name.decode().rstrip("."), "TXT"))
            return answer.records[0].encode()

        assert dkim.DKIM(ready.world.sent[0].raw).verify(idx=number, dnsfunc=txt)

    def test_it_looks_like_one_of_ses(self, ready):
        ready.send()
        (sent,) = ready.world.sent
        stamp = ses_stamp(scan(delivered(sent)), sent.envelope)
        assert (stamp.sent_by_ses, stamp.region, stamp.mail_from) == (True, REGION, "custom")
        assert (stamp.own_signature, stamp.easy_dkim) == ("example.com", True)
        assert stamp.feedback_id.startswith(f"::1.{REGION}.")

    @pytest.mark.parametrize(
        ("region", "mail_from", "message_id"),
        [
            ("us-east-1", "amazonses.com", "email.amazonses.com"),
            ("eu-west-1", "eu-west-1.amazonses.com", "eu-west-1.amazonses.com"),
        ],
    )
    def test_names_differ_by_region(self, lab, region, mail_from, message_id):
        lab.domain(region=region)
        message = lab.send(region=region)
        (sent,) = lab.world.sent
        assert sent.envelope.mail_from == f"{message}@{mail_from}"
        assert scan(sent.raw).first("message-id").value == f"<{message}@{message_id}>"
        judged = todoku.authenticate(delivered(sent), resolver=published(lab), now=lab.now)
        assert (judged.spf.result, judged.iprev.result) == ("pass", "pass")

    def test_japanese_text_with_html_and_an_attachment(self, ready):
        body = {"Text": {"Data": "こんにちは\n"}, "Html": {"Data": "<p>こんにちは</p>"}}
        attachment = {"FileName": "a.csv", "RawContent": b"a,b\n", "ContentType": "text/csv"}
        simple = {"Subject": {"Data": "お知らせ" * 20}, "Body": body, "Attachments": [attachment]}
        ready.send(Content={"Simple": simple})
        raw = ready.world.sent[0].raw
        report = todoku.check(delivered(ready.world.sent[0]), resolver=published(ready), now=ready.now)
        failed = {
            each.reason.tag
            for each in report.verdicts
            if each.requirement == "message-format" and each.result == "fail"
        }
        assert failed == set()
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 78 + 922

    def test_tags_fill_the_feedback_id(self, ready):
        tags = [{"Name": "ses:feedback-id-a", "Value": "spring"}, {"Name": "other", "Value": "x"}]
        ready.send(EmailTags=tags)
        assert scan(ready.world.sent[0].raw).first("feedback-id").value.startswith(f"spring::1.{REGION}.")


class TestRaw:
    def send(self, lab, raw: str, **more: object) -> bytes:
        lab("SendEmail", Content={"Raw": {"Data": raw.encode()}}, **more)
        return lab.world.sent[-1].raw

    def test_fields_that_ses_overwrites_or_keeps(self, ready):
        raw = self.send(
            ready,
            "From: news@example.com\nTo: user@gmail.com\nBcc: hidden@gmail.com\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n"
            "Message-ID: <mine@example.com>\nX-SES-MESSAGE-TAGS: ses:feedback-id-a=x, b=c\nSubject: s\n\nbody\n",
        )
        message = scan(raw)
        assert [field.name for field in message.fields] == [
            *("dkim-signature", "dkim-signature", "from", "to", "subject"),
            *("message-id", "date", "feedback-id", "x-ses-outgoing"),
        ]
        assert ready.world.sent[-1].recipients == ("user@gmail.com", "hidden@gmail.com")
        assert message.first("date").value == "Tue, 24 Nov 2026 09:00:00 +0000"
        assert message.first("feedback-id").value.startswith("x::1.")
        assert message.body == b"body\r\n"

    def test_destination_is_who_gets_it(self, ready):
        self.send(
            ready,
            "From: news@example.com\nTo: user@gmail.com\n\nbody\n",
            Destination={"ToAddresses": ["other@gmail.com"]},
        )
        assert ready.world.sent[-1].recipients == ("other@gmail.com",)

    @pytest.mark.parametrize("field", ["DKIM-Signature", "Subject", "Content-Type", "From"])
    def test_field_that_stands_twice_is_refused(self, ready, field):
        with refuses("BadRequestException", f"Duplicate header '{field}'"):
            self.send(ready, f"{field}: news@example.com\n{field}: news@example.com\nTo: a@gmail.com\n\nbody\n")

    def test_no_from(self, ready):
        with refuses("BadRequestException", "'From'"):
            self.send(ready, "To: a@gmail.com\n\nbody\n")

    def test_configuration_set_as_a_field(self, ready):
        ready("CreateConfigurationSet", ConfigurationSetName="tls", DeliveryOptions={"TlsPolicy": "REQUIRE"})
        self.send(ready, "From: news@example.com\nTo: a@gmail.com\nX-SES-CONFIGURATION-SET: tls\n\nbody\n")
        assert (ready.world.sent[-1].configuration_set, ready.world.sent[-1].tls_required) == ("tls", True)


class TestIdentityThatSpeaks:
    def test_address_of_its_own_hides_its_domain(self, ready):
        ready.address("news@example.com")
        ready.send()
        ready.send("other@example.com")
        addressed, other = ready.world.sent
        assert signers(addressed.raw) == ["amazonses.com"]
        assert addressed.envelope.mail_from.endswith(f"@{REGION}.amazonses.com")
        assert signers(other.raw) == ["example.com", "amazonses.com"]
        assert other.envelope.mail_from.endswith("@mail.example.com")

    def test_address_that_nobody_verified_does_not(self, ready):
        ready("CreateEmailIdentity", EmailIdentity="news@example.com")
        ready.send()
        assert signers(ready.world.sent[0].raw) == ["example.com", "amazonses.com"]

    def test_address_is_signed_with_its_domains_key_when_it_is_told_to(self, ready):
        ready.address("news@example.com")
        ready("PutEmailIdentityDkimAttributes", EmailIdentity="news@example.com", SigningEnabled=True)
        ready.send()
        judged = todoku.authenticate(delivered(ready.world.sent[0]), resolver=published(ready), now=ready.now)
        assert [(each.result, each.domain) for each in judged.dkim] == [
            ("pass", "example.com"),
            ("pass", "amazonses.com"),
        ]

    def test_parent_speaks_for_a_subdomain(self, ready):
        ready.send("news@deep.sub.example.com")
        assert signers(ready.world.sent[0].raw) == ["example.com", "amazonses.com"]

    def test_subdomain_speaks_for_itself(self, ready):
        ready.domain("sub.example.com")
        ready.send("news@deep.sub.example.com")
        (sent,) = ready.world.sent
        assert signers(sent.raw) == ["sub.example.com", "amazonses.com"]
        assert sent.envelope.mail_from.endswith(f"@{REGION}.amazonses.com")

    def test_pending_or_disabled_dkim_does_not_sign(self, ready):
        ready("PutEmailIdentityDkimAttributes", EmailIdentity="example.com", SigningEnabled=False)
        ready.send()
        assert signers(ready.world.sent[0].raw) == ["amazonses.com"]

    def test_switch_to_an_own_key_sends_unsigned_until_its_record_is_there(self, ready):
        ready(
            "PutEmailIdentityDkimSigningAttributes",
            EmailIdentity="example.com",
            SigningAttributesOrigin="EXTERNAL",
            SigningAttributes=OWN_KEY,
        )
        ready.send()
        ready.publish({"own._domainkey.example.com": [("TXT", f"v=DKIM1; p={PUBLIC}")]})
        ready.send()
        assert [signers(each.raw) for each in ready.world.sent] == [["amazonses.com"], ["example.com", "amazonses.com"]]
        judged = todoku.authenticate(delivered(ready.world.sent[1]), resolver=published(ready), now=ready.now)
        assert judged.dkim[0].result == "pass"

    def test_records_that_went_leave_it_unsigned(self, ready):
        ready.withdraw(*cnames("example.com", ready.dkim()))
        ready.send()
        assert signers(ready.world.sent[0].raw) == ["amazonses.com"]

    def test_key_of_another_length_signs_too(self, ready):
        ready(
            "PutEmailIdentityDkimSigningAttributes",
            EmailIdentity="example.com",
            SigningAttributesOrigin="AWS_SES",
            SigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"},
        )
        ready.pass_time(days=1)
        ready.send()
        judged = todoku.authenticate(delivered(ready.world.sent[0]), resolver=published(ready), now=ready.now)
        assert (judged.dkim[0].result, judged.dkim[0].key_bits) == ("pass", 1024)

    def test_identity_of_another_account(self, ready):
        arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com"
        with refuses("AccessDeniedException"):
            ready.send(account="444455556666", FromEmailAddressIdentityArn=arn)
        ready("CreateEmailIdentityPolicy", EmailIdentity="example.com", PolicyName="them", Policy="{}")
        ready.send(account="444455556666", FromEmailAddressIdentityArn=arn)
        (sent,) = ready.world.sent
        assert signers(sent.raw) == ["example.com", "amazonses.com"]
        assert sent.account == "444455556666"


@pytest.mark.parametrize("status", ["PENDING", "TEMPORARY_FAILURE", "FAILED"])
class TestMailFrom:
    def test_fallback_is_silent(self, ready, status):
        self.bring_to(ready, status, "USE_DEFAULT_VALUE")
        ready.send()
        assert ready.world.sent[0].envelope.mail_from.endswith(f"@{REGION}.amazonses.com")

    def test_refusal_is_loud(self, ready, status):
        self.bring_to(ready, status, "REJECT_MESSAGE")
        with refuses("MailFromDomainNotVerifiedException", "mail.example.com"):
            ready.send()

    def bring_to(self, lab, status: str, behavior: str) -> None:
        assert lab.mail_from() == "SUCCESS"
        lab.set_mail_from(BehaviorOnMxFailure=behavior)
        lab.withdraw("mail.example.com")
        if status == "PENDING":
            lab("PutEmailIdentityMailFromAttributes", EmailIdentity="example.com")
            lab.set_mail_from(BehaviorOnMxFailure=behavior)
        elif status == "FAILED":
            assert lab.mail_from() == "TEMPORARY_FAILURE"
            lab.pass_time(hours=72)
        assert lab.mail_from() == status


class TestWhoMaySend:
    def test_unverified_author(self, lab):
        with refuses("MessageRejected", f"failed the check in region {REGION.upper()}: news@example.com"):
            lab.send()

    def test_verified_in_another_region(self, ready):
        with refuses("MessageRejected", "EU-WEST-1"):
            ready.send(region="eu-west-1")

    def test_sandbox_sends_to_verified_recipients(self, ready):
        ready.world.region(ACCOUNT, REGION).production = False
        with refuses("MessageRejected", "user@gmail.com"):
            ready.send()
        ready.send(to=("someone@example.com", "success@simulator.amazonses.com"))
        ready.address("user@gmail.com")
        ready.send()
        assert [each.recipients[0] for each in ready.world.sent] == ["someone@example.com", "user@gmail.com"]

    def test_quota(self, ready):
        ready.world.region(ACCOUNT, REGION).max_24_hours = 2
        ready.send()
        ready.send()
        with refuses("LimitExceededException"):
            ready.send()
        ready.pass_time(hours=24)
        ready.send()

    @pytest.mark.parametrize(
        ("field", "value", "error"),
        [
            ("suspended", True, "AccountSuspendedException"),
            ("sending", False, "SendingPausedException"),
            ("enforcement", "SHUTDOWN", "SendingPausedException"),
        ],
    )
    def test_account_that_may_not(self, ready, field, value, error):
        setattr(ready.world.region(ACCOUNT, REGION), field, value)
        with refuses(error):
            ready.send()

    def test_paused_configuration_set(self, ready):
        ready("CreateConfigurationSet", ConfigurationSetName="paused")
        ready("PutConfigurationSetSendingOptions", ConfigurationSetName="paused", SendingEnabled=False)
        ready("PutEmailIdentityConfigurationSetAttributes", EmailIdentity="example.com", ConfigurationSetName="paused")
        with refuses("SendingPausedException", "paused"):
            ready.send()

    def test_configuration_set_of_the_call_goes_before_the_identitys(self, ready):
        for name in ("default", "chosen"):
            ready("CreateConfigurationSet", ConfigurationSetName=name)
        ready("PutEmailIdentityConfigurationSetAttributes", EmailIdentity="example.com", ConfigurationSetName="default")
        ready.send()
        ready.send(ConfigurationSetName="chosen")
        assert [each.configuration_set for each in ready.world.sent] == ["default", "chosen"]

    def test_configuration_set_that_is_not_there(self, ready):
        with refuses("NotFoundException"):
            ready.send(ConfigurationSetName="none")

    def test_suppressed_recipient_gets_nothing(self, ready):
        ready("PutSuppressedDestination", EmailAddress="User@Gmail.com", Reason="COMPLAINT")
        ready.send(to=("user@gmail.com", "other@gmail.com"))
        (sent,) = ready.world.sent
        assert (sent.recipients, sent.suppressed) == (("other@gmail.com",), ("user@gmail.com",))

    def test_configuration_set_overrides_the_reasons(self, ready):
        ready("PutSuppressedDestination", EmailAddress="user@gmail.com", Reason="COMPLAINT")
        options = {"SuppressedReasons": ["BOUNCE"]}
        ready("CreateConfigurationSet", ConfigurationSetName="bounces", SuppressionOptions=options)
        ready.send(ConfigurationSetName="bounces")
        assert ready.world.sent[0].recipients == ("user@gmail.com",)

    @pytest.mark.parametrize(
        "author", ["", "news", "@example.com", "news@", "a@example.com, b@example.com", "名@example.com"]
    )
    def test_author_that_is_none(self, ready, author):
        with refuses("BadRequestException"):
            ready.send(author)

    def test_fifty_one_recipients(self, ready):
        with refuses("BadRequestException", "50"):
            ready.send(to=tuple(f"u{number}@gmail.com" for number in range(51)))

    @pytest.mark.parametrize(
        "headers",
        [
            [{"Name": "X-A", "Value": "b\r\nBcc: x@gmail.com"}],
            [{"Name": "X A", "Value": "b"}],
            [{"Name": "X-A", "Value": "b" * 996}],
            [{"Name": "Subject", "Value": "again"}],
            [{"Name": f"X-{number}", "Value": "b"} for number in range(16)],
        ],
    )
    def test_headers_that_ses_refuses(self, ready, headers):
        simple = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}, "Headers": headers}
        with refuses("BadRequestException"):
            ready.send(Content={"Simple": simple})


class TestListManagement:
    simple = staticmethod(lambda text: {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": text}}})

    def send(self, lab, text: str = "{{amazonSESUnsubscribeUrl}}", to: tuple[str, ...] = ("user@gmail.com",)) -> bytes:
        lab("CreateContactList", ContactListName="news")
        content = {"Simple": self.simple(text)}
        lab.send(to=to, Content=content, ListManagementOptions={"ContactListName": "news"})
        return lab.world.sent[-1].raw

    def test_both_fields_and_the_link(self, ready):
        message = scan(self.send(ready))
        assert message.first("list-unsubscribe-post").value == "List-Unsubscribe=One-Click"
        link = message.first("list-unsubscribe").value.partition(">")[0].lstrip("<").encode()
        assert link.startswith(b"https://")
        assert link in message.body.replace(b"=\r\n", b"")
        assert "list-unsubscribe-post" in message.all("dkim-signature")[0].value.replace("\r\n ", "").replace(" ", "")

    def test_nothing_for_several_recipients(self, ready):
        raw = self.send(ready, to=("user@gmail.com", "other@gmail.com"))
        assert scan(raw).first("list-unsubscribe") is None

    def test_three_links(self, ready):
        with refuses("BadRequestException", "twice"):
            self.send(ready, "{{amazonSESUnsubscribeUrl}}" * 3)

    def test_list_that_is_not_there(self, ready):
        with refuses("NotFoundException"):
            ready.send(ListManagementOptions={"ContactListName": "none"})


class TestTemplate:
    def send(self, lab, data: str, **asked: object) -> str:
        return lab.send(Content={"Template": {"TemplateData": data, **asked}})

    def test_kept_template_is_filled(self, ready):
        content = {"Subject": "Hello {{name}}", "Text": "Dear {{name}},\n"}
        ready("CreateEmailTemplate", TemplateName="hello", TemplateContent=content)
        headers = [{"Name": "List-Unsubscribe", "Value": "<https://example.com/u>"}]
        self.send(ready, '{"name": "Hanako"}', TemplateName="hello", Headers=headers)
        message = scan(ready.world.sent[0].raw)
        assert (message.first("subject").value, message.body) == ("Hello Hanako", b"Dear Hanako,\r\n")
        assert message.first("list-unsubscribe") is not None

    def test_variable_without_data_is_taken_and_not_sent(self, ready):
        content = {"Subject": "Hello {{name}}", "Text": "x"}
        assert self.send(ready, "{}", TemplateContent=content)
        assert ready.world.sent == ()

    @pytest.mark.parametrize("data", ["{", "[]", '{"name": [1]}'])
    def test_data_that_is_none(self, ready, data):
        with refuses("BadRequestException"):
            self.send(ready, data, TemplateContent={"Subject": "s", "Text": "{{name}}"})

    def test_template_that_is_not_there(self, ready):
        with refuses("NotFoundException"):
            self.send(ready, "{}", TemplateName="none")
