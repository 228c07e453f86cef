"""The records of a custom MAIL FROM domain that DNS shows to be wrong, as they should be."""

from __future__ import annotations

import re

import msgspec

from todoku.auth.ask import readable
from todoku.auth.mail_from import MailFrom, means_ses
from todoku.auth.setup import DomainSetup
from todoku.causes.mail_from.custom import SPF_OF_SES, feedback_mx
from todoku.causes.spf.term_edit import fullest_first, with_ses_passing
from todoku.mail.ses import SesStamp
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.verdict import Fix, Text

REGION = re.compile(r"[a-z]{2}(?:-[a-z]+){1,2}-[0-9]")


def spf_records(setup: DomainSetup) -> tuple[Change, ...]:
    """The SPF record of each MAIL FROM domain whose own does not let SES pass. Nothing but SES sends with that name."""
    return tuple(change for one in setup.mail_from for change in _spf_record(one))


def _spf_record(one: MailFrom) -> tuple[Change, ...]:
    if one.spf_problem == "no-spf":
        return (DnsRecord(one.name, "TXT", SPF_OF_SES),)
    if one.spf_problem in ("spf-without-ses", "spf-broken"):
        tree = one.spf
        records = fullest_first(tree.records)
        passing = with_ses_passing(records, tree.cause, tree.term, own=tree.term_domain in ("", one.name))
        record = DnsRecord(one.name, "TXT", passing, replaces=records[0])
        return (record, *delete_others(one.name, "TXT", tuple(records[1:])))
    return ()


def delete_others(name: str, rdtype: str, values: tuple[str, ...]) -> tuple[Change, ...]:
    """The instruction to delete further records of one name; nothing where there are none."""
    if not values:
        return ()
    text = Text(
        f"Delete these {rdtype} records at {name}:",
        f"{name} の次の{rdtype}レコードを削除してください。",
    )
    return (Instruction(text, tuple(map(readable, values))),)


def mx_records(setup: DomainSetup, ses: SesStamp) -> tuple[Change, ...]:
    """The one MX record of each MAIL FROM domain that SES would not accept as it stands."""
    here = ses.region if setup.said is not None else ""
    return tuple(change for one in setup.mail_from for change in _mx_record(one, ses, here))


def _mx_record(one: MailFrom, ses: SesStamp, here: str) -> tuple[Change, ...]:
    """``here`` is the region in which the identity is, where SES was asked for it."""
    elsewhere = bool(here and one.region) and one.region != here
    match one.problem:
        case "several-mx":
            others = tuple(record for record in one.mx.records if "feedback-smtp" not in record.lower())
            if len(others) == len(one.mx.records) - 1 and not elsewhere:
                return delete_others(one.name, "MX", others)
            return (*_at_region(one, ses), *delete_others(one.name, "MX", one.mx.records))
        case "mx-form" | "mx-host-missing" | "no-mx":
            return _at_region(one, ses)
        case "other-mx":
            return (
                Instruction(
                    Text(
                        f"{one.name} takes mail elsewhere: choose another subdomain for MAIL FROM, which has no MX record yet "
                        "(PutEmailIdentityMailFromAttributes), and publish the MX and SPF records of SES there.",
                        f"{one.name} は別のサーバーでメールを受信しています。MXレコードのない別のサブドメインをMAIL FROMに指定し"
                        "(PutEmailIdentityMailFromAttributes)、そこにSESのMXレコードとSPFレコードを登録してください。",
                    )
                ),
            )
    return _at_region(one, ses) if elsewhere else ()


def _at_region(one: MailFrom, ses: SesStamp) -> tuple[Change, ...]:
    """The MX record with the region that is known: by another MAIL FROM domain, or by what was meant here."""
    meant = REGION.search(one.mx.records[0]) if one.problem == "mx-form" and one.mx.records else None
    known = msgspec.structs.replace(ses, region=ses.region or (meant[0] if meant else ""))
    if one.problem == "mx-host-missing" and known.region == one.region:
        known = msgspec.structs.replace(known, region="")
    changes = feedback_mx(one.name, known.region)
    standing = one.mx.records[0] if len(one.mx.records) == 1 and means_ses(one.mx) else ""
    return tuple(
        msgspec.structs.replace(change, replaces=standing) if isinstance(change, DnsRecord) else change
        for change in changes
    )


MAIL_FROM_MX = Fix(
    "mail-from-mx",
    Text(
        "Give the MAIL FROM domain exactly one MX record, to SES",
        "MAIL FROMドメインのMXレコードをSES宛ての1件だけにする",
    ),
    mx_records,
)
