"""Why no usable DMARC record applies, said by what stands at the names where receivers look."""

from __future__ import annotations

from todoku.auth.ask import Answer, readable
from todoku.auth.dmarc import DmarcResult, read_record
from todoku.auth.spf import is_spf
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, own_organization
from todoku.causes.dmarc.tag_edit import FIRST_RECORD, has_report_address, misspelt, repaired, value_of, with_mailto
from todoku.causes.exhibits import dns_exhibit
from todoku.causes.identity_cache import remembered_of_senders
from todoku.mail.address import Author
from todoku.words.change import Change, DnsRecord, Instruction
from todoku.words.verdict import Exhibit, Finding, Fix, Missing, Reason, Text, Value


def publish_dmarc(author: Author, dmarc: DmarcResult, from_apex_txt: Answer | Missing) -> tuple[Change, ...]:
    """A first record at the organizational domain, or the one that is no good, mended: all else in it is kept."""
    wrong = dmarc.record or dmarc.treewalk.unusable
    domain = own_organization(author, dmarc) if wrong is None else wrong.domain
    if not domain or domain in CONSUMER_DOMAINS:
        return ()
    name = f"_dmarc.{domain}"
    cname = (_delete_cname(name, dmarc.cname_at_dmarc),) if dmarc.cname_at_dmarc else ()
    standing = next((record for record in seen_at(dmarc, name) if "dmarc" in record.lower()), "")
    at_apex = "" if standing or cname else _at_apex(from_apex_txt, domain)
    meant = standing or at_apex
    record = repaired(with_mailto(meant)) if meant else FIRST_RECORD
    return (
        *cname,
        DnsRecord(name, "TXT", record, replaces=standing),
        *(_delete_at_apex(domain) if at_apex else ()),
        *_did_you_mean(meant),
        *_takes_effect(record),
        *(() if has_report_address(record) else (_add_reports(domain),)),
    )


def _at_apex(apex: Answer | Missing, domain: str) -> str:
    """The DMARC record that stands at the domain itself, where nobody looks for it."""
    if isinstance(apex, Missing) or apex.question.name != domain:
        return ""
    return next((one for one in apex.records if one.startswith("v=DMARC1")), "")


def _delete_at_apex(domain: str) -> tuple[Change, ...]:
    text = Text(
        f"Delete the DMARC record at {domain} itself.",
        f"{domain} 自体に登録されているDMARCレコードを削除してください。",
    )
    return (Instruction(text),)


def _did_you_mean(text: str) -> tuple[Change, ...]:
    return tuple(
        Instruction(
            Text(
                f"{tag}={readable(written)} is not a value that DMARC knows: did you mean {word}?",
                f"{tag}={readable(written)} はDMARCにない値です。{word} の誤りではありませんか。",
            )
        )
        for tag, written, word in misspelt(text)
    )


def _takes_effect(record: str) -> tuple[Change, ...]:
    """A policy that nobody followed until now will be followed."""
    policy = value_of(record, "p").lower()
    if policy == "none":
        return ()
    text = Text(
        f"With this record receivers follow p={policy}, which they have not done so far. Unless the reports show that all of your mail "
        "passes, begin with p=none.",
        f"このレコードにすると、これまで無視されていた p={policy} が適用されます。レポートで自社のメールがすべて成功していると確認できるまでは、"
        "p=none から始めてください。",
    )
    return (Instruction(text),)


def _add_reports(domain: str) -> Instruction:
    return Instruction(
        Text(
            f"To receive aggregate reports, add ; rua=mailto: and an address at {domain} that can take them.",
            f"集約レポートを受け取る場合は、受信できる {domain} のアドレスを ; rua=mailto: に続けて追加してください。",
        )
    )


def _delete_cname(name: str, chain: tuple[str, ...]) -> Instruction:
    return Instruction(
        Text(
            f"Delete the CNAME record at {name} (to {chain[0]}): no other record can stand beside it.",
            f"{name} のCNAMEレコード({chain[0]} 宛て)を削除してください。CNAMEと同じ名前に他のレコードは置けません。",
        )
    )


def keep_one(dmarc: DmarcResult) -> tuple[Change, ...]:
    """Which records to delete. Which one is meant only its owner knows."""
    for name, records in dmarc.records_at:
        several = [readable(record) for record in records if read_record(record, name) is not None]
        if len(several) > 1 and name.removeprefix("_dmarc.") not in CONSUMER_DOMAINS:
            listed = " | ".join(several)
            return (
                Instruction(
                    Text(
                        f"At {name} keep one of these TXT records and delete the others: {listed}",
                        f"{name} の次のTXTレコードのうち1件だけを残し、他を削除してください: {listed}",
                    )
                ),
            )
    return ()


def seen_at(dmarc: DmarcResult, name: str) -> tuple[str, ...]:
    """Every TXT record that was seen at a name."""
    return next((records for seen, records in dmarc.records_at if seen == name), ())


DMARC_NONE = Fix("dmarc-none", Text("Publish a DMARC record", "DMARCレコードを登録する"), publish_dmarc)
ONE_DMARC_RECORD = Fix("one-dmarc-record", Text("Keep one DMARC record", "DMARCレコードを1件にする"), keep_one)

MISSING = Reason(
    "dmarc-missing",
    Text(
        "{from_domain} has no DMARC record; looked for at {names}.",
        "{from_domain} に適用されるDMARCレコードがありません(参照した名前: {names})。",
    ),
    fixes=(DMARC_NONE,),
    case="F20",
)
SEVERAL = Reason(
    "dmarc-several-records",
    Text(
        "{name} has {count} DMARC records: receivers discard all of them.",
        "{name} にDMARCレコードが{count}件あります。受信側はすべて無視します。",
    ),
    fixes=(ONE_DMARC_RECORD,),
    case="F19",
)
CNAME = Reason(
    "dmarc-cname",
    Text(
        "{author_name} is a CNAME to {target}, where no DMARC record stands. A TXT record entered beside a CNAME is not seen.",
        "{author_name} は {target} へのCNAMEで、その先にDMARCレコードがありません。CNAMEと同じ名前に登録したTXTレコードは参照されません。",
    ),
    fixes=(DMARC_NONE,),
    case="F19",
)
WRONG_VERSION = Reason(
    "dmarc-wrong-version",
    Text(
        'The record at {name} does not begin with v=DMARC1, exactly so: "{record}". Receivers do not see it as DMARC.',
        "{name} のレコードは v=DMARC1 で始まっていません(「{record}」)。大文字小文字も含めて完全に一致しないと無視されます。",
    ),
    fixes=(DMARC_NONE,),
)
AT_APEX = Reason(
    "dmarc-at-apex",
    Text(
        "The DMARC record stands at {apex} itself. Receivers look only at {organization_name}.",
        "DMARCレコードが {apex} 自体に登録されています。受信側が参照するのは {organization_name} だけです。",
    ),
    fixes=(DMARC_NONE,),
)
WILDCARD_SPF = Reason(
    "dmarc-wildcard-spf",
    Text(
        'At {name} stands an SPF record ("{record}"), probably from a wildcard TXT record, and no DMARC record.',
        "{name} にはSPFレコード(「{record}」)だけがあり、DMARCレコードがありません。ワイルドカードのTXTレコードが応答していると思われます。",
    ),
    fixes=(DMARC_NONE,),
)
UNUSABLE = Reason(
    "dmarc-unusable",
    Text(
        'The DMARC record at {name} cannot be used ({defects}): "{record}". It needs p=none, p=quarantine or p=reject, and no '
        "tag twice.",
        "{name} のDMARCレコード(「{record}」)は使えません({defects})。p=none、p=quarantine、p=reject のいずれかが必要で、"
        "同じタグを重ねることはできません。",
    ),
    fixes=(DMARC_NONE,),
)
DNS_FAILED = Reason(
    "dmarc-dns-failed",
    Text(
        "DNS gave no answer about the DMARC record of {from_domain}. Try again later.",
        "{from_domain} のDMARCレコードについてDNSから応答がありませんでした。時間をおいて再実行してください。",
    ),
)


def no_record(dmarc: DmarcResult, apex: Answer | Missing) -> Finding | None:
    """Why no record applies, or None where one does."""
    status = dmarc.treewalk.status
    if status == "found":
        return None
    values, exhibits = record_values(dmarc), record_exhibits(dmarc)
    if status == "temperror":
        return Finding("unknown", DNS_FAILED, values, exhibits, missing="could-not-look")
    if status == "several":
        return Finding("fail", SEVERAL, {**values, **_several(dmarc)}, exhibits)
    unusable = dmarc.treewalk.unusable
    if status == "invalid" and unusable is not None:
        about: dict[str, Value] = {
            "name": f"_dmarc.{unusable.domain}",
            "record": readable(unusable.text),
            "defects": ", ".join(unusable.defects),
        }
        return Finding("fail", UNUSABLE, {**values, **about}, exhibits)
    return _nothing_there(dmarc, apex, values, exhibits)


def _nothing_there(
    dmarc: DmarcResult, apex: Answer | Missing, values: dict[str, Value], exhibits: tuple[Exhibit, ...]
) -> Finding:
    """No DMARC record: what stands in its place, or stands elsewhere."""
    if dmarc.cname_at_dmarc:
        return Finding("fail", CNAME, {**values, "target": dmarc.cname_at_dmarc[-1]}, exhibits)
    for name, records in dmarc.records_at:
        for record in records:
            about: dict[str, Value] = {**values, "name": name, "record": readable(record)}
            if "dmarc1" in record.lower():
                return Finding("fail", WRONG_VERSION, about, exhibits)
            if is_spf(record):
                return Finding("fail", WILDCARD_SPF, about, exhibits)
    at_apex = () if isinstance(apex, Missing) else tuple(one for one in apex.records if one.startswith("v=DMARC1"))
    if at_apex and not isinstance(apex, Missing):
        return Finding("fail", AT_APEX, {**values, "apex": apex.question.name}, (*exhibits, dns_exhibit(apex)))
    return Finding("fail", MISSING, values, exhibits)


def _several(dmarc: DmarcResult) -> dict[str, Value]:
    for name, records in dmarc.records_at:
        count = sum(read_record(record, name) is not None for record in records)
        if count > 1:
            return {"name": name, "count": count}
    return {"name": "", "count": 0}


@remembered_of_senders
def record_values(dmarc: DmarcResult) -> dict[str, Value]:
    """What the texts about a record name."""
    record = dmarc.record
    return {
        "from_domain": dmarc.author_domain,
        "author_name": f"_dmarc.{dmarc.author_domain}",
        "organization_name": f"_dmarc.{dmarc.psl.organizational_domain or dmarc.author_domain}",
        "names": ", ".join(dict.fromkeys(one.question.name for one in dmarc.answers if one.question.rdtype == "TXT")),
        "name": f"_dmarc.{record.domain if record else dmarc.author_domain}",
        "record": readable(record.text) if record else "",
        "policy": dmarc.policy or "",
    }


@remembered_of_senders
def record_exhibits(dmarc: DmarcResult) -> tuple[Exhibit, ...]:
    """Every answer at the ``_dmarc`` names that decide: the author domain's, the organization's, the record's."""
    record = dmarc.record
    names = {f"_dmarc.{dmarc.author_domain}", f"_dmarc.{dmarc.psl.organizational_domain}"}
    names |= {f"_dmarc.{record.domain}"} if record else set()
    return tuple(dns_exhibit(one) for one in dmarc.answers if one.question.name in names or one.failed)
