"""The forms of a plan: each says exactly what the plan does, as the tools that read it take it, whatever stands in DNS."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dns.rdatatype
import dns.zone
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning import ACCOUNT, REGION, TOKENS, complete, identity, ids, planned
from todoku import Zone
from todoku.auth.ask import Question
from todoku.cli.plan import RENDERS
from todoku.plan.step import Conflict, Plan, Step, Wait
from todoku.report.columns import cell_len
from todoku.report.plan import awscli, cloudformation, terraform
from todoku.report.plan.records import master_value, planned_sets, route53_value
from todoku.report.plan.show import PLAN_FORMS, PlanForm, render
from todoku.report.plan.words import title, undo_commands, undo_told
from todoku.report.render_options import Manner
from todoku.words.change import Instruction, RecordSet, RecordSetChange, SesCall
from todoku.words.verdict import Text

LANGUAGES = ("en", "ja")
LONG = "v=DMARC1; p=none; rua=" + ",".join(f"mailto:aggregate{number}@example.com" for number in range(12))
HOSTILE = """x|y`z`"q" \\ ${file("/etc/passwd")} %{ if true } $(touch pwned) 'a' {0} <script> \x1b[31m\r\n; p"""
"""What a stranger may have put into the DNS beside what is ours."""


def new() -> Plan:
    """From nothing, with all that can be asked for."""
    return planned({}, {}, rua="d@reports.example.net", require_tls=True, reject_on_mx_failure=True)


def standing() -> Plan:
    """An identity that sends, with an own set, a wrong CNAME, and strangers' text beside a long record."""
    replies = {
        "GetEmailIdentity": identity(ConfigurationSetName="own"),
        "GetConfigurationSet": {"DeliveryOptions": {"TlsPolicy": "OPTIONAL", "SendingPoolName": "pool-a"}},
    }
    records = complete()
    records[f"{TOKENS[0]}._domainkey.example.com"] = [("CNAME", f"{TOKENS[1]}.dkim.amazonses.com")]
    records["_dmarc.example.com"] = [("TXT", LONG), ("TXT", HOSTILE)]
    return planned(records, replies, rua="e@example.com", require_tls=True, reject_on_mx_failure=True)


def stopped() -> Plan:
    """Something is in the way; a record and a set would come besides."""
    records = {
        **complete(),
        "_dmarc.example.com": [("A", "192.0.2.1")],
        "mail.example.com": [("MX", (10, "mx.example.com")), ("TXT", HOSTILE)],
    }
    return planned(records, {"GetEmailIdentity": identity()}, require_tls=True)


def unread() -> Plan:
    return planned({}, {"GetEmailIdentity": "denied"})


def done() -> Plan:
    return planned(complete(), {"GetEmailIdentity": identity()})


def off() -> Plan:
    """Signing is switched off, the records are given up, the account is in the sandbox."""
    dkim = {**identity()["DkimAttributes"], "SigningEnabled": False, "Status": "FAILED"}
    replies = {
        "GetEmailIdentity": identity(DkimAttributes=dkim),
        "GetAccount": {**ACCOUNT, "ProductionAccessEnabled": False},
    }
    return planned(complete(), replies)


PLANS = {plan.__name__: plan for plan in (new, standing, stopped, unread, done, off)}


def drawn(plan: Plan, form: PlanForm, language: Any = "en") -> str:
    return render(plan, form, Manner(language=language))


@pytest.fixture(params=PLANS)
def plan(request: pytest.FixtureRequest) -> Plan:
    return PLANS[request.param]()


# What holds for every form


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", PLAN_FORMS)
def test_every_form_ends_its_last_line_and_holds_no_control_character(plan: Plan, form: PlanForm, language: str):
    text = drawn(plan, form, language)
    assert text.endswith("\n")
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text) == []


@pytest.mark.parametrize("form", [form for form in PLAN_FORMS if form not in ("zone", "request")])
def test_no_step_is_left_out(plan: Plan, form: PlanForm):
    """Where a form cannot express a step it says so, with its number; one that is part of another stands in that one."""
    if not plan.ready and form != "text":
        return
    text = drawn(plan, form)
    parts = {"tls-default-set", "reject-on-mx-failure"} if form in ("terraform", "cloudformation") else set()
    if form == "cloudformation":
        parts.add("mail-from")
    if "create-identity" not in ids(plan):
        parts = set()
    missing = [
        step.id for number, step in enumerate(plan.steps, 1) if f"{number}. " not in text and step.id not in parts
    ]
    assert missing == []


@pytest.mark.parametrize("form", ["zone", "request", "terraform", "cloudformation", "awscli"])
@pytest.mark.parametrize("which", [stopped, unread])
def test_what_is_not_ready_holds_nothing_to_carry_out(form: PlanForm, which: Any):
    assert len(stopped().steps) > 1
    text = drawn(which(), form)
    assert TOKENS[0] not in text
    assert "put-" not in text
    assert "IN\t" not in text
    assert "AWS::SES" not in text
    assert "aws_sesv2" not in text
    assert "| TXT |" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_of_80_columns(plan: Plan, language: str):
    """But for what is typed or pasted, which is never broken."""
    typed = re.compile(r"aws |\.  \d+  IN  | TXT ")
    wide = [line for line in drawn(plan, "text", language).splitlines() if cell_len(line) > 80]
    assert [line for line in wide if not typed.search(line)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", PLAN_FORMS)
def test_each_language_keeps_to_itself(form: PlanForm, language: str):
    text = drawn(new(), form, language)
    assert bool(re.search("[ぁ-ん]", text)) is (language == "ja")
    assert ("nothing has been changed" in text) is (language == "en" and form != "request")


def test_the_command_knows_every_form():
    assert ("text", *RENDERS) == PLAN_FORMS


def test_a_title_for_every_operation_and_an_undo_for_every_change():
    for make in PLANS.values():
        for step in make().steps:
            assert not re.search(r"[{}]|\A[A-Z][a-z]+[A-Z]", title(step).en), step.id
            if isinstance(step.action, SesCall | RecordSetChange) and step.id != "mail-from-again":
                assert undo_commands(step) or undo_told(step), step.id


# Zone


def test_dnspython_and_our_own_reader_take_the_zone():
    text = drawn(standing(), "zone", "ja")
    mine = Zone.from_text(text)
    theirs = dns.zone.from_text(text, origin="example.com.", check_origin=False, relativize=False)
    (record,) = (one for one in planned_sets(standing()) if one.rdtype == "TXT")
    (answer,) = mine.answers((Question("_dmarc.example.com", "TXT"),))
    assert sorted(answer.records) == sorted(record.after.values)
    found = theirs.find_rdataset("_dmarc.example.com.", dns.rdatatype.TXT)
    assert sorted(b"".join(one.strings).decode("latin-1") for one in found) == sorted(record.after.values)
    assert {len(part) for one in found for part in one.strings if len(one.strings) > 1} >= {255}
    (cname,) = mine.answers((Question(f"{TOKENS[0]}._domainkey.example.com", "CNAME"),))
    assert cname.records == (f"{TOKENS[0]}.dkim.amazonses.com",)


def test_what_is_not_known_yet_is_a_comment():
    text = drawn(new(), "zone")
    lines = [line for line in text.splitlines() if "TOKEN1" in line]
    assert len(lines) == 2
    assert all(line.startswith(";") for line in lines)
    assert "known after step 1 (create-identity)" in lines[0]
    (mx,) = Zone.from_text(text).answers((Question("mail.example.com", "MX"),))
    assert mx.records == (f"10 feedback-smtp.{REGION}.amazonses.com",)


def test_names_stand_in_the_zone_that_holds_them():
    """The zones are those that DNS names by the SOA beside an answer that there is nothing."""
    deep = planned({"sub.example.com": [("SOA", "ns hostmaster 1 2 3 4 5")]}, {}, domain="sub.example.com")
    assert deep.zones == ("sub.example.com",)
    both = msgspec.structs.replace(deep, zones=("sub.example.com", "example.com"))
    places = {one.step.id: (one.zone, one.host) for one in planned_sets(both)}
    assert places["mail-from-mx"] == ("sub.example.com", "mail")
    assert places["dmarc"] == ("example.com", "_dmarc")
    origins = re.findall(r"^\$ORIGIN (\S+)$", drawn(both, "zone"), re.MULTILINE)
    assert origins == ["sub.example.com.", "example.com."]
    variables = json.loads(drawn(both, "terraform"))["variable"]
    assert {"zone_id_sub_example_com", "zone_id_example_com"} <= set(variables)


@given(st.text(st.characters(max_codepoint=255), min_size=1, max_size=600))
def test_any_octets_of_a_txt_record_survive_a_master_file(text: str):
    zone = f"$ORIGIN example.com.\n@ 60 IN TXT {master_value('TXT', text)}\n"
    (answer,) = Zone.from_text(zone).answers((Question("example.com", "TXT"),))
    assert answer.records == (text,)
    found = dns.zone.from_text(zone, check_origin=False, relativize=False).find_rdataset("example.com.", "TXT")
    assert [b"".join(one.strings).decode("latin-1") for one in found] == [text]


@given(st.text(st.characters(max_codepoint=255), min_size=1, max_size=600))
def test_any_octets_of_a_txt_record_survive_route_53(text: str):
    from todoku.net.writers.route53_text import value_of, written_value  # noqa: PLC0415 -- only here

    assert value_of("TXT", route53_value("TXT", text)) == text
    assert route53_value("TXT", text) == written_value("TXT", text)


# Request


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_names_host_part_and_full_name(language: str):
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in drawn(standing(), "request", language).splitlines()
        if line.startswith("| `")
    ]
    assert all(len(row) == 5 for row in rows), rows
    assert [row[0] for row in rows] == [f"`{TOKENS[0]}._domainkey`", "`_dmarc`"] * 2
    assert rows[-1][1] == "`_dmarc.example.com`"
    assert rows[-1][3] == f"`{LONG},mailto:e@example.com`"


def test_a_request_says_what_to_mind():
    text = drawn(standing(), "request")
    assert "DNS only" in text
    assert (
        f"`{TOKENS[0]}._domainkey.example.com.example.com`" in text
    )  # what a panel makes of a name that is entered whole
    assert "Leave the other TXT records at `_dmarc.example.com` as they are" in text
    assert '" "' in text  # the long record as a panel takes it that splits nothing
    assert "priority" in drawn(new(), "request")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draw", [new, standing])
def test_a_request_is_readable_as_it_is_written(draw, language: str):
    """In a mail nobody sees it as Markdown: a name is entered as it stands there."""
    assert "\\_" not in drawn(draw(), "request", language)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_domain_that_is_not_in_the_dns_is_no_setting_that_is_there(form: Any):
    plan = stopped()
    absent = Conflict(tag="not-delegated", text=Text("not there", "ありません"))
    alone = drawn(msgspec.structs.replace(plan, conflicts=(absent,)), form)
    assert "The domain is not in the DNS" in alone
    assert "What has to be there first" in alone
    assert "What only you can decide" not in alone
    both = drawn(msgspec.structs.replace(plan, conflicts=(*plan.conflicts, absent)), form)
    assert "Something is there already" in both
    first, second = both.index("What has to be there first"), both.index("What only you can decide")
    assert first < both.index("not-delegated") < second < both.index("mail-from-mx")


def test_a_request_tells_apart_what_is_known_later_and_what_others_publish():
    text = drawn(new(), "request")
    assert text.index("| MX |") < text.index("known only after") < text.index("TOKEN1")
    assert text.index("For another zone") < text.index("example.com._report._dmarc.reports.example.net.")


# Markdown


def test_a_runbook_says_before_do_check_and_undo_of_every_change():
    sections = re.split(r"^## ", drawn(standing(), "markdown"), flags=re.MULTILINE)[1:]
    plan = standing()
    assert [int(section.partition(".")[0]) for section in sections] == [*range(1, len(plan.steps) + 1)]
    for step, section in zip(plan.steps, sections, strict=True):
        wanted = {"Do", "Check"} | (set() if isinstance(step.action, Wait) else {"Undo"})
        assert wanted <= set(re.findall(r"^\*\*(\w+)\*\*", section, re.MULTILINE)), step.id
    assert "shows `OPTIONAL`" in sections[-1]


def test_fences_hold_whatever_stands_in_them():
    text = drawn(standing(), "markdown")
    outside = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script>" not in outside


# Terraform


def terraformed(plan: Plan) -> Any:
    return json.loads(drawn(plan, "terraform"))


def strings_in(value: Any) -> Iterator[str]:
    """Every string that Terraform reads: all but comments."""
    match value:
        case str():
            yield value
        case dict():
            for name, below in value.items():
                if name != "//":
                    yield from strings_in(below)
        case list():
            for below in value:
                yield from strings_in(below)


def addresses(document: Any) -> dict[str, Any]:
    return {
        f"{kind}.{name}": block
        for kind, blocks in document.get("resource", {}).items()
        for name, block in blocks.items()
    }


@pytest.mark.parametrize("which", [new, standing, off, done])
def test_every_reference_leads_somewhere_and_none_in_a_circle(which: Any):
    document = terraformed(which())
    known = addresses(document)
    variables = {f"var.{name}" for name in document.get("variable", {})}
    needs: dict[str, set[str]] = {}
    for address, made in known.items():
        block = dict(made)
        found = set(block.pop("depends_on", ()))
        for text in strings_in(
            {**block, "lifecycle": block.get("lifecycle", {}).get("precondition", {}).get("condition")}
        ):
            for reference in re.findall(r"(?<!\$)\$\{([^}]*)\}", text):
                parts = re.findall(r"(?:var|aws_\w+)\.\w+", reference)
                assert parts
                assert all(part in variables or part in known for part in parts), reference
                found |= {part for part in parts if part in known}
        needs[address] = found
    assert all(one in known for found in needs.values() for one in found)
    while needs:
        free = [address for address, found in needs.items() if not found & needs.keys()]
        assert free, f"a circle: {sorted(needs)}"
        needs = {address: found for address, found in needs.items() if address not in free}


def test_a_new_identity_in_terraform():
    document = terraformed(new())
    known = addresses(document)
    assert document["provider"]["aws"] == {"region": REGION, "allowed_account_ids": ["123456789012"]}
    record = known["aws_route53_record.dkim_2"]
    token = "${aws_sesv2_email_identity.example_com.dkim_signing_attributes[0].tokens[1]}"
    assert record["name"] == f"{token}._domainkey.example.com"
    assert record["records"] == [f"{token}.${{var.dkim_signing_hosted_zone}}"]
    assert "terraform apply -target=" in record["lifecycle"]["precondition"]["error_message"]
    mail_from = known["aws_sesv2_email_identity_mail_from_attributes.example_com"]
    assert mail_from["behavior_on_mx_failure"] == '${var.mx_seen ? "REJECT_MESSAGE" : "USE_DEFAULT_VALUE"}'
    assert known["aws_sesv2_configuration_set.todoku_example_com"]["delivery_options"] == {"tls_policy": "REQUIRE"}
    assert "import" not in document


def test_what_exists_is_imported_whole_or_left_to_its_owner():
    document = terraformed(standing())
    known = addresses(document)
    assert {one["to"]: one["id"] for one in document["import"]} == {
        "aws_route53_record.dkim_1": f"${{var.zone_id}}_{TOKENS[0]}._domainkey.example.com_CNAME",
        "aws_route53_record.dmarc_reports": "${var.zone_id}__dmarc.example.com_TXT",
    }
    assert document["terraform"]["required_version"] == ">= 1.6"
    assert not any(
        address.startswith(("aws_sesv2_email_identity.", "aws_sesv2_configuration_set.")) for address in known
    )
    assert len(known["aws_route53_record.dmarc_reports"]["records"]) == 2
    assert known["aws_route53_record.dmarc_reports"]["lifecycle"] == {"ignore_changes": ["ttl"]}
    assert any("put-configuration-set-delivery-options" in comment for comment in document["//"])


@pytest.mark.parametrize("text", ["${x}", "%{if}", "$${x}", "$$${", "%%{"])
def test_no_text_is_a_template(text: str):
    """HCL: ``$${`` and ``%%{`` are the literal marks; no other sequence may begin one."""
    made = terraform.literal(text)
    assert made.replace("$${", "\0").replace("%%{", "\1").find("${") == -1
    assert made.replace("$${", "${").replace("%%{", "%{") == text


@pytest.mark.parametrize(("text", "made"), [("example.com", "example_com"), ("3m.com", "_3m_com"), ("xn--a", "xn__a")])
def test_labels_of_blocks(text: str, made: str):
    assert terraform.label(text) == made


# CloudFormation


@pytest.mark.parametrize(("which", "language"), [(new, "en"), (new, "ja"), (standing, "ja"), (stopped, "en")])
def test_cfn_lint_takes_the_template(which: Any, language: str):
    from cfnlint.api import lint  # noqa: PLC0415 -- it takes a while to load

    found = lint(drawn(which(), "cloudformation", language), regions=[REGION])
    assert [f"{one.rule.id} {one.message}" for one in found] == []


def test_a_new_identity_in_cloudformation():
    resources = json.loads(drawn(new(), "cloudformation"))["Resources"]
    record = resources["Dkim2"]["Properties"]
    assert record["Name"] == {"Fn::GetAtt": ["Identity", "DkimDNSTokenName2"]}
    assert record["ResourceRecords"] == [{"Fn::GetAtt": ["Identity", "DkimDNSTokenValue2"]}]
    made = resources["Identity"]["Properties"]
    assert made["MailFromAttributes"]["BehaviorOnMxFailure"] == {
        "Fn::If": ["MxSeen", "REJECT_MESSAGE", "USE_DEFAULT_VALUE"]
    }
    assert made["ConfigurationSetAttributes"] == {"ConfigurationSetName": {"Ref": "ConfigurationSet"}}


def test_what_exists_stands_in_the_metadata():
    template = json.loads(drawn(standing(), "cloudformation"))
    assert [one["Type"] for one in template["Resources"].values()] == [cloudformation.NOTHING]
    notes = template["Metadata"]["todoku"]["NotInThisStack"]
    assert len(notes) == len(standing().steps)


# AWS CLI


STUB = r"""#!/bin/sh
printf '%s\0' "$@" >> "$CALLED"; printf '\n' >> "$CALLED"
case "$*" in
  *GetCallerIdentity*|*get-caller-identity*) echo "$ACCOUNT" ;;
  *'Tokens[0]'*) echo aaa ;; *'Tokens[1]'*) echo bbb ;; *'Tokens[2]'*) echo ccc ;;
  *SigningHostedZone*) echo dkim.amazonses.com ;;
  *MailFromDomainStatus*|*DkimAttributes.Status*) echo SUCCESS ;;
  *TlsPolicy*) echo OPTIONAL ;;
  *SigningEnabled*) echo False ;;
  *list-resource-record-sets*) echo 1800 ;;
  *ChangeInfo.Id*) echo /change/C1 ;;
  *--query*) echo None ;;
esac
"""


def ran(
    plan: Plan, folder: Path, account: str = "123456789012", language: str = "en"
) -> tuple[int, list[list[str]], str]:
    """What the script does, with ``aws`` in its place: its exit code, the calls, what it says."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash not found")
    (folder / "aws").write_text(STUB)
    (folder / "aws").chmod(0o755)
    script = folder / "plan.sh"
    script.write_text(drawn(plan, "awscli", language))
    assert subprocess.run([bash, "-n", script], check=False).returncode == 0
    calls = folder / "calls"
    calls.write_text("")
    environment = {
        "PATH": f"{folder}:/usr/bin:/bin",
        "CALLED": str(calls),
        "ACCOUNT": account,
        "HOSTED_ZONE_ID": "Z1",
        "LANG": "C.UTF-8",
    }
    ran = subprocess.run([bash, script], check=False, cwd=folder, env=environment, capture_output=True, text=True)
    return (
        ran.returncode,
        [line.split("\0")[:-1] for line in calls.read_text().split("\n")[:-1]],
        ran.stderr + ran.stdout,
    )


def changes_in(calls: list[list[str]]) -> list[Any]:
    batches = [call[call.index("--change-batch") + 1] for call in calls if "change-resource-record-sets" in call]
    return [json.loads(batch)["Changes"] for batch in batches]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_script_does_every_step_in_order(tmp_path: Path, language: str):
    code, calls, said = ran(new(), tmp_path, language=language)
    assert code == 0, said
    made = [call[1] for call in calls if call[0] == "sesv2" and not call[1].startswith("get-")]
    assert made == [
        "create-email-identity",
        "put-email-identity-mail-from-attributes",
        "put-email-identity-mail-from-attributes",
        "create-configuration-set",
        "put-email-identity-configuration-set-attributes",
    ]
    records = [change[0]["ResourceRecordSet"] for change in changes_in(calls)]
    assert [record["Name"] for record in records][:3] == [
        f"{token}._domainkey.example.com" for token in ("aaa", "bbb", "ccc")
    ]
    assert records[0]["ResourceRecords"] == [{"Value": "aaa.dkim.amazonses.com"}]
    assert "reports.example.net" in said


def test_the_script_deletes_what_was_read_and_creates_what_is_to_be(tmp_path: Path):
    code, calls, said = ran(standing(), tmp_path)
    assert code == 0, said
    gone, came = changes_in(calls)[1]
    (planned_set,) = (one for one in planned_sets(standing()) if one.rdtype == "TXT")
    for change, action, records in ((gone, "DELETE", planned_set.change.before), (came, "CREATE", planned_set.after)):
        written = change["ResourceRecordSet"]
        assert (change["Action"], written["TTL"]) == (action, 1800)
        assert [one["Value"] for one in written["ResourceRecords"]] == [
            route53_value("TXT", one) for one in records.values
        ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "aws",
        "calls",
        "plan.sh",
    ]  # nothing of a stranger's ran


def test_the_script_stops_in_another_account(tmp_path: Path):
    code, calls, said = ran(new(), tmp_path, account="999988887777")
    assert code == 1
    assert "999988887777" in said
    assert len(calls) == 1


def test_the_script_stops_where_ses_is_not_as_it_was(tmp_path: Path):
    """Signing is on again already: the stub says so of everything that is False."""
    plan = off()
    (first, *_) = plan.steps
    assert first.id == "sign"
    other = msgspec.structs.replace(first, expects=(msgspec.structs.replace(first.expects[0], value=True),))
    code, calls, _ = ran(msgspec.structs.replace(plan, steps=(other, *plan.steps[1:])), tmp_path)
    assert code == 1
    assert [call[1] for call in calls] == ["get-caller-identity", "get-email-identity"]


def test_a_plan_that_is_not_ready_makes_no_call(tmp_path: Path):
    code, calls, said = ran(stopped(), tmp_path)
    assert (code, calls) == (1, [])
    assert "cannot be carried out" in said


def test_switching_off_is_written_as_the_cli_has_it():
    (sign, *_) = off().steps
    assert undo_commands(sign)[0].endswith(f"--no-signing-enabled --region {REGION}")


@given(
    st.text(st.characters(max_codepoint=255), max_size=80),
    st.text(max_size=40),
    st.sampled_from(PLAN_FORMS),
    st.sampled_from(LANGUAGES),
)
def test_no_text_of_a_stranger_breaks_a_form(value: str, profile: str, form: PlanForm, language: Any):
    """Whatever DNS holds and a profile is called: it is drawn, and no line of it is one of its own."""
    before = RecordSet("_dmarc.example.com", "TXT", ("v=DMARC1; p=none", value), 300)
    change = RecordSetChange(before, add=("v=DMARC1; p=none; rua=mailto:d@example.com",), remove=("v=DMARC1; p=none",))
    steps = (Step(id="dmarc-reports", action=change, why=Text("why", "理由")),)
    text = drawn(_plan(profile, steps), form, language)
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text) == []
    if form == "zone":
        Zone.from_text(text)
    if form in ("terraform", "cloudformation"):
        json.loads(text)


def _plan(profile: str, steps: tuple[Step, ...]) -> Plan:
    known: Mapping[str, Any] = {"id": "a" * 12, "made": "2026-11-24T09:00:00+00:00", "account": "1" * 12}
    return Plan(**known, profile=profile, region=REGION, domain="example.com", steps=steps, zones=("example.com",))


def test_a_person_is_told_what_only_a_person_can_do():
    by_hand = [step for step in off().steps if isinstance(step.action, Instruction)]
    for form in ("text", "markdown", "awscli"):
        for step in by_hand:
            assert isinstance(step.action, Instruction)
            flat = " ".join(drawn(off(), form).replace("\\", "").split())
            assert step.action.text.en in flat
    assert awscli.TRIES * awscli.SECONDS == 3 * 3600
