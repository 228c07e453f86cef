"""A DMARC record applies to the From domain, with a policy of at least none."""

from __future__ import annotations

import msgspec

from todoku.auth.ask import Answer
from todoku.auth.dmarc import DmarcRecord, DmarcResult, read_record
from todoku.auth.setup import DomainSetup
from todoku.causes.circumstances import is_within
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.causes.dmarc.methods_differ import METHODS_DIFFER, differing_values
from todoku.causes.dmarc.record import (
    DMARC_NONE,
    DNS_FAILED,
    MISSING,
    WILDCARD_SPF,
    no_record,
    record_exhibits,
    record_values,
)
from todoku.causes.dmarc.tag_edit import has_report_address, with_mailto, with_tag
from todoku.causes.exhibits import dns_exhibit
from todoku.causes.witnesses.aws import aws_witness
from todoku.causes.witnesses.google import google_witness
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.causes.witnesses.receiver_word import record_word
from todoku.receivers import clause, docomo, gmail, outlook
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import (
    Clause,
    Finding,
    Fix,
    Missing,
    Note,
    Reason,
    Requirement,
    SesDefault,
    Text,
    Value,
    Witness,
)


def add_reports(dmarc: DmarcResult) -> tuple[Change, ...]:
    """The record as it is, with an address for reports. Which one is the owner's choice: a mailbox that exists."""
    if dmarc.record is None or dmarc.record.domain in CONSUMER_DOMAINS:
        return ()
    domain, standing = dmarc.record.domain, dmarc.record.text
    mended = with_mailto(standing)
    if has_report_address(mended):  # only the scheme was missing
        return (DnsRecord(f"_dmarc.{domain}", "TXT", mended, replaces=standing),)
    example = f"dmarc-reports@{domain}"
    return (
        DnsRecord(f"_dmarc.{domain}", "TXT", with_tag(standing, "rua", f"mailto:{example}"), replaces=standing),
        Instruction(
            Text(
                f"{example} is only an example: put an address of yours that can take the reports. One at another domain needs "
                f"the TXT record v=DMARC1 at {domain}._report._dmarc under that domain.",
                f"{example} は例です。レポートを受信できる自社のアドレスに置き換えてください。別のドメインのアドレスで受け取るには、"
                f"そのドメインの {domain}._report._dmarc にTXTレコード v=DMARC1 が必要です。",
            )
        ),
    )


def raise_policy(dmarc: DmarcResult) -> tuple[Change, ...]:
    """The next step from the policy that holds now, by the tag that says it: first the reports have to show that all mail passes."""
    record = dmarc.record
    if record is None or dmarc.policy in (None, "reject") or record.domain in CONSUMER_DOMAINS:
        return ()
    name, tag = f"_dmarc.{record.domain}", "p"
    if dmarc.author_domain != record.domain and record.subdomain_policy == dmarc.policy != record.policy:
        tag = "sp"
    if dmarc.policy == "quarantine":
        return (
            Instruction(
                Text(
                    f"Once the aggregate reports have shown no failures of your own mail for some weeks, change {tag}=quarantine at "
                    f"{name} to {tag}=reject.",
                    f"集約レポートで自社のメールの失敗が数週間ないことを確認できたら、{name} の {tag}=quarantine を {tag}=reject に変更してください。",
                )
            ),
        )
    return (
        Instruction(
            Text(
                f"Read the aggregate reports until all of your mail passes, then change {tag}=none at {name} to {tag}=quarantine, and "
                f"after some weeks without losses to {tag}=reject.",
                f"集約レポートですべての自社メールの成功を確認してから、{name} の {tag}=none を {tag}=quarantine に、"
                f"数週間問題がなければ {tag}=reject に変更してください。",
            )
        ),
    )


def move_record(setup: DomainSetup) -> tuple[Change, ...]:
    """The record that stands at the doubled name, at the name where receivers look."""
    record = _doubled(setup)
    if setup.doubled_dmarc is None or not record:
        return ()
    wrong = setup.doubled_dmarc.question.name
    return (
        DnsRecord(f"_dmarc.{setup.name}", "TXT", record),
        Instruction(
            Text(
                f"Delete the record at {wrong}. In the DNS panel enter only _dmarc as its name: the panel appends the domain.",
                f"{wrong} のレコードを削除してください。DNS管理画面ではレコード名に _dmarc だけを入力します(ドメイン名は自動で補われます)。",
            )
        ),
    )


def allow_reports(setup: DomainSetup) -> tuple[Change, ...]:
    """The record by which another domain takes the reports; only its owner can publish it."""
    record = setup.dmarc.record
    refused = [one for one in setup.permissions if one.given is False]
    if record is None or not refused or record.domain in CONSUMER_DOMAINS:
        return ()
    owners = ", ".join(one.destination for one in refused)
    return (
        *(DnsRecord(one.answer.question.name, "TXT", "v=DMARC1") for one in refused),
        Instruction(
            Text(
                f"This belongs into the DNS of {owners}: whoever runs it publishes it. Else name an address at {record.domain} "
                "in rua=.",
                f"このレコードは {owners} のDNSに、その管理者が登録します。できない場合は、rua=に {record.domain} のアドレスを指定してください。",
            )
        ),
    )


DMARC_MOVED = Fix(
    "dmarc-move", Text("Move the DMARC record to its right name", "DMARCレコードを正しい名前で登録し直す"), move_record
)
RUA_PERMISSION = Fix(
    "dmarc-rua-permission",
    Text("Let the other domain take the reports", "集約レポートの受け取りを宛先ドメイン側で許可する"),
    allow_reports,
)
DMARC_RUA = Fix("dmarc-rua", Text("Ask for aggregate reports", "集約レポートを受け取る"), add_reports)
DMARC_REJECT = Fix("dmarc-reject", Text("Move to p=reject step by step", "段階的にp=rejectへ移行する"), raise_policy)

FOUND = Reason(
    "dmarc-record-found",
    Text(
        'The DMARC record at {name} asks for p={policy}: "{record}".',
        "{name} のDMARCレコードのポリシーは {policy} です(「{record}」)。",
    ),
)
NO_POLICY_TAG = Reason(
    "dmarc-no-valid-p",
    Text(
        'The DMARC record at {name} has no valid p= ("{record}"). It counts as p=none only because it has a rua=; older receivers '
        "may ignore it.",
        "{name} のDMARCレコードに有効なp=がありません(「{record}」)。rua=があるためp=noneとみなされますが、古い実装では無視されることがあり、"
        "Gmailはp=のないレコードを理由に拒否することがあります(4.7.40、5.7.40)。",
    ),
    fixes=(DMARC_NONE,),
)
NO_REPORTS = Reason(
    "dmarc-no-rua",
    Text(
        "The DMARC record at {name} asks for no aggregate reports (rua=), so that nobody learns who sends as {from_domain}.",
        "{name} のDMARCレコードにrua=がありません。集約レポートが届かないため、{from_domain} を名乗る送信の実態を把握できません。",
    ),
    fixes=(DMARC_RUA,),
)
REPORTS_ELSEWHERE = Reason(
    "dmarc-rua-elsewhere",
    Text(
        "Reports go to {rua_domain}: they are sent only if {rua_domain} allows it by a TXT record at {permission}.",
        "レポートの宛先は {rua_domain} です。{permission} にTXTレコードによる許可がないと送られません。",
    ),
    case="F45",
)
REPORTS_REFUSED = Reason(
    "dmarc-rua-refused",
    Text(
        "Reports are to go to {rua_domain}, but {permission} has no TXT record that allows it: receivers send none there.",
        "レポートの宛先は {rua_domain} ですが、{permission} に許可を示すTXTレコードがないため、受信側はレポートを送りません。",
    ),
    fixes=(RUA_PERMISSION,),
    case="F45",
)
REPORTS_UNANSWERED = Reason(
    "dmarc-rua-unanswered",
    Text(
        "Reports are to go to {rua_domain}, and DNS gave no answer about {permission}: whether {rua_domain} takes them is not known. Try "
        "again later.",
        "レポートの宛先は {rua_domain} ですが、{permission} についてDNSから応答がなく、受け取りが許可されているか確認できませんでした。"
        "時間をおいて再実行してください。",
    ),
)
DOUBLED_NAME = Reason(
    "dmarc-doubled-name",
    Text(
        "{author_name} has no record, but one stands at {doubled}: the DNS panel appended the domain to a name that ended in it "
        "already.",
        "{author_name} にレコードがなく、{doubled} にあります。DNS管理画面がドメイン名を自動で補ったため、二重になっています。",
    ),
    fixes=(DMARC_MOVED,),
    case="F03",
)
SPF_IN_ITS_PLACE = Reason(
    "dmarc-spf-in-its-place",
    Text(
        'An SPF record ("{record}") was published at {name}, where only DMARC is looked for, and no DMARC record.',
        "{name} に登録されているのはSPFレコード(「{record}」)で、DMARCレコードがありません。",
    ),
    fixes=(DMARC_NONE,),
    case="F20",
)
NOT_REJECT = Reason(
    "dmarc-not-reject",
    Text(
        "The policy for {from_domain} is {policy}; reject is what protects its name.",
        "{from_domain} のポリシーは {policy} です。なりすましを防ぐにはrejectが推奨されます。",
    ),
    fixes=(DMARC_REJECT,),
    case="F46",
)
ELSEWHERE = Reason(
    "dmarc-record-elsewhere",
    Text("Any message or the domain's name shows this.", "メールまたはドメイン名から確認できます。"),
)


def decide(clause: Clause, dmarc: DmarcResult, from_apex_txt: Answer | Missing) -> Finding | None:
    """The record that applies by the tree walk, and whether the suffix list agrees.

    Gmail refuses mail for want of a policy even where RFC 9989 takes it for none: 421 4.7.40 and 550 5.7.40.
    """
    aspect = clause.aspect
    absent = no_record(dmarc, from_apex_txt)
    record = dmarc.record
    if absent is not None or record is None:
        return None if aspect else absent
    values, exhibits = record_values(dmarc), record_exhibits(dmarc)
    if dmarc.policy_undecided:
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    notes = _elsewhere(record)
    if aspect == "rua":  # the record is there and valid: what would make it better is a note
        notes = () if record.rua else (Note(NO_REPORTS, values),)
    elif aspect == "reject":
        notes = () if dmarc.policy == "reject" else (Note(NOT_REJECT, values),)
    if {"p-missing", "p-invalid"} & set(record.defects):
        refused = clause.variant == POLICY_TAG
        return Finding("fail" if refused else "warn", NO_POLICY_TAG, values, exhibits, notes)
    if dmarc.psl.status == "temperror":
        return Finding("unknown", DNS_FAILED, values, exhibits, notes, missing="could-not-look")
    if dmarc.policy != dmarc.psl.policy:  # whatever passes of the mail
        return Finding("warn", METHODS_DIFFER, {**values, **differing_values(dmarc)}, exhibits, notes)
    return Finding("pass", FOUND, values, exhibits, notes)


def decide_reported(aspect: str, reported: ReceiverResults | None) -> Finding | None:
    """Whether a record applied when the message arrived, by the receiver's word."""
    return None if reported is None or aspect else reported.say(record_word(reported))


def decide_setup(
    clause: Clause, dmarc: DmarcResult, from_apex_txt: Answer | Missing, setup: DomainSetup
) -> Finding | None:
    """The same from DNS alone, which also shows what stands at wrong names and who takes the reports."""
    said = decide(clause, dmarc, from_apex_txt)
    if said is None:
        return None
    if said.reason in (MISSING, WILDCARD_SPF):
        return _misplaced(said, setup)
    refused = [one for one in setup.permissions if one.given is False] if clause.aspect == "rua" else []
    if refused and said.result == "pass":
        values = {**said.values, "rua_domain": refused[0].destination, "permission": refused[0].answer.question.name}
        exhibits = tuple(dns_exhibit(one.answer) for one in refused)
        return Finding("fail", REPORTS_REFUSED, values, (*said.exhibits, *exhibits), said.notes)
    dark = next((one for one in setup.permissions if one.given is None), None) if clause.aspect == "rua" else None
    if dark is not None and said.result == "pass":
        values = {**said.values, "rua_domain": dark.destination, "permission": dark.answer.question.name}
        exhibits = (*said.exhibits, dns_exhibit(dark.answer))
        return Finding("unknown", REPORTS_UNANSWERED, values, exhibits, said.notes, missing="could-not-look")
    notes = tuple(note for note in said.notes if note.reason is not REPORTS_ELSEWHERE or _is_open(note, setup))
    return msgspec.structs.replace(said, notes=notes)


def _misplaced(said: Finding, setup: DomainSetup) -> Finding:
    """Where the record stands that is missing from its place, or whether the SPF record in its place is there on purpose."""
    if setup.doubled_dmarc is not None and _doubled(setup):
        values = {**said.values, "doubled": setup.doubled_dmarc.question.name}
        return Finding("fail", DOUBLED_NAME, values, (*said.exhibits, dns_exhibit(setup.doubled_dmarc)))
    dark = any(answer.failed for answer in setup.wildcards)
    if said.reason is WILDCARD_SPF and said.values["record"] not in _wild(setup) and not dark:
        return msgspec.structs.replace(said, reason=SPF_IN_ITS_PLACE)
    return said


def _doubled(setup: DomainSetup) -> str:
    """The DMARC record at the doubled name that no wildcard put there, or ""."""
    records = setup.doubled_dmarc.records if setup.doubled_dmarc else ()
    found = (one for one in records if read_record(one, setup.name) is not None)
    return next((one for one in found if one not in _wild(setup)), "")


def _wild(setup: DomainSetup) -> set[str]:
    """What a wildcard answers everywhere."""
    return {record for answer in setup.wildcards for record in answer.records}


def _is_open(note: Note, setup: DomainSetup) -> bool:
    """Whether it is not known if the domain takes the reports."""
    known = {one.destination for one in setup.permissions if one.given is not None}
    return note.values["rua_domain"] not in known


def _elsewhere(record: DmarcRecord) -> tuple[Note, ...]:
    """Report addresses outside the record's domain, which need the other domain's leave: RFC 9990 section 4."""
    notes = []
    for uri in record.rua:
        domain = uri.partition("?")[0].rpartition("@")[2].lower()
        if not (is_within(domain, record.domain) or is_within(record.domain, domain)):
            values: dict[str, Value] = {
                "rua_domain": domain,
                "permission": f"{record.domain}._report._dmarc.{domain}",
            }
            notes.append(Note(REPORTS_ELSEWHERE, values))
    return tuple(notes)


POLICY_TAG = "policy-tag"
"""The variant of a clause that counts a record without a valid ``p=`` as none."""

RULE = Text(
    "The From domain has a DMARC record with a policy, none at least.",
    "FromのドメインにDMARCレコードがあること(ポリシーはnone以上)。",
)
REPORTS = Text(
    "The DMARC record should ask for aggregate reports (rua).",
    "DMARCレコードで集約レポートの宛先(rua)を指定することを推奨。",
)

REQUIREMENT = Requirement(
    id="dmarc-record",
    title=Text("DMARC record", "DMARCレコード"),
    google_row="DMARC_POLICY",
    clauses=(
        clause(
            "gmail",
            "bulk",
            "must",
            RULE,
            codes=("4.7.31", "421 4.7.40", "550 5.7.40"),
            variant=POLICY_TAG,
            consequence=gmail.REJECTS_WITHOUT_DMARC,
        ),
        clause("gmail", "bulk", "should", REPORTS, aspect="rua"),
        clause("yahoo", "bulk", "must", RULE),
        clause("yahoo", "bulk", "should", REPORTS, aspect="rua"),
        clause("outlook", "bulk", "must", RULE, codes=("550 5.7.515",)),
        clause(
            "outlook",
            "bulk",
            "should",
            Text("The policy should be reject.", "ポリシーはrejectを推奨。"),
            aspect="reject",
            consequence=outlook.RECOMMENDS,
        ),
        clause("icloud", "bulk", "must", RULE),
        clause(
            "docomo", "all", "must", RULE, since=docomo.WARNING_SHOWN, since_seen=True, headline=docomo.WARNING_BEGINS
        ),
        clause("nifty", "all", "must", RULE),
    ),
    ses_default=SesDefault(
        met=False,
        text=Text(
            "SES publishes nothing for your domain: you must add the record yourself.",
            "SESは自社ドメインのDMARCレコードを作りません。自分で登録する必要があります。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dmarc.html",
    ),
    witnesses=(
        Witness("message", decide),
        Witness("setup", decide_setup),
        Witness("receiver", decide_reported),
        google_witness("DMARC_POLICY"),
        aws_witness("DMARC"),
    ),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dmarc"),
)
