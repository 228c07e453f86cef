"""The DNS that was asked does not see the public one, or answers nothing at all: what it says holds against nobody.

A resolver of a closed network, or a zone file without SES in it, says NXDOMAIN to every public name. It is known by
``amazonses.com``, which certainly exists: where that name is unknown to it, no absence of another name means anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from todoku.auth.ask import NOT_IN_FILE, Answer, Ask, ask
from todoku.causes.circumstances import AMAZON, is_amazon
from todoku.words.verdict import Missing, Reason, Text, Values

DNS_CLOSED = Reason(
    "dns-closed",
    Text(
        "The DNS that was asked does not know amazonses.com: it does not see the public DNS, so that nothing it says counts. Ask "
        "another one, with --dns 1.1.1.1 or the address of your provider's.",
        "問い合わせたDNSは amazonses.com を知らず、インターネット上のDNSを参照できていないため、その応答からは判定できません。"
        "--dns 1.1.1.1 や契約先プロバイダーのDNSサーバーを指定して、再実行してください。",
    ),
)
ZONE_FILE_LACKS = Reason(
    "zone-file-lacks-names",
    Text(
        "The zone file {file} does not hold amazonses.com, so that a name which it lacks may well exist. It lacks, of the names that were asked "
        "for: {names}. Put their records in, or leave out --dns zone: to ask the real DNS.",
        "ゾーンファイル {file} に amazonses.com がないため、このファイルにない名前も実際には存在する可能性があります。"
        "参照した名前のうち、次のものがありません: {names}。レコードを追記するか、--dns zone: を外して実際のDNSで確認してください。",
    ),
)
MAX_NAMED = 12  # names that a zone file lacks, as many as are told
DNS_SILENT = Reason(
    "dns-silent",
    Text(
        "DNS answered none of {questions} questions ({status}), so that nothing could be looked up. Check the network, or ask "
        "another server with --dns 1.1.1.1.",
        "DNSへの{questions}件の問い合わせに1件も応答がなく({status})、何も確認できませんでした。ネットワークを確認するか、"
        "--dns 1.1.1.1 で別のDNSサーバーを指定して再実行してください。",
    ),
)
DNS_UNPROVEN = Reason(
    "dns-unproven",
    Text(
        "DNS says that names do not exist, and gave no answer about amazonses.com, which certainly does: whether it sees the public DNS is "
        "not known, so that nothing it says counts. Try again later, or ask another one, with --dns 1.1.1.1.",
        "DNSは名前が存在しないと応答していますが、必ず存在する amazonses.com については応答がありませんでした。インターネット上のDNSを"
        "参照できているか確認できないため、その応答からは判定できません。時間をおいて再実行するか、--dns 1.1.1.1 で別のDNSサーバーを"
        "指定してください。",
    ),
)
NAMES_ALONE = Reason(
    "names-alone",
    Text(
        "DNS gave no answer about some of this, so that it is not known what passes; but none of these names belongs to "
        "{from_domain}, and nothing can be aligned whatever DNS says.",
        "DNSから応答がなく認証の成否は確認できていませんが、いずれの名前も {from_domain} のものではないため、DNSの内容にかかわらず"
        "ヘッダーFromとのアライメントは取れません。",
    ),
)

UNANSWERED = frozenset({"timeout", "servfail"})


def darkness(answers: Sequence[Answer]) -> Ask[Missing | None]:
    """Why the DNS that gave these answers cannot be believed; None where nothing speaks against it.

    It costs one question more, and only where a name of SES's own was said not to exist, or every name.
    """
    if answers and all(one.status in UNANSWERED for one in answers):
        values: Values = {"questions": len(answers), "status": ", ".join(sorted({one.status for one in answers}))}
        return Missing("could-not-look", DNS_SILENT, values)
    only_absent = not any(one.records for one in answers)  # so far nothing shows that it knows any name at all
    if any(one.status == "nxdomain" and (only_absent or is_amazon(one.question.name)) for one in answers):
        known = yield from ask(AMAZON, "TXT")
        if known.status == "nxdomain" and known.detail.startswith(NOT_IN_FILE):
            return Missing("could-not-look", ZONE_FILE_LACKS, _lacking((*answers, known)))
        if known.status == "nxdomain":
            return Missing("could-not-look", DNS_CLOSED)
        if known.failed and known.status != "not-recorded":  # a record from before this was asked stays as it was
            return Missing("could-not-look", DNS_UNPROVEN)
    return None


def _lacking(answers: Sequence[Answer]) -> Values:
    """The zone file, and the names that were asked for and are not in it."""
    names = tuple(dict.fromkeys(one.question.name for one in answers if one.status == "nxdomain"))
    more = f" (+{len(names) - MAX_NAMED})" if len(names) > MAX_NAMED else ""
    file = answers[-1].detail.removeprefix(NOT_IN_FILE).strip()
    return {"file": file, "names": ", ".join(names[:MAX_NAMED]) + more}
