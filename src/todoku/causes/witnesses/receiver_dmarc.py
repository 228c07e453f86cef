"""Why a receiver's DMARC result is not the one that follows from its own words on SPF and DKIM, and what it did then."""

from __future__ import annotations

import msgspec

from todoku.auth.dmarc import ReceiverDmarc
from todoku.auth.dmarc.receiver import Compauth, Difference, Handling
from todoku.causes.witnesses.receiver import heard, is_theirs, result_exhibit
from todoku.mail.route import Route
from todoku.receivers import NAMES
from todoku.words.verdict import Clause, Finding, Missing, Note, Reason, Text, Value, Witness

NO_RESULT = Reason(
    "receiver-wrote-no-dmarc",
    Text(
        "{receiver} wrote of SPF and DKIM but gave no DMARC result, as Gmail does when it finds no DMARC record. By alignment "
        "alone it would be {follows}.",
        "{receiver}はSPFとDKIMの結果だけを記録し、DMARCの結果を記録していません(GmailではDMARCレコードがない場合の動作です)。"
        "アライメントだけで判定すると {follows} です。",
    ),
)
NO_RECORD = Reason(
    "receiver-found-no-record",
    Text(
        "{receiver} wrote dmarc=none: it found no DMARC record for {from_domain} that day. By alignment alone it would be {follows}.",
        "{receiver}の記録は dmarc=none で、受信時に {from_domain} のDMARCレコードが見つかっていません。"
        "アライメントだけで判定すると {follows} です。",
    ),
)
BEST_GUESS = Reason(
    "receiver-best-guess",
    Text(
        "{receiver} wrote dmarc=bestguesspass: it found no DMARC record for {from_domain}, and guesses that the message would have "
        "passed. By alignment it is {follows}. A guess protects nobody: publish a record.",
        "{receiver}の記録は dmarc=bestguesspass です。{from_domain} にDMARCレコードはないものの、あれば成功したはずだという推定です"
        "(アライメントによる判定は {follows})。推定では保護されないため、DMARCレコードを公開してください。",
    ),
)
TEMPERROR = Reason(
    "receiver-dmarc-temperror",
    Text(
        "{receiver} could not look up the DMARC record of {from_domain} (temperror). By alignment the result would be {follows}.",
        "{receiver}は {from_domain} のDMARCレコードを一時的に参照できませんでした(temperror)。"
        "アライメントで判定すると {follows} です。",
    ),
)
PERMERROR = Reason(
    "receiver-dmarc-permerror",
    Text(
        "{receiver} could not use the DMARC record of {from_domain} (permerror): it was faulty, or there were several. By alignment "
        "the result would be {follows}.",
        "{receiver}は {from_domain} のDMARCレコードを使えませんでした(permerror)。記述の誤りか、レコードの重複があった可能性があります。"
        "アライメントで判定すると {follows} です。",
    ),
)
UNDETERMINED = Reason(
    "receiver-dmarc-undetermined",
    Text(
        "{receiver} wrote dmarc={written}, which is no verdict; Yahoo does so where it found no record or did not look. By alignment "
        "alone it would be {follows}.",
        "{receiver}の記録 dmarc={written} は判定を示していません(Yahooではレコードがない場合や評価しなかった場合の値です)。"
        "アライメントだけで判定すると {follows} です。",
    ),
)
NOT_COMPARABLE = Reason(
    "receiver-not-comparable",
    Text(
        "{receiver} wrote dmarc={written}. What it wrote of SPF and DKIM is too little to work that out again: a method or a domain is "
        "missing.",
        "{receiver}の記録は dmarc={written} ですが、SPFまたはDKIMの結果やドメインの記載が足りず、再計算して照合できません。",
    ),
)
BY_ARC = Reason(
    "receiver-trusted-arc",
    Text(
        "{receiver} wrote dmarc={written} although by alignment it is {follows}: the message was handed on, and {receiver} believed "
        "the ARC seal of who did so.",
        "アライメントでは {follows} ですが、{receiver}の記録は dmarc={written} です。転送元のARC署名を信頼して判定を上書きしています。",
    ),
)
LOCAL_POLICY = Reason(
    "receiver-local-policy",
    Text(
        "{receiver} wrote dmarc={written} although by alignment it is {follows}, and gives its own policy as the reason: {override}.",
        "アライメントでは {follows} ですが、{receiver}の記録は dmarc={written} です。受信側独自のポリシーによる判定です({override})。",
    ),
)
STRICT = Reason(
    "receiver-strict-alignment",
    Text(
        "{receiver} wrote dmarc={written}, and by alignment it is {follows}: {related} shares only the organization with "
        "{from_domain}, so that the result turns on aspf and adkim of the record as it was that day.",
        "{receiver}の記録は dmarc={written}、アライメントによる判定は {follows} です。{related} と {from_domain} は組織ドメインだけが一致するため、"
        "受信時のレコードの aspf と adkim の値で結果が変わります。",
    ),
)
BEST_GUESS_SPF = Reason(
    "receiver-best-guess-spf",
    Text(
        "{receiver} wrote dmarc=fail although SPF passes for an aligned domain: that pass is its own guess, for want of an SPF record, "
        "and does not count for DMARC.",
        "SPFはアライメントの取れたドメインで成功していますが、{receiver}の記録は dmarc=fail です。"
        "SPFレコードがないために{receiver}が推定した結果であり、DMARCでは考慮されません。",
    ),
)
BOUNDARY = Reason(
    "receiver-other-boundary",
    Text(
        "{receiver} wrote dmarc=pass although by alignment it is {follows}: it draws the line between organizations elsewhere, above "
        "{from_domain}, where the public suffix list has a suffix.",
        "アライメントでは {follows} ですが、{receiver}の記録は dmarc=pass です。{from_domain} の上位のパブリックサフィックスを、"
        "{receiver}は組織の境界とみなしていません。",
    ),
)
UNEXPLAINED = Reason(
    "receiver-unexplained",
    Text(
        "{receiver} wrote dmarc={written}, but by the domains that it names alignment gives {follows}. Nothing that it wrote tells why.",
        "{receiver}の記録は dmarc={written} ですが、記録されたドメインのアライメントでは {follows} になります。理由は記録されていません。",
    ),
)
APPLIED = Reason(
    "receiver-applied-policy",
    Text(
        "{receiver} did what the DMARC policy asks for: {handled}.",
        "{receiver}はDMARCポリシーに従って処理しました({handled})。",
    ),
)
EASED = Reason(
    "receiver-eased-policy",
    Text(
        "DMARC failed, and {receiver} was milder than the policy asks ({handled}). Others will not be.",
        "DMARCは失敗しましたが、{receiver}はポリシーより緩く処理しました({handled})。他の受信側では拒否や隔離の対象になります。",
    ),
)
SAMPLED = Reason(
    "receiver-sampled",
    Text(
        "DMARC failed, and {receiver} applied pct= of the record, which asks to spare a share of the messages ({handled}). "
        "RFC 9989 no longer has pct=.",
        "DMARCは失敗し、{receiver}はレコードの pct= による割合を適用しました({handled})。pct= はRFC 9989で廃止されています。",
    ),
)
COMPAUTH_FAILED = Reason(
    "compauth-failed",
    Text(
        "{receiver}'s composite authentication failed (reason {code}): the From domain asks by DMARC for quarantine or reject.",
        "{receiver}の複合認証は失敗しました(理由コード {code})。Fromのドメインは、DMARCで隔離または拒否を求めています。",
    ),
)
COMPAUTH_IMPLICIT = Reason(
    "compauth-implicit-fail",
    Text(
        "{receiver}'s composite authentication failed (reason {code}): the From domain is not authenticated and its records "
        "ask for nothing strict, yet the message is treated as a possible forgery.",
        "{receiver}の複合認証は失敗しました(理由コード {code})。Fromのドメインが認証されていないため、"
        "レコードが拒否や隔離を求めていなくても、なりすましの疑いがあるものとして扱われます。",
    ),
)
COMPAUTH_BLOCKED = Reason(
    "compauth-blocked",
    Text(
        "{receiver}'s composite authentication failed (reason {code}): the recipient's organization forbids that this sender uses this "
        "From domain.",
        "{receiver}の複合認証は失敗しました(理由コード {code})。この送信者によるFromドメインの使用を、受信側の組織が明示的に禁止しています。",
    ),
)
COMPAUTH_SPOOF = Reason(
    "compauth-own-domain",
    Text(
        "{receiver}'s composite authentication failed (reason {code}): the From domain is one of the recipient's own organization, and the "
        "message came from outside.",
        "{receiver}の複合認証は失敗しました(理由コード {code})。Fromのドメインが受信者自身の組織のものなのに、外部から届いたためです。",
    ),
)
COMPAUTH_ARC = Reason(
    "compauth-arc",
    Text(
        "{receiver} let a trusted ARC seal override the DMARC result (compauth reason {code}): the message was handed on.",
        "{receiver}は信頼するARC署名によってDMARCの結果を上書きしました(compauthの理由コード {code})。転送されたメールです。",
    ),
)
COMPAUTH_PASSED = Reason(
    "compauth-passed",
    Text(
        "{receiver} wrote dmarc={written}, yet its composite authentication passed (reason {code}) by other signs.",
        "{receiver}の記録は dmarc={written} ですが、他の情報により複合認証は成功しています(理由コード {code})。",
    ),
)
COMPAUTH_SOFT = Reason(
    "compauth-soft-pass",
    Text(
        "{receiver} wrote dmarc={written} and a composite authentication of softpass (reason {code}): it trusts the sender only a little.",
        "{receiver}の記録は dmarc={written}、複合認証は softpass(理由コード {code})です。送信者への信頼度は低いと判断されています。",
    ),
)
COMPAUTH_UNCHECKED = Reason(
    "compauth-unchecked",
    Text(
        "{receiver} wrote dmarc={written} and did not judge by composite authentication (reason {code}): the message bypassed it.",
        "{receiver}の記録は dmarc={written} です。複合認証による判定は行われていません(理由コード {code})。",
    ),
)

DIFFERENCES: dict[Difference, Reason] = {
    "no-result": NO_RESULT,
    "no-record": NO_RECORD,
    "best-guess": BEST_GUESS,
    "temperror": TEMPERROR,
    "permerror": PERMERROR,
    "undetermined": UNDETERMINED,
    "not-comparable": NOT_COMPARABLE,
    "arc": BY_ARC,
    "local-policy": LOCAL_POLICY,
    "strict": STRICT,
    "best-guess-spf": BEST_GUESS_SPF,
    "boundary": BOUNDARY,
    "unexplained": UNEXPLAINED,
}
HANDLINGS: dict[Handling, Reason] = {"applied": APPLIED, "eased": EASED, "sampled": SAMPLED}
COMPAUTHS: dict[Compauth, Reason] = {
    "failed": COMPAUTH_FAILED,
    "implicit": COMPAUTH_IMPLICIT,
    "blocked": COMPAUTH_BLOCKED,
    "spoof": COMPAUTH_SPOOF,
    "arc": COMPAUTH_ARC,
    "passed": COMPAUTH_PASSED,
    "soft-pass": COMPAUTH_SOFT,
    "unchecked": COMPAUTH_UNCHECKED,
}
GOOD_NEWS = ("passed", "soft-pass", "unchecked")
"""Composite authentication that says nothing new where DMARC passed."""


def decide(clause: Clause, route: Route | Missing, receiver_dmarc: ReceiverDmarc | None) -> Finding | None:
    """The receiver's word on DMARC for its own rule, not its advice, with what parts it from its words on SPF and DKIM."""
    if receiver_dmarc is None or clause.aspect or not is_theirs(clause, route):
        return None
    said = heard("dmarc", clause, route)
    noted = notes(receiver_dmarc, NAMES[clause.receiver])
    if said is None:  # a word that leaves it open has its own reason
        return Finding("unknown", noted[0].reason, noted[0].values, noted[0].exhibits, noted, missing="not-asked")
    return msgspec.structs.replace(said, notes=noted)


RECEIVER_DMARC = Witness("receiver", decide)


def notes(said: ReceiverDmarc, receiver: str) -> tuple[Note, ...]:
    """What parts a receiver's result from ours, what it did, and by which further judgement: each one note."""
    reasons: list[Reason] = []
    if said.difference:
        reasons.append(DIFFERENCES[said.difference])
    if said.handling is not None:
        reasons.append(HANDLINGS[said.handling])
    if said.compauth is not None and not (said.compauth in GOOD_NEWS and said.written == "pass"):
        reasons.append(COMPAUTHS[said.compauth])
    values: dict[str, Value] = {
        "receiver": receiver,
        "from_domain": said.author_domain,
        "written": said.written or "none",
        "follows": said.follows,
        "related": ", ".join(said.related),
        "handled": ", ".join(filter(None, (said.disposition, said.override))),
        "override": said.override,
        "code": said.compauth_reason,
    }
    exhibits = () if said.result is None else (result_exhibit(said.result, said.offset),)
    return tuple(Note(reason, values, exhibits) for reason in reasons)
