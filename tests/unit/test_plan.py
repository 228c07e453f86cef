"""Plans: from SES and DNS as they are to the steps that are left, and never to one that takes from what works."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from planning import ACCOUNT, REGION, TOKENS, complete, identity, ids, planned
from todoku.plan.document import read_document, schema, written
from todoku.plan.step import Plan
from todoku.words.change import Instruction, RecordSetChange, SesCall
from todoku.words.errors import UsageError


def tags(plan: Plan) -> list[str]:
    return [conflict.tag for conflict in plan.conflicts]


def test_from_nothing_to_everything_in_the_order_of_what_depends_on_what():
    plan = planned({}, {})
    assert ids(plan) == [
        "create-identity",
        *("dkim-1", "dkim-2", "dkim-3"),
        "dkim-verified",
        *("mail-from", "mail-from-mx", "mail-from-spf"),
        "mail-from-verified",
        "dmarc",
    ]
    assert plan.ready
    assert plan.waits_for_ses
    seen: set[str] = set()
    for step in plan.steps:
        assert set(step.after) <= seen, f"{step.id} comes before what it needs"
        seen.add(step.id)


def test_the_records_say_what_receivers_and_ses_look_for():
    changes = {step.id: step.action for step in planned({}, {}).steps if isinstance(step.action, RecordSetChange)}
    filled = changes["dkim-2"].filled("tok", "dkim.amazonses.com")
    assert (filled.before.name, filled.add) == ("tok._domainkey.example.com", ("tok.dkim.amazonses.com",))
    assert changes["dkim-2"].outputs[0].path == "DkimAttributes.Tokens[1]"
    assert changes["mail-from-mx"].after.values == (f"10 feedback-smtp.{REGION}.amazonses.com",)
    assert changes["mail-from-spf"].after.values == ("v=spf1 include:amazonses.com ~all",)
    assert changes["dmarc"].after.values == ("v=DMARC1; p=none",)


def test_what_is_set_up_is_left_alone():
    """Own sets, pools and p=reject: nothing of that changes."""
    replies = {
        "GetEmailIdentity": identity(ConfigurationSetName="own"),
        "GetConfigurationSet": {"DeliveryOptions": {"TlsPolicy": "OPTIONAL", "SendingPoolName": "pool-a"}},
    }
    assert planned(complete(), replies).steps == ()


def test_tls_is_required_only_when_asked_and_the_rest_is_sent_back_as_read():
    delivery = {"TlsPolicy": "OPTIONAL", "SendingPoolName": "pool-a", "MaxDeliverySeconds": 600}
    replies = {
        "GetEmailIdentity": identity(ConfigurationSetName="own"),
        "GetConfigurationSet": {"DeliveryOptions": delivery},
    }
    (step,) = planned(complete(), replies, require_tls=True).steps
    assert isinstance(step.action, SesCall)
    assert step.action.parameters == {"ConfigurationSetName": "own", **delivery, "TlsPolicy": "REQUIRE"}
    assert step.undo == (
        SesCall("PutConfigurationSetDeliveryOptions", {"ConfigurationSetName": "own", **delivery}, REGION),
    )
    assert step.risk is not None


def test_a_default_set_that_was_deleted_is_known_to_be_gone():
    replies = {"GetEmailIdentity": identity(ConfigurationSetName="deleted")}
    assert planned(complete(), replies).ready
    plan = planned(complete(), replies, require_tls=True)
    assert ids(plan) == ["tls-set", "tls-default-set"]
    (expected,) = plan.steps[1].expects
    assert (expected.path, expected.value) == ("ConfigurationSetName", "deleted")


def test_a_zone_holds_names_below_it_and_none_that_only_end_like_it():
    plan = msgspec.structs.replace(planned({}, {}), domain="example.com", zones=("mple.com", "deep.example.com"))
    assert plan.zone_of("a.deep.example.com") == plan.zone_of("deep.example.com") == "deep.example.com"
    assert plan.zone_of("_dmarc.example.com") == "example.com"


SOA = ("SOA", "ns hostmaster 1 2 3 4 5")


def test_zones_are_those_that_hold_the_names_the_deepest_first():
    organization = {"example.com": [("NS", "ns.example.com"), SOA]}
    below = planned({**organization, "sub.example.com": [SOA]}, {}, domain="sub.example.com")
    assert below.zones == ("sub.example.com", "example.com")
    alias = {"news.example.com": [("CNAME", "example.net")], "example.net": [SOA]}
    assert planned({**organization, **alias}, {}, domain="news.example.com").zones == ("example.com",)


def test_a_new_set_has_a_name_that_ses_takes():
    plan = planned({}, {}, domain=f"{'a' * 50}.{'b' * 20}.example.com", require_tls=True)
    (made,) = (step.action for step in plan.steps if step.id == "tls-set")
    assert len(made.parameters["ConfigurationSetName"]) == 64


def test_a_set_that_says_nothing_of_tls_is_undone_to_what_that_means():
    """A call that leaves the policy out would leave it as it is."""
    replies = {"GetEmailIdentity": identity(ConfigurationSetName="a"), "GetConfigurationSet": {"DeliveryOptions": {}}}
    (step,) = planned(complete(), replies, require_tls=True).steps
    assert [call.parameters for call in step.undo] == [{"ConfigurationSetName": "a", "TlsPolicy": "OPTIONAL"}]


def test_a_new_set_is_made_only_where_the_identity_has_none():
    plan = planned(complete(), {"GetEmailIdentity": identity()}, require_tls=True)
    assert ids(plan) == ["tls-set", "tls-default-set"]


def test_reject_on_mx_failure_is_set_only_when_asked_and_says_its_risk():
    plan = planned(complete(), {"GetEmailIdentity": identity()}, reject_on_mx_failure=True)
    assert ids(plan) == ["reject-on-mx-failure"]
    assert plan.steps[0].risk is not None


def test_a_wrong_cname_of_ses_is_replaced_and_its_undo_restores_it():
    records = complete()
    name = f"{TOKENS[0]}._domainkey.example.com"
    records[name] = [("CNAME", f"{TOKENS[1]}.dkim.amazonses.com")]
    plan = planned(records, {"GetEmailIdentity": identity()})
    change = plan.steps[0].action
    assert ids(plan) == ["dkim-1", "dkim-verified"]
    assert isinstance(change, RecordSetChange)
    assert change.after.values == (f"{TOKENS[0]}.dkim.amazonses.com",)
    assert change.undone.after == change.before


@pytest.mark.parametrize("left_out", ["SigningHostedZone", "Tokens"])
def test_no_cname_is_written_where_ses_does_not_say_what_it_holds(left_out: str):
    """Three CNAMEs that work are not replaced by half a name; where SES has yet to see them, a person is asked."""
    said = {name: value for name, value in identity()["DkimAttributes"].items() if name != left_out}
    assert planned(complete(), {"GetEmailIdentity": identity(DkimAttributes=said)}).steps == ()
    waiting = planned(complete(), {"GetEmailIdentity": identity(DkimAttributes={**said, "Status": "NOT_STARTED"})})
    assert tags(waiting) == ["dkim-records-untold"]


def test_names_of_records_are_the_same_in_either_case():
    records = complete()
    records[f"{TOKENS[0]}._domainkey.example.com"] = [("CNAME", f"{TOKENS[0]}.DKIM.AmazonSES.com")]
    records["mail.example.com"] = [
        ("MX", (10, f"Feedback-SMTP.{REGION}.AmazonSES.com")),
        ("TXT", "v=spf1 +include:AmazonSES.com. ~all"),
    ]
    assert planned(records, {"GetEmailIdentity": identity()}).steps == ()
    kept = identity(MailFromAttributes={})
    assert ids(planned(records, {"GetEmailIdentity": kept})) == ["mail-from", "mail-from-verified"]


def test_a_failed_identity_is_restarted_after_its_records():
    replies = {"GetEmailIdentity": identity(DkimAttributes={**identity()["DkimAttributes"], "Status": "FAILED"})}
    assert ids(planned(complete(), replies)) == ["restart-dkim", "dkim-verified"]


def test_signing_is_switched_on():
    off = {**identity()["DkimAttributes"], "SigningEnabled": False}
    assert ids(planned(complete(), {"GetEmailIdentity": identity(DkimAttributes=off)})) == ["sign", "dkim-verified"]


@pytest.mark.parametrize(
    ("name", "found", "tag"),
    [
        (f"{TOKENS[0]}._domainkey.example.com", [("CNAME", "elsewhere.example.net")], "dkim-name-taken"),
        (f"{TOKENS[0]}._domainkey.example.com", [("TXT", "v=DKIM1; p=")], "dkim-name-taken"),
        ("mail.example.com", [("MX", (10, "mx.example.com"))], "mail-from-mx"),
        ("mail.example.com", [("CNAME", "elsewhere.example.net")], "mail-from-cname"),
        (
            "mail.example.com",
            [("MX", (10, f"feedback-smtp.{REGION}.amazonses.com")), ("TXT", "v=spf1 mx -all")],
            "mail-from-spf",
        ),
        *(
            ("mail.example.com", [("MX", (10, f"feedback-smtp.{REGION}.amazonses.com")), ("TXT", spf)], "mail-from-spf")
            for spf in ("v=spf1 include:amazonses.com.example.net ~all", "v=spf1 -include:amazonses.com ~all")
        ),
        ("_dmarc.example.com", [("CNAME", "d.example.net")], "dmarc-cname"),
        ("_dmarc.example.com", [("TXT", "v=DMARC1; p=none"), ("TXT", "v=DMARC1; p=reject")], "dmarc-there"),
        ("_dmarc.example.com", [("TXT", "v=DMARC1, p=none")], "dmarc-there"),
    ],
)
def test_what_is_there_already_stops_the_plan(name: str, found: list[Any], tag: str):
    plan = planned({**complete(), name: found}, {"GetEmailIdentity": identity()})
    assert tags(plan) == [tag]
    assert not plan.ready


def test_a_new_mail_from_domain_takes_a_free_name():
    records = {**complete(), "mail.example.com": [("A", "192.0.2.1")]}
    plan = planned(records, {"GetEmailIdentity": identity(MailFromAttributes={})})
    calls = [step.action for step in plan.steps if isinstance(step.action, SesCall)]
    assert [call.parameters["MailFromDomain"] for call in calls] == ["bounce.example.com"]


def test_without_a_free_name_it_asks_for_one():
    taken = {f"{label}.example.com": [("A", "192.0.2.1")] for label in ("mail", "bounce", "ses", "mailfrom")}
    assert tags(planned({**complete(), **taken}, {"GetEmailIdentity": identity(MailFromAttributes={})})) == [
        "no-free-mail-from"
    ]


def test_a_wildcard_stands_nowhere():
    """What ``*.example.com`` answers is neither in the way nor removed."""
    records = {"*.example.com": [("TXT", "hello"), ("MX", (10, "mx.example.com"))]}
    plan = planned(records, {})
    assert plan.ready
    changes = {step.id: step.action for step in plan.steps if isinstance(step.action, RecordSetChange)}
    assert changes["dmarc"].before.values == ()
    assert changes["mail-from-mx"].before.values == ()


def test_a_site_verification_string_stays():
    records = {**complete(), "_dmarc.example.com": [("TXT", "some-site-verification=1")]}
    (step,) = planned(records, {"GetEmailIdentity": identity()}).steps
    assert isinstance(step.action, RecordSetChange)
    assert set(step.action.after.values) == {"some-site-verification=1", "v=DMARC1; p=none"}


def test_report_addresses_come_to_the_record_that_is_there():
    plan = planned(complete(), {"GetEmailIdentity": identity()}, rua="d@reports.example.net")
    assert ids(plan) == ["dmarc-reports", "report-permission"]
    change = plan.steps[0].action
    assert isinstance(change, RecordSetChange)
    assert change.after.values == ("v=DMARC1; p=reject; rua=mailto:d@example.com,mailto:d@reports.example.net",)


@pytest.mark.parametrize("written", ["rua=", "rua = ", "rua=,"])
def test_an_empty_list_of_report_addresses_gets_its_first(written):
    records = {**complete(), "_dmarc.example.com": [("TXT", f"v=DMARC1; p=none; {written}")]}
    (step,) = planned(records, {"GetEmailIdentity": identity()}, rua="d@example.com").steps
    value = step.action.after.values[0]
    assert value.replace("rua = ", "rua=") == "v=DMARC1; p=none; rua=mailto:d@example.com"


def test_an_address_that_ends_a_longer_one_is_another():
    """``d@example.com`` gets the reports already; ``xd@example.com`` being there would not say so."""
    records = {**complete(), "_dmarc.example.com": [("TXT", "v=DMARC1; p=reject; rua=mailto:xd@example.com!10m")]}
    assert ids(planned(records, {"GetEmailIdentity": identity()}, rua="d@example.com")) == ["dmarc-reports"]
    assert ids(planned(records, {"GetEmailIdentity": identity()}, rua="xd@example.com")) == []


def test_an_address_of_ones_own_subdomain_needs_no_permission_and_a_look_alike_does():
    own = planned(complete(), {"GetEmailIdentity": identity()}, rua="d@reports.example.com")
    assert ids(own) == ["dmarc-reports"]
    alike = planned(complete(), {"GetEmailIdentity": identity()}, rua="d@notexample.com")
    assert ids(alike) == ["dmarc-reports", "report-permission"]


@pytest.mark.parametrize(
    ("records", "tag"),
    [
        (
            {"_dmarc.sub.example.com": [("CNAME", "d.example.net")], "d.example.net": [("TXT", "v=DMARC1; p=none")]},
            "dmarc-cname",
        ),
        ({"*.sub.example.com": [("TXT", "v=DMARC1; p=none")], "sub.example.com": [("A", "192.0.2.1")]}, "dmarc-there"),
    ],
)
def test_a_record_that_stands_elsewhere_is_not_written_over(records: dict[str, Any], tag: str):
    plan = planned({**complete(), **records}, {}, domain="sub.example.com", rua="d@example.com")
    assert tag in tags(plan)


@pytest.mark.parametrize("operation", ["GetAccount", "GetEmailIdentity"])
def test_what_could_not_be_read_is_not_taken_for_absent(operation: str):
    plan = planned({}, {operation: "denied"})
    assert plan.steps == ()
    assert not plan.ready
    assert operation in plan.unread[0].en


def test_a_silent_dns_stops_the_plan():
    from todoku import TIMEOUT  # noqa: PLC0415 -- only here

    plan = planned({"_dmarc.example.com": [TIMEOUT]}, {})
    assert not plan.ready
    assert any("_dmarc.example.com" in text.en for text in plan.unread)


def test_people_are_asked_only_where_no_api_exists():
    """Each of these is nothing that a program can do."""
    replies = {"GetAccount": {**ACCOUNT, "ProductionAccessEnabled": False}}
    plan = planned({}, replies, rua="d@reports.example.net")
    asked = {step.id for step in plan.steps if isinstance(step.action, Instruction)}
    assert asked == {"production-access", "report-permission"}
    own = {**identity()["DkimAttributes"], "SigningAttributesOrigin": "EXTERNAL", "Tokens": ["own"]}
    plan = planned(complete(), {"GetEmailIdentity": identity(DkimAttributes=own)})
    assert [step.id for step in plan.steps if isinstance(step.action, Instruction)] == ["publish-own-key"]


def test_a_plan_survives_its_document():
    plan = planned({}, {}, rua="d@example.com", require_tls=True, reject_on_mx_failure=True)
    assert read_document(written(plan, "0.1.0")) == plan


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"p=none", b"p=reject", "changed by hand"),
        (b'"plan": 1', b'"plan": 2', "version 2"),
        (b'"steps"', b'"stops"', "changed by hand"),
        (b"{", b"[", "not JSON"),
    ],
)
def test_a_changed_document_is_refused(old: bytes, new: bytes, said: str):
    raw = written(planned({}, {}), "0.1.0")
    with pytest.raises(UsageError, match=said):
        read_document(raw.replace(old, new, 1))


def test_a_document_fits_its_schema():
    import jsonschema  # noqa: PLC0415 -- only here

    jsonschema.validate(msgspec.json.decode(written(planned({}, {}, require_tls=True), "0.1.0")), schema())
