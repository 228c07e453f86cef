"""SPF or DKIM passes: the least that every sender has to meet."""

from __future__ import annotations

from datetime import date

from todoku.account.identity import SesIdentity
from todoku.auth.dkim.verify import DkimResult
from todoku.auth.domain import MailDomain
from todoku.auth.setup import DomainSetup
from todoku.auth.spf import SpfResult
from todoku.causes import missing_reasons
from todoku.causes.circumstances import Circumstances, is_amazon, passing_domains
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dkim.selector_records import judge_selector
from todoku.causes.dkim.ses_signing import signing_finding
from todoku.causes.dkim.signatures import as_notes, signatures
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.mail_from.ses_sender import sender_finding
from todoku.causes.mail_from.setup import mail_from_findings
from todoku.causes.ses_identity import not_read
from todoku.causes.spf import record
from todoku.causes.witnesses.receiver_results import ReceiverResults
from todoku.receivers import clause
from todoku.words.pages import SES_GUIDE, ses_guide
from todoku.words.verdict import Clause, Finding, Missing, Note, Reason, Requirement, SesDefault, Text, Witness, worst

AUTHENTICATED = Reason(
    "authenticated",
    Text("The message is authenticated: {passed}.", "メールは認証されています({passed})。"),
)
AUTHENTICATED_AS_SES = Reason(
    "authenticated-as-ses",
    Text(
        "The message is authenticated, but only in the name of SES: {passed}.",
        "メールは認証されていますが、SESのドメインとしての認証だけです({passed})。",
    ),
)
UNAUTHENTICATED = Reason(
    "unauthenticated",
    Text(
        "Neither SPF nor DKIM passes: to the receiver nobody answers for this message.",
        "SPFもDKIMも成功していません。受信側からは送信者を確認できないメールに見えます。",
    ),
    fixes=(EASY_DKIM, CUSTOM_MAIL_FROM),
)
ALTERED_AFTER_SES = Reason(
    "altered-after-ses",
    Text(
        "SES sent this message and signed it as amazonses.com, and that signature does not verify here: the message was altered "
        "after SES sent it, and was delivered from an address that {domain} does not allow. Only whoever forwarded it can stop that.",
        "SESが amazonses.com として署名したメールですが、その署名が検証に失敗しています。SESの送信後に内容が変更され、{domain} が許可していないアドレスから"
        "配送されました。対処できるのは転送元だけです。",
    ),
)
WILL_BE_AUTHENTICATED = Reason(
    "will-be-authenticated",
    Text(
        "Mail from SES will be authenticated in the name of your domain: {passed}.",
        "SESから送るメールは自社ドメインとして認証されます({passed})。",
    ),
)
WILL_PASS_AS_SES = Reason(
    "will-be-authenticated-as-ses",
    Text(
        "Mail from SES is authenticated, but only in the name of SES: its own signature, of amazonses.com, is on every message.",
        "SESから送るメールは認証されますが、SESのドメインとしての認証だけです。すべてのメールに amazonses.com の署名が付きます。",
    ),
)
ELSEWHERE = Reason(
    "spf-or-dkim-elsewhere",
    Text("A sent message shows this.", "送信済みのメールで確認できます。"),
)


def decide(
    _clause: Clause,
    spf: SpfResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    mail_from_domain: MailDomain | Missing,
    around: Circumstances,
) -> Finding:
    """One pass is enough, whatever else could not be looked at; no pass is a fail only when both were looked at."""
    spf_said = record.explain(spf, mail_from_domain, around.route)
    dkim_said = signatures(dkim, around)
    said = (spf_said, dkim_said)
    exhibits = (*spf_said.exhibits, *dkim_said.exhibits)
    spf_domains = (str(spf_said.values["domain"]),) if spf_said.result == "pass" else ()
    dkim_domains = () if isinstance(dkim, Missing) else passing_domains(dkim)
    if spf_domains or dkim_domains:
        names = {"SPF": spf_domains, "DKIM": dkim_domains}
        passed = "; ".join(f"{method}: {', '.join(domains)}" for method, domains in names.items() if domains)
        dark = any(one.missing == "could-not-look" for one in said) or _may_be_signed(dkim)
        as_ses = all(map(is_amazon, (*spf_domains, *dkim_domains))) and not dark
        reason = AUTHENTICATED_AS_SES if as_ses else AUTHENTICATED
        notes = tuple(note for one in said if one.result == "fail" for note in as_notes(one))
        return Finding("pass", reason, {"passed": passed}, exhibits, notes)
    unknown = [one for one in said if one.result == "unknown"]
    if unknown:
        return worst(unknown)
    altered = (Note(ALTERED_AFTER_SES, {"domain": spf_said.values["domain"]}),) if around.ses.sent_by_ses else ()
    notes = (*altered, *(note for one in said for note in as_notes(one)))
    return Finding("fail", UNAUTHENTICATED, {}, exhibits, notes)


def decide_reported(clause: Clause, reported: ReceiverResults | None) -> Finding | None:
    """The same, by the receiver's results where we have none."""
    if reported is None:
        return None
    return reported.say(decide(clause, reported.spf, reported.dkim, missing_reasons.UNSHOWN, reported.around))


def _may_be_signed(dkim: tuple[DkimResult, ...] | Missing) -> bool:
    """Whether one more signature may verify, of which DNS did not tell."""
    return not isinstance(dkim, Missing) and any(one.result == "temperror" for one in dkim)


def decide_setup(
    _clause: Clause, setup: DomainSetup, identity: SesIdentity | Missing, wider: SesIdentity | Missing | None
) -> Finding:
    """One that is ready is enough. Where none is, SES still passes as itself, which only a message or the account shows."""
    if (shut := not_read(identity)) is not None:
        return shut
    told = setup.said
    senders = [one.name for one in setup.mail_from if not one.problem and (told is None or told.uses_mail_from)]
    signers = [key.domain for key in setup.selectors if key.kind and not key.problem and (told is None or told.signs)]
    names = {"SPF": senders, "DKIM": signers}
    passed = "; ".join(f"{method}: {', '.join(dict.fromkeys(domains))}" for method, domains in names.items() if domains)
    said = (sender_finding(setup, identity, wider), signing_finding(setup, identity, wider))
    if passed:
        exhibits = tuple(exhibit for one in said if one.result == "pass" for exhibit in one.exhibits)
        return Finding("pass", WILL_BE_AUTHENTICATED, {"passed": passed}, exhibits)
    dark = _unanswered(setup)
    if isinstance(identity, SesIdentity) and dark is None:
        return Finding("pass", WILL_PASS_AS_SES, {}, tuple(exhibit for one in said for exhibit in one.exhibits))
    return dark or Finding("unknown", ELSEWHERE, missing="not-asked")


def _unanswered(setup: DomainSetup) -> Finding | None:
    """What may be ready, had DNS answered: a MAIL FROM domain or a key of those that SES uses."""
    sends, signs = (True, True) if setup.said is None else (setup.said.uses_mail_from, setup.said.signs)
    judged = mail_from_findings(setup) if sends else []
    judged += [judge_selector(key, setup) for key in setup.selectors] if signs else []
    return next((one for one in judged if one.missing == "could-not-look"), None)


RULE = Text(
    "SPF or DKIM passes, for any domain.",
    "SPFまたはDKIMのどちらかが(ドメインを問わず)成功すること。",
)
GMAIL_RULE = Text(
    "SPF or DKIM passes: by the guidelines for your domain, as enforced for any domain.",
    "SPFまたはDKIMのどちらかが成功すること(ガイドラインの文言は自社ドメイン、実際の判定はドメインを問わない)。",
)

REQUIREMENT = Requirement(
    id="spf-or-dkim",
    title=Text("SPF or DKIM passes", "SPFまたはDKIMで認証成功"),
    clauses=(
        clause("gmail", "all", "must", GMAIL_RULE, codes=("421 4.7.26", "550 5.7.26")),
        clause("yahoo", "all", "must", RULE, seen_codes=("550 5.7.9",)),
        clause(
            "yahoo-japan",
            "all",
            "should",
            Text(
                "At least one of SPF, DKIM and DMARC is set up and passes.",
                "SPF・DKIM・DMARCのいずれかに対応し、認証に成功すること。",
            ),
            since=date(2024, 12, 11),
            headline=Text(
                "Yahoo! JAPAN says what may become of mail that passes none of SPF, DKIM and DMARC",
                "Yahoo!メールが、SPF・DKIM・DMARCのいずれにも成功しないメールの扱いを公表しました",
            ),
        ),
    ),
    ses_default=SesDefault(
        met=True,
        text=Text(
            "SES passes both, as amazonses.com.",
            "SESは既定でSPF・DKIMとも成功します(amazonses.comとして)。",
        ),
        source=f"{SES_GUIDE}send-email-authentication-dkim.html",
    ),
    witnesses=(Witness("message", decide), Witness("setup", decide_setup), Witness("receiver", decide_reported)),
    elsewhere=ELSEWHERE,
    setup_page=ses_guide("send-email-authentication-dkim"),
)
