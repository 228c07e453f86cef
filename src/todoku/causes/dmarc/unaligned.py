"""Nothing that authenticates bears the From domain: the causes of DMARC's failing through SES, told apart.

Alignment is judged even where no DMARC record stands: receivers ask for both, and each is mended by itself.
"""

from __future__ import annotations

import msgspec

from todoku.auth.dkim.verify import DkimResult
from todoku.auth.dmarc import DmarcResult
from todoku.auth.domain import MailDomain
from todoku.auth.spf import SpfResult
from todoku.auth.spf.tree import SpfTree
from todoku.causes.circumstances import AMAZON, Circumstances, is_amazon, is_within, passing_domains, unseen
from todoku.causes.dkim import damage, signatures
from todoku.causes.dkim.easy_dkim import EASY_DKIM
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS, CONSUMER_FROM
from todoku.causes.dmarc.methods_differ import METHODS_DIFFER, differing_values, methods_differ
from todoku.causes.dmarc.record import DNS_FAILED, record_exhibits, record_values
from todoku.causes.dmarc.strict_alignment import STRICT_DKIM, STRICT_SPF
from todoku.causes.exhibits import header_exhibit
from todoku.causes.forwarded import detour
from todoku.causes.identity_cache import remembered
from todoku.causes.mail_from.custom import CUSTOM_MAIL_FROM
from todoku.causes.spf import record
from todoku.causes.spf.open_record import aligned_trees, with_openness
from todoku.causes.unreliable_dns import NAMES_ALONE
from todoku.mail.message import Message
from todoku.words.verdict import Exhibit, Finding, Missing, Note, Reason, Text, Value, worst

NONE = "none"

ALIGNED = Reason(
    "aligned",
    Text(
        "From ({from_domain}) is aligned with {aligned}.",
        "ヘッダーFrom({from_domain})は{aligned}とアライメントが取れています。",
    ),
)
SES_DEFAULT = Reason(
    "ses-default",
    Text(
        "SPF and DKIM authenticate only SES ({spf_domain}, {dkim_domains}), not {from_domain} or another name of its "
        "organization: SES does this when only an e-mail address is verified, or Easy DKIM and MAIL FROM are not set up. Gmail "
        "shows such mail as sent via amazonses.com.",
        "SPFとDKIMで認証されているのはSESのドメイン({spf_domain}、{dkim_domains})だけで、Fromの {from_domain} は認証されていません。"
        "メールアドレスだけを検証した場合や、Easy DKIMとMAIL FROMを設定していない場合のSESの既定動作です。Gmailでは「amazonses.com 経由」と表示されます。",
    ),
    fixes=(EASY_DKIM, CUSTOM_MAIL_FROM),
    case="F01 F02",
)
OTHER_DOMAIN = Reason(
    "from-other-domain",
    Text(
        "Authenticated by SPF: {spf_domain}; by DKIM: {dkim_domains}. Neither belongs to {from_domain}, the domain in From. The "
        "address in From and the SES identity that signs are of different organizations.",
        "SPFで認証されたドメイン: {spf_domain}、DKIMで認証されたドメイン: {dkim_domains}。どちらもヘッダーFromの {from_domain} とアライメントが取れていません。"
        "Fromのアドレスと、署名に使われたSESの検証済みIDのドメインが食い違っています。",
    ),
    fixes=(EASY_DKIM, CUSTOM_MAIL_FROM),
    case="F23",
)
FORWARDING_BROKE_IT = Reason(
    "forwarding-broke-alignment",
    Text(
        "The message was signed by {from_domain}'s organization, but it was handed on before it arrived ({sign}): its MAIL FROM "
        "is now {spf_domain}, and the signature no longer verifies. Only the forwarder can keep the signature intact.",
        "{from_domain} の署名は付いていますが、到着前に転送またはメーリングリストを経由したため({sign})、MAIL FROMは {spf_domain} に変わり、"
        "署名も検証できなくなっています。署名を壊さない設定ができるのは転送元だけです。",
    ),
    case="F42",
)
NO_AUTHENTICATION = Reason(
    "nothing-authenticated",
    Text(
        "Neither SPF nor DKIM passes for any domain, so that nothing can be aligned with {from_domain}.",
        "SPFもDKIMも成功しておらず、{from_domain} とアライメントが取れるドメインがありません。",
    ),
    fixes=(EASY_DKIM, CUSTOM_MAIL_FROM),
)


class Identities(msgspec.Struct, frozen=True):
    """The From domain beside those that SPF and DKIM authenticate.

    ``signatures`` are those that name their domain, in DMARC's order; ``authenticated`` the d= of those that pass, each once;
    ``spf_aligned`` and ``aligned_signatures`` what passes and is aligned; ``spf_trees`` the SPF records of aligned names.
    """

    dmarc: DmarcResult
    spf: SpfResult | Missing
    dkim: tuple[DkimResult, ...] | Missing
    mail_from_domain: MailDomain | Missing
    around: Circumstances
    message: Message | Missing
    spf_trees: tuple[SpfTree, ...] = ()
    signatures: tuple[DkimResult, ...] = ()
    authenticated: tuple[str, ...] = ()
    spf_aligned: bool = False
    aligned_signatures: tuple[DkimResult, ...] = ()

    @property
    def spf_domain(self) -> str:
        """The domain that SPF looked at, be it with success or not."""
        return "" if isinstance(self.spf, Missing) else self.spf.domain

    @property
    def spf_passed(self) -> bool:
        """Whether SPF passes, for whatever domain."""
        return not isinstance(self.spf, Missing) and self.spf.result == "pass"

    @property
    def passes(self) -> bool:
        """Whether anything is authenticated, for whatever domain."""
        return self.spf_passed or bool(self.authenticated)

    @property
    def own_signatures(self) -> tuple[DkimResult, ...]:
        """Every signature of the From's organization, be it good or broken."""
        return signatures.own_signatures(self.signatures, self.around)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The domains that may be authenticated, had DNS answered: of MAIL FROM and of each signature."""
        undecided = isinstance(self.spf, SpfResult) and self.spf.undecided
        signers = (one.domain for one in self.signatures if one.result == "temperror")
        return tuple(dict.fromkeys((*((self.spf_domain,) if undecided else ()), *signers)))

    @property
    def named(self) -> tuple[str, ...]:
        """The d= of every signature that passes; where none does, of those that may."""
        waiting = (one.domain for one in self.signatures if one.result == "temperror")
        return self.authenticated or tuple(dict.fromkeys(waiting))


def identities(
    dmarc: DmarcResult,
    spf: SpfResult | Missing,
    dkim: tuple[DkimResult, ...] | Missing,
    mail_from_domain: MailDomain | Missing,
    around: Circumstances,
    message: Message | Missing,
    spf_trees: tuple[SpfTree, ...] | Missing = (),
) -> Identities:
    """The domains of a message side by side, the same object for whoever asks."""
    signatures = () if isinstance(dkim, Missing) else tuple([one for one in dkim if one.domain])
    passing = [one for one in signatures if one.result == "pass"]
    if dmarc.treewalk.status == "found":
        by_spf, flags = dmarc.treewalk.spf_aligned, dmarc.treewalk.dkim_aligned
        aligned = [one for one, is_aligned in zip(signatures, flags, strict=True) if is_aligned]
    else:
        by_spf = (
            isinstance(spf, SpfResult) and spf.result == "pass" and _aligned_without_record(spf.domain, dmarc, around)
        )
        aligned = [one for one in passing if _aligned_without_record(one.domain, dmarc, around)]
    return Identities(
        dmarc,
        spf,
        dkim,
        mail_from_domain,
        around,
        message,
        spf_trees=() if isinstance(spf_trees, Missing) else aligned_trees(spf_trees, dmarc),
        signatures=signatures,
        authenticated=tuple(dict.fromkeys([one.domain for one in passing])),
        spf_aligned=by_spf,
        aligned_signatures=tuple(aligned),
    )


def _aligned_without_record(domain: str, dmarc: DmarcResult, around: Circumstances) -> bool:
    """No record: the organization is enough. A record that could not be looked at may ask for the very same name."""
    return domain == around.author_domain if dmarc.treewalk.status == "temperror" else around.is_own(domain)


@remembered
def alignment(seen: Identities) -> Finding:
    """Pass where SPF or DKIM is aligned, and not by a record that anyone is aligned by; else what has to be mended first."""
    return with_openness(_aligned(seen), seen.spf_trees)


def _aligned(seen: Identities) -> Finding:
    """Pass where SPF or DKIM is aligned; else why neither is."""
    values, exhibits = alignment_values(seen), alignment_exhibits(seen)
    listed = seen.dmarc.psl.spf_aligned or any(seen.dmarc.psl.dkim_aligned)
    if seen.spf_aligned or seen.aligned_signatures:
        by_list = listed if seen.dmarc.psl.status == "found" else _related(seen)
        if seen.dmarc.treewalk.status == "found" and not by_list:
            if seen.dmarc.psl.result == "temperror":
                return _dark(seen)
            return Finding("warn", METHODS_DIFFER, values, exhibits)
        return Finding("pass", ALIGNED, values, exhibits)
    if listed and methods_differ(seen.dmarc):
        return Finding("warn", METHODS_DIFFER, values, exhibits)
    cause = _undecided(seen) or _why_not(seen)
    return msgspec.structs.replace(cause, values={**cause.values, **values}, exhibits=(*exhibits, *cause.exhibits))


def _related(seen: Identities) -> bool:
    """Whether the suffix list puts an aligned name into From's organization, be there a record that it finds or none."""
    names = (*((seen.spf_domain,) if seen.spf_aligned else ()), *(one.domain for one in seen.aligned_signatures))
    return any(map(seen.around.is_own, names))


def _undecided(seen: Identities) -> Finding | None:
    """What could not be looked at, where it may have been aligned."""
    said = [one for one in (dkim_undecided(seen), spf_undecided(seen)) if one is not None]
    said += [unseen(fact) for fact in (seen.dkim, seen.spf) if isinstance(fact, Missing)]
    return worst(said) if said else None


def dkim_undecided(seen: Identities) -> Finding | None:
    """Why it is not known whether a signature is aligned; None where it is known."""
    broken = [damage.explain(one, seen.around) for one in seen.own_signatures if one.result != "pass"]
    said = [one for one in broken if one.result == "unknown"]
    passing = [(one.domain, one.result == "pass") for one in seen.signatures if one.result in ("pass", "temperror")]
    said += [_dark(seen)] if any(_is_dark(*one, seen) for one in passing) else []
    return worst(said) if said else None


def spf_undecided(seen: Identities) -> Finding | None:
    """Why it is not known whether SPF is aligned; None where it is known."""
    if not isinstance(seen.spf, SpfResult):
        return None
    if seen.spf.undecided and seen.around.is_own(seen.spf_domain):
        return record.explain(seen.spf, seen.mail_from_domain, seen.around.route)
    may_pass = seen.spf_passed or seen.spf.undecided
    return _dark(seen) if may_pass and _is_dark(seen.spf_domain, seen.spf_passed, seen) else None


def _is_dark(domain: str, passed: bool, seen: Identities) -> bool:
    """Whether a name of DMARC's that was not answered may join the domain with From."""
    if seen.dmarc.treewalk.status == "temperror":
        return (passed or not seen.passes) and _may_be_own(domain, seen)
    return domain in seen.dmarc.undetermined


def _dark(seen: Identities) -> Finding:
    return Finding("unknown", DNS_FAILED, record_values(seen.dmarc), missing="could-not-look")


def _names(seen: Identities) -> list[str]:
    """The names that are authenticated; where none is, those of which DNS did not tell."""
    by_spf = seen.spf_domain if seen.spf_passed and not seen.around.route.by_forwarder else ""
    passing = [name for name in (by_spf, *seen.authenticated) if name]
    return passing or list(seen.unanswered)


def _may_be_own(name: str, seen: Identities) -> bool:
    """Whether a name may turn out to be of the From's organization, by a record that was not seen: it has the same end."""
    return name.split(".")[-2:] == seen.around.author_domain.split(".")[-2:] or seen.around.is_own(name)


def _why_not(seen: Identities) -> Finding:
    """The cause that explains most, everything having been looked at."""
    around, own = seen.around, seen.own_signatures
    if around.author_domain in CONSUMER_DOMAINS and not own:
        return Finding("fail", CONSUMER_FROM)
    strict = _strict(seen)
    if strict:
        return Finding("fail", strict[0], notes=tuple(Note(reason, alignment_values(seen)) for reason in strict[1:]))
    if own:
        return _own_signature_broken(seen, own[0])
    if isinstance(seen.spf, SpfResult) and around.is_own(seen.spf_domain):
        return record.explain(seen.spf, seen.mail_from_domain, seen.around.route)
    names = _names(seen)
    if not names:
        return Finding("fail", NO_AUTHENTICATION)
    by_names = (Note(NAMES_ALONE, {"from_domain": around.author_domain}),) if seen.unanswered else ()
    reason = SES_DEFAULT if all(map(is_amazon, names)) else OTHER_DOMAIN
    return Finding("fail", reason, notes=(*by_names, *detour(seen.around.route)))


def _strict(seen: Identities) -> list[Reason]:
    """Which strictness keeps apart what belongs together."""
    dkim = [STRICT_DKIM] if any(seen.dmarc.relaxed_dkim) else []
    return [*dkim, STRICT_SPF] if seen.dmarc.relaxed_spf else dkim


def _own_signature_broken(seen: Identities, signature: DkimResult) -> Finding:
    """The organization signed and the signature fails: by a forwarder's doing, or by its own cause."""
    said = damage.explain(signature, seen.around)
    on_the_way = detour(seen.around.route)
    if on_the_way and said.reason.tag in signatures.CHANGES:
        return Finding("fail", FORWARDING_BROKE_IT, on_the_way[0].values, notes=signatures.as_notes(said))
    return msgspec.structs.replace(said, notes=(*said.notes, *on_the_way))


@remembered
def alignment_values(seen: Identities) -> dict[str, Value]:
    """The domains side by side."""
    aligned = [f"SPF ({seen.spf_domain})"] if seen.spf_aligned else []
    aligned += [f"DKIM ({name})" for name in passing_domains(seen.aligned_signatures)]
    return {
        **differing_values(seen.dmarc),
        "from_domain": seen.around.author_domain,
        "organizational_domain": seen.around.organization,
        "spf_domain": seen.spf_domain or NONE,
        "dkim_domains": ", ".join(seen.named) or NONE,
        "aligned": ", ".join(aligned),
    }


@remembered
def alignment_exhibits(seen: Identities) -> tuple[Exhibit, ...]:
    """From, Return-Path, the three kinds of domain, and the DMARC record."""
    names = () if isinstance(seen.message, Missing) else ("from", "return-path")
    fields = tuple(
        header_exhibit(field)
        for name in names
        if not isinstance(seen.message, Missing) and (field := seen.message.first(name)) is not None
    )
    domains = (
        _compared("From domain", seen.around.author_domain, seen),
        _compared("SPF domain", seen.spf_domain, seen),
        *(_compared("DKIM domain", name, seen) for name in seen.named or ("",)),
    )
    return (*fields, *domains, *record_exhibits(seen.dmarc))


def _compared(label: str, domain: str, seen: Identities) -> Exhibit:
    """A domain with the part of it marked that alignment looks at: the organizational domain, where it is known."""
    mark = next((known for known in (seen.around.organization, AMAZON) if is_within(domain, known)), domain)
    return Exhibit("computed", label, domain or NONE, mark=mark)
