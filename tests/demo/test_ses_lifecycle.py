"""How the states of an identity move, by the clock and by what the DNS says."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from demo.ses_lab import ACCOUNT, FEEDBACK, REGION, cnames, mx
from todoku import SERVFAIL, TIMEOUT, Zone
from todoku.demo.ses_error import SesError
from todoku.demo.ses_world import World


def refuses(code: str, words: str = ""):
    return pytest.raises(SesError, match=f"{code}.*{words}")


class TestEasyDkim:
    def test_new_domain_waits_for_three_records(self, lab):
        made = lab("CreateEmailIdentity", EmailIdentity="example.com")
        dkim = made["DkimAttributes"]
        assert (made["IdentityType"], made["VerifiedForSendingStatus"], dkim["Status"]) == ("DOMAIN", False, "PENDING")
        assert len(set(dkim["Tokens"])) == 3
        assert all(
            len(token) == 32 and set(token) <= set("abcdefghijklmnopqrstuvwxyz234567") for token in dkim["Tokens"]
        )
        assert dkim["CurrentSigningKeyLength"] == "RSA_2048_BIT"
        assert lab.error_type() == "HOST_NOT_FOUND"

    def test_all_three_records_verify_the_domain(self, lab):
        lab.domain()
        shown = lab("GetEmailIdentity", EmailIdentity="example.com")
        assert (shown["VerifiedForSendingStatus"], shown["DkimAttributes"]["Status"]) == (True, "SUCCESS")
        assert shown["VerificationInfo"] == {
            "LastCheckedTimestamp": lab.now,
            "LastSuccessTimestamp": lab.now,
            "SOARecord": {
                "PrimaryNameServer": "ns1.example.com",
                "AdminEmail": "hostmaster.example.com",
                "SerialNumber": 7,
            },
        }

    @pytest.mark.parametrize(
        ("value", "error"),
        [
            (("CNAME", "elsewhere.example.net"), "INVALID_VALUE"),
            (("A", "192.0.2.7"), "TYPE_NOT_FOUND"),
            (("CNAME", SERVFAIL), "DNS_SERVER_ERROR"),
            (("CNAME", TIMEOUT), "DNS_SERVER_ERROR"),
        ],
    )
    def test_two_of_three_do_not(self, lab, value, error):
        records = cnames("example.com", lab("CreateEmailIdentity", EmailIdentity="example.com")["DkimAttributes"])
        lab.publish({**records, list(records)[2]: [value]})
        assert (lab.dkim()["Status"], lab.error_type()) == ("PENDING", error)

    def test_target_in_capitals_is_the_same(self, lab):
        records = cnames("example.com", lab("CreateEmailIdentity", EmailIdentity="example.com")["DkimAttributes"])
        lab.publish({name: [("CNAME", value.upper())] for name, [(_, value)] in records.items()})
        assert lab.dkim()["Status"] == "SUCCESS"

    @pytest.mark.parametrize(
        ("region", "zone"),
        [("eu-west-1", "dkim.amazonses.com"), ("ap-northeast-3", "dkim.ap-northeast-3.amazonses.com")],
    )
    def test_zone_differs_by_region(self, lab, region, zone):
        assert lab.domain(region=region)["DkimAttributes"]["SigningHostedZone"] == zone

    def test_zone_is_to_be_read_not_known(self, lab):
        world = World(clock=lambda: lab.now, answers=Zone.from_dict({}), hosted_zones={REGION: "x1.dkim.amazonses.com"})
        made = world.call(ACCOUNT, REGION, "CreateEmailIdentity", {"EmailIdentity": "example.com"})
        assert made["DkimAttributes"]["SigningHostedZone"] == "x1.dkim.amazonses.com"

    @pytest.mark.parametrize(("hours", "status"), [(71.9, "PENDING"), (72, "FAILED")])
    def test_search_lapses_after_72_hours(self, lab, hours, status):
        lab("CreateEmailIdentity", EmailIdentity="example.com")
        lab.pass_time(hours=hours)
        assert lab.dkim()["Status"] == status
        assert lab("GetEmailIdentity", EmailIdentity="example.com")["VerificationStatus"] == status

    def test_records_that_come_too_late_are_not_looked_for(self, lab):
        made = lab("CreateEmailIdentity", EmailIdentity="example.com")
        lab.pass_time(hours=72)
        assert lab.dkim()["Status"] == "FAILED"
        lab.publish(cnames("example.com", made["DkimAttributes"]))
        assert (lab.dkim()["Status"], lab.error_type()) == ("FAILED", "HOST_NOT_FOUND")

    def test_search_starts_again_with_the_same_tokens(self, lab):
        made = lab("CreateEmailIdentity", EmailIdentity="example.com")
        lab.pass_time(hours=72)
        assert lab.dkim()["Status"] == "FAILED"
        lab.publish(cnames("example.com", made["DkimAttributes"]))
        put = lab(
            "PutEmailIdentityDkimSigningAttributes", EmailIdentity="example.com", SigningAttributesOrigin="AWS_SES"
        )
        assert (put["DkimStatus"], put["DkimTokens"]) == ("PENDING", made["DkimAttributes"]["Tokens"])
        assert lab.dkim()["Status"] == "SUCCESS"

    def test_records_that_go_are_missed_for_72_hours(self, lab):
        records = cnames("example.com", lab.domain()["DkimAttributes"])
        lab.withdraw(*records)
        assert lab.dkim()["Status"] == "TEMPORARY_FAILURE"
        assert lab("GetEmailIdentity", EmailIdentity="example.com")["VerifiedForSendingStatus"] is True
        lab.pass_time(hours=71.9)
        assert lab.dkim()["Status"] == "TEMPORARY_FAILURE"
        lab.pass_time(hours=0.1)
        assert lab.dkim()["Status"] == "FAILED"
        assert lab("GetEmailIdentity", EmailIdentity="example.com")["VerifiedForSendingStatus"] is False

    def test_records_that_come_back_are_found(self, lab):
        records = cnames("example.com", lab.domain()["DkimAttributes"])
        lab.withdraw(*records)
        assert lab.dkim()["Status"] == "TEMPORARY_FAILURE"
        lab.publish(records)
        assert lab.dkim()["Status"] == "SUCCESS"

    def test_domain_that_is_made_anew_has_other_tokens(self, lab):
        first = lab("CreateEmailIdentity", EmailIdentity="example.com")["DkimAttributes"]["Tokens"]
        lab("DeleteEmailIdentity", EmailIdentity="example.com")
        with refuses("NotFoundException"):
            lab("GetEmailIdentity", EmailIdentity="example.com")
        again = lab("CreateEmailIdentity", EmailIdentity="example.com")["DkimAttributes"]["Tokens"]
        assert set(first).isdisjoint(again)

    def test_accounts_and_regions_have_tokens_of_their_own(self, lab):
        said = [
            lab("CreateEmailIdentity", EmailIdentity="example.com", region=region, account=account)
            for region in ("eu-west-1", "us-east-1")
            for account in ("111122223333", "444455556666")
        ]
        assert len({token for each in said for token in each["DkimAttributes"]["Tokens"]}) == 12

    def test_ses_looks_when_it_is_time(self, lab):
        world = World(clock=lambda: lab.now, answers=Zone.from_dict({}), verify_after=120)
        said = world.call(ACCOUNT, REGION, "CreateEmailIdentity", {"EmailIdentity": "example.com"})
        world.answers = Zone.from_dict(cnames("example.com", said["DkimAttributes"]))
        statuses = []
        for _ in range(3):
            shown = world.call(ACCOUNT, REGION, "GetEmailIdentity", {"EmailIdentity": "example.com"})
            statuses.append(shown["DkimAttributes"]["Status"])
            lab.pass_time(seconds=60)
        assert statuses == ["PENDING", "PENDING", "SUCCESS"]


class TestKeyLength:
    def put(self, lab, length: str) -> dict:
        return lab(
            "PutEmailIdentityDkimSigningAttributes",
            EmailIdentity="example.com",
            SigningAttributesOrigin="AWS_SES",
            SigningAttributes={"NextSigningKeyLength": length},
        )

    def test_new_length_comes_with_the_next_key(self, lab):
        lab.domain(DkimSigningAttributes={"NextSigningKeyLength": "RSA_1024_BIT"})
        self.put(lab, "RSA_2048_BIT")
        dkim = lab.dkim()
        assert (dkim["CurrentSigningKeyLength"], dkim["NextSigningKeyLength"]) == ("RSA_1024_BIT", "RSA_2048_BIT")
        lab.pass_time(days=1)
        dkim = lab.dkim()
        assert (dkim["CurrentSigningKeyLength"], dkim["LastKeyGenerationTimestamp"]) == ("RSA_2048_BIT", lab.now)
        sizes = [len(lab.world.published(f"{token}.dkim.amazonses.com")) for token in dkim["Tokens"]]
        assert [size > 300 for size in sizes] == [False, True, False]

    @pytest.mark.parametrize("hours", [23, 24])
    def test_once_a_day(self, lab, hours):
        lab.domain()
        self.put(lab, "RSA_1024_BIT")
        lab.pass_time(hours=hours)
        if hours < 24:
            with refuses("BadRequestException", "once per day"):
                self.put(lab, "RSA_2048_BIT")
        else:
            self.put(lab, "RSA_2048_BIT")


def key_text(key: object) -> str:
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return base64.b64encode(der).decode()


KEY = rsa.generate_private_key(65537, 1024)
PUBLIC = base64.b64encode(
    KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
OWN_KEY = {"DomainSigningSelector": "own", "DomainSigningPrivateKey": key_text(KEY)}


class TestOwnKey:
    def test_it_is_looked_for_as_txt(self, lab):
        made = lab("CreateEmailIdentity", EmailIdentity="example.com", DkimSigningAttributes=OWN_KEY)
        assert made["DkimAttributes"] == {
            "SigningEnabled": True,
            "Status": "PENDING",
            "SigningAttributesOrigin": "EXTERNAL",
            "Tokens": ["own"],
        }
        lab.publish({"own._domainkey.example.com": [("TXT", "v=DKIM1; k=rsa; p=MIGf")]})
        assert (lab.dkim()["Status"], lab.error_type()) == ("PENDING", "INVALID_VALUE")
        lab.publish({"own._domainkey.example.com": [("TXT", f"v=DKIM1; k=rsa; p={PUBLIC}")]})
        assert lab.dkim()["Status"] == "SUCCESS"

    def test_change_from_easy_dkim_leaves_the_domain_verified(self, lab):
        lab.domain()
        lab(
            "PutEmailIdentityDkimSigningAttributes",
            EmailIdentity="example.com",
            SigningAttributesOrigin="EXTERNAL",
            SigningAttributes=OWN_KEY,
        )
        shown = lab("GetEmailIdentity", EmailIdentity="example.com")
        assert (shown["VerifiedForSendingStatus"], shown["DkimAttributes"]["Status"]) == (True, "PENDING")

    @pytest.mark.parametrize(
        "attributes",
        [
            {"DomainSigningSelector": "own"},
            {"DomainSigningSelector": "own", "DomainSigningPrivateKey": "bm8="},
            {"DomainSigningSelector": "own", "DomainSigningPrivateKey": key_text(ed25519.Ed25519PrivateKey.generate())},
            {
                "DomainSigningSelector": "own",
                "DomainSigningPrivateKey": key_text(rsa.generate_private_key(65537, 3072)),
            },
            {**OWN_KEY, "NextSigningKeyLength": "RSA_2048_BIT"},
            {"DomainSigningAttributesOrigin": "EXTERNAL"},
        ],
    )
    def test_what_ses_would_refuse(self, lab, attributes):
        with refuses("BadRequestException"):
            lab("CreateEmailIdentity", EmailIdentity="example.com", DkimSigningAttributes=attributes)


class TestReplica:
    def replica(self, lab, origin: str = "AWS_SES_AP_NORTHEAST_1", *, region: str = "eu-west-1") -> dict:
        given = {"DomainSigningAttributesOrigin": origin}
        return lab("CreateEmailIdentity", EmailIdentity="example.com", region=region, DkimSigningAttributes=given)

    def test_it_takes_tokens_and_zone_of_its_parent(self, lab):
        parent = lab.domain()["DkimAttributes"]
        replica = self.replica(lab)["DkimAttributes"]
        assert (replica["Tokens"], replica["SigningHostedZone"]) == (parent["Tokens"], parent["SigningHostedZone"])
        assert lab.dkim(region="eu-west-1")["Status"] == "SUCCESS"

    def test_parent_that_is_not_there(self, lab):
        self.replica(lab)
        assert lab.error_type(region="eu-west-1") == "REPLICATION_PRIMARY_NOT_FOUND"
        assert lab.dkim(region="eu-west-1")["Status"] == "PENDING"

    def test_parent_with_a_key_of_its_own(self, lab):
        lab("CreateEmailIdentity", EmailIdentity="example.com", DkimSigningAttributes=OWN_KEY)
        self.replica(lab)
        assert lab.error_type(region="eu-west-1") == "REPLICATION_PRIMARY_BYO_DKIM_NOT_SUPPORTED"

    def test_replica_of_a_replica(self, lab):
        lab.domain()
        self.replica(lab)
        self.replica(lab, "AWS_SES_EU_WEST_1", region="us-east-1")
        assert lab.error_type(region="us-east-1") == "REPLICATION_REPLICA_AS_PRIMARY_NOT_SUPPORTED"

    def test_replica_of_itself(self, lab):
        self.replica(lab, "AWS_SES_EU_WEST_1")
        assert lab.error_type(region="eu-west-1") == "REPLICATION_PRIMARY_INVALID_REGION"


class TestMailFrom:
    def test_none_is_set(self, lab):
        lab.domain()
        shown = lab("GetEmailIdentity", EmailIdentity="example.com")
        assert shown["MailFromAttributes"] == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}

    def test_mx_alone_makes_it_succeed(self, lab):
        lab.domain()
        lab.set_mail_from()
        assert lab.mail_from() == "PENDING"
        lab.publish(mx(FEEDBACK))  # and no SPF record
        assert lab.mail_from() == "SUCCESS"

    @pytest.mark.parametrize(
        "records",
        [
            mx(FEEDBACK, "mx.example.com"),
            mx("feedback-smtp.us-east-1.amazonses.com"),
            {"mail.example.com": [("MX", SERVFAIL)]},
        ],
    )
    def test_another_mx_does_not(self, lab, records):
        lab.domain()
        lab.set_mail_from()
        lab.publish(records)
        assert lab.mail_from() == "PENDING"
        lab.pass_time(hours=72)
        assert lab.mail_from() == "FAILED"

    def test_failed_stays_failed_until_it_is_set_again(self, lab):
        lab.domain()
        lab.set_mail_from()
        lab.pass_time(hours=72)
        assert lab.mail_from() == "FAILED"
        lab.publish(mx(FEEDBACK))
        assert lab.mail_from() == "FAILED"
        lab.set_mail_from()
        assert lab.mail_from() == "SUCCESS"

    def test_mx_that_goes_is_missed_for_72_hours(self, lab):
        lab.domain()
        lab.set_mail_from()
        lab.publish(mx(FEEDBACK))
        assert lab.mail_from() == "SUCCESS"
        lab.withdraw("mail.example.com")
        assert lab.mail_from() == "TEMPORARY_FAILURE"
        lab.publish(mx(FEEDBACK))
        assert lab.mail_from() == "SUCCESS"
        lab.withdraw("mail.example.com")
        assert lab.mail_from() == "TEMPORARY_FAILURE"
        lab.pass_time(hours=72)
        assert lab.mail_from() == "FAILED"

    def test_other_behavior_keeps_what_was_found(self, lab):
        lab.domain()
        lab.set_mail_from()
        lab.publish(mx(FEEDBACK))
        assert lab.mail_from() == "SUCCESS"
        lab.set_mail_from(BehaviorOnMxFailure="REJECT_MESSAGE")
        region = lab.world.region(ACCOUNT, REGION)
        assert region.identities["example.com"].mail_from.status == "SUCCESS"
        assert region.identities["example.com"].mail_from.behavior == "REJECT_MESSAGE"

    @pytest.mark.parametrize("domain", ["mail", "example.com", "mail.example.net", "notexample.com", "a..example.com"])
    def test_it_is_a_subdomain(self, lab, domain):
        lab.domain()
        with refuses("BadRequestException", "or its parents are not verified"):
            lab("PutEmailIdentityMailFromAttributes", EmailIdentity="example.com", MailFromDomain=domain)

    def test_nothing_takes_it_away(self, lab):
        lab.domain()
        lab.set_mail_from()
        lab("PutEmailIdentityMailFromAttributes", EmailIdentity="example.com")
        shown = lab("GetEmailIdentity", EmailIdentity="example.com")
        assert shown["MailFromAttributes"] == {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}


class TestAddress:
    def test_a_person_verifies_it(self, lab):
        made = lab("CreateEmailIdentity", EmailIdentity="User@Example.COM")
        assert (made["IdentityType"], made["DkimAttributes"]["Status"]) == ("EMAIL_ADDRESS", "NOT_STARTED")
        shown = lab("GetEmailIdentity", EmailIdentity="User@example.com")
        assert (shown["VerificationStatus"], shown["VerifiedForSendingStatus"]) == ("PENDING", False)
        lab.world.verify_address(ACCOUNT, REGION, "User@example.com")
        assert lab("GetEmailIdentity", EmailIdentity="User@example.com")["VerificationStatus"] == "SUCCESS"

    def test_local_part_is_in_its_own_case(self, lab):
        lab("CreateEmailIdentity", EmailIdentity="User@example.com")
        with refuses("NotFoundException"):
            lab("GetEmailIdentity", EmailIdentity="user@example.com")

    def test_it_shows_its_domains_keys_and_does_not_use_them(self, lab):
        made = lab.domain()
        lab.address("user@example.com")
        dkim = lab.dkim("user@example.com")
        assert (dkim["SigningEnabled"], dkim["Status"]) == (False, "SUCCESS")
        assert dkim["Tokens"] == made["DkimAttributes"]["Tokens"]

    def test_it_can_be_signed_where_its_domain_is_set_up(self, lab):
        lab.address("user@example.com")
        with refuses("BadRequestException", "not set up"):
            lab("PutEmailIdentityDkimAttributes", EmailIdentity="user@example.com", SigningEnabled=True)
        lab.domain()
        lab("PutEmailIdentityDkimAttributes", EmailIdentity="user@example.com", SigningEnabled=True)
        assert lab.dkim("user@example.com")["SigningEnabled"] is True


class TestIdentities:
    def test_names_that_are_none(self, lab):
        for name in ("example", "-", "user@", "@example.com", "a b@example.com", "ex ample.com", "x" * 256 + ".com"):
            with refuses("BadRequestException"):
                lab("CreateEmailIdentity", EmailIdentity=name)

    def test_one_that_is_there(self, lab):
        lab("CreateEmailIdentity", EmailIdentity="example.com")
        with refuses("AlreadyExistsException"):
            lab("CreateEmailIdentity", EmailIdentity="Example.com")

    def test_configuration_set_must_exist(self, lab):
        with refuses("NotFoundException"):
            lab("CreateEmailIdentity", EmailIdentity="example.com", ConfigurationSetName="none")

    def test_pages(self, lab):
        for number in range(25):
            lab("CreateEmailIdentity", EmailIdentity=f"d{number:02}.example.com")
        seen, token = [], {}
        for _ in range(3):
            said = lab("ListEmailIdentities", PageSize=10, **token)
            seen += [each["IdentityName"] for each in said["EmailIdentities"]]
            token = {"NextToken": said["NextToken"]} if "NextToken" in said else {}
        assert (seen, token) == ([f"d{number:02}.example.com" for number in range(25)], {})

    @pytest.mark.parametrize("token", ["x", "-1", "999", "²"])
    def test_page_that_is_none(self, lab, token):
        with refuses("BadRequestException", "NextToken"):
            lab("ListEmailIdentities", NextToken=token)
