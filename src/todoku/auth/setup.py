"""What DNS alone shows of a domain that sends, or is to send, through SES, before a message is sent.

Everything is asked for in as few rounds as its answers allow: what is known beforehand in the first; the addresses of a
domain without MX, the permissions of report addresses and the SPF records of MAIL FROM domains in the second; what SPF
includes after that. What the answers of the first round show to be in vain is not asked: where the record of DMARC strayed
to, when it is in its place; what a wildcard answers, when a name that does not exist proves that there is none. DNS cannot list a domain's selectors or its MAIL FROM domain: selectors are named by the user, and for
MAIL FROM a few usual labels are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

import msgspec

from todoku.auth.ask import Answer, Ask, ask, settled, together
from todoku.auth.bimi import bimi
from todoku.auth.dkim.selector import SelectorKey, selector_key
from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.domain import MailDomain, mail_domain
from todoku.auth.lone_record import LoneRecord
from todoku.auth.mail_from import SES, MailFrom, mail_from, means_ses
from todoku.auth.mail_from_name import MailFromName, mail_from_names
from todoku.auth.mta_sts import mta_sts
from todoku.auth.spf.tree import SpfTree, spf_tree
from todoku.auth.suffixes import Suffixes
from todoku.auth.tls_rpt import tls_rpt

T = TypeVar("T")

LABELS = ("mail", "bounce", "bounces", "ses", "email", "mailfrom", "send", "em")
"""What people call their MAIL FROM domain, below the domain itself or its organization's."""
WILDCARD = "_todoku-wildcard"
"""A label that nobody uses: what answers at it answers everywhere."""
MAX_DESTINATIONS = 10  # addresses of rua= whose permission is looked up; ours


class Permission(msgspec.Struct, frozen=True):
    """Whether a domain outside the organization takes the aggregate reports: RFC 9990 section 4."""

    destination: str
    answer: Answer

    @property
    def given(self) -> bool | None:
        """Whether the record is there; None where DNS did not answer."""
        if self.answer.failed:
            return None
        return any(record.lower().replace(" ", "").startswith("v=dmarc1") for record in self.answer.records)


class SaidBySes(msgspec.Struct, frozen=True, kw_only=True):
    """What SES says of the names that it gave: whether it signs with the selectors and sends with the MAIL FROM domain.

    Statuses are the API's: ``SUCCESS``, ``PENDING``, ``FAILED``, ``TEMPORARY_FAILURE``, ``NOT_STARTED``. ``zone`` is where the
    CNAMEs of Easy DKIM lead, "" for a key of one's own; ``rejects``: it refuses to send while the MAIL FROM domain is not in use.
    ``signer``: for an address the domain whose keys sign its mail, where that is not its own.
    """

    verified: bool  # it may send for the identity at all
    signing: bool
    dkim_status: str
    zone: str
    mail_from_status: str
    rejects: bool
    signer: str = ""

    @property
    def signs(self) -> bool:
        """Whether mail bears a signature of the domain: not while SES cannot see the records (``TEMPORARY_FAILURE``)."""
        return self.signing and self.dkim_status == "SUCCESS"

    @property
    def uses_mail_from(self) -> bool:
        """Whether mail goes out with the MAIL FROM domain; else SES falls back to its own, or refuses."""
        return self.mail_from_status == "SUCCESS"


class DomainSetup(msgspec.Struct, frozen=True, kw_only=True):
    """All that was seen of a domain. ``organization`` is its organizational domain by the suffix list."""

    name: str
    organization: str
    domain: MailDomain
    name_servers: Answer
    txt: Answer
    organization_txt: Answer
    spf: SpfTree  # of the domain itself: what SES mail is not judged by
    organization_spf: SpfTree  # the same, where the domain is its own organization
    dmarc: DmarcResult  # for mail that passes by all that is set up right
    doubled_dmarc: Answer | None = None  # what stands at _dmarc.NAME.NAME, asked where no DMARC record applies
    permissions: tuple[Permission, ...] = ()
    asked_selectors: tuple[str, ...] = ()
    selectors: tuple[SelectorKey, ...] = ()
    mail_from: tuple[MailFrom, ...] = ()
    mail_from_tried: tuple[str, ...] = ()  # every name that was tried for one
    mail_from_unseen: tuple[str, ...] = ()  # of these, the names about whose MX DNS gave no answer
    taken: tuple[str, ...] = ()  # of these, the names that have an MX record
    mail_from_names: tuple[MailFromName, ...] = ()  # the usual names for a new one, where none is known to be in use
    wildcards: tuple[
        Answer, ...
    ] = ()  # TXT and MX at a label that nobody uses; none: it is known that there is no wildcard
    mta_sts: LoneRecord
    tls_rpt: LoneRecord
    bimi: LoneRecord
    ses: Answer  # what DNS says of SES itself: a DNS that does not know it is not the public one
    said: SaidBySes | None = None  # where SES was asked: then the selectors and the MAIL FROM domain are all there are

    @property
    def region(self) -> str:
        """The SES region that a MAIL FROM domain names, or ""."""
        return next((one.region for one in self.mail_from if one.region), "")

    @property
    def spf_trees(self) -> tuple[SpfTree, ...]:
        """The SPF records by which mail passes as the domain: its own, its organization's, those of MAIL FROM; each once."""
        found = (self.spf, self.organization_spf, *(one.spf for one in self.mail_from))
        return tuple({tree.domain: tree for tree in found}.values())

    @property
    def signed(self) -> bool:
        """Whether the resolver vouches by DNSSEC for what it said of the domain: the AD bit."""
        return self.domain.soa.authenticated or self.txt.authenticated

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every answer, each once."""
        found = [self.name_servers, self.txt, self.organization_txt, self.ses, *self.wildcards]
        found += [self.doubled_dmarc] if self.doubled_dmarc else []
        found += [self.domain.soa, self.domain.mx, *self.domain.addresses, *self.spf.answers, *self.dmarc.answers]
        found += self.organization_spf.answers
        found += [one.answer for one in self.permissions]
        found += [self.mta_sts.answer, self.tls_rpt.answer, self.bimi.answer]
        found += [answer for key in self.selectors for answer in key.answers]
        for one in self.mail_from:
            found += [one.mx, one.dmarc, *((one.host,) if one.host else ()), *one.spf.answers]
        found += [answer for one in self.mail_from_names for answer in (one.mx, *one.others)]
        return tuple({one.question: one for one in found}.values())


def domain_setup(
    name: str,
    *,
    selectors: Sequence[str],
    mail_from_domains: Sequence[str] = (),
    suffixes: Suffixes,
    said: SaidBySes | None = None,
) -> Ask[DomainSetup]:
    """The setup of ``name`` (lower-case A-labels). Where SES ``said`` what it uses, nothing is guessed beside the names given."""
    organization = suffixes.organizational_domain(name)
    places = (said.signer or name,) if said else tuple(dict.fromkeys((name, organization)))
    tried = tuple(mail_from_domains) if said else _tried(places, mail_from_domains)
    asked = tuple(dict.fromkeys(map(plain_selector, selectors)))
    (domain, own_spf), (dmarc, permissions, doubled), (keys, mail, free), beside = yield from together(
        together(mail_domain(name), together(*map(spf_tree, dict.fromkeys((name, organization))))),
        _dmarc(name, suffixes),
        together(
            _keys(asked, places, said.zone if said else ""),
            _mail_from(name, tried, mail_from_domains),
            settled(()) if mail_from_domains else mail_from_names(name if said else organization),
        ),
        _beside(name, organization),
    )
    (name_servers, txt, organization_txt, ses), policies = beside
    senders, unseen, taken, wildcards = mail
    known = (*dmarc.answers, *(one.dmarc for one in senders))
    dmarc = yield from _knowing(_prospect(name, senders, keys, suffixes, said), known)
    return DomainSetup(
        name=name,
        organization=organization,
        domain=domain,
        name_servers=name_servers,
        txt=txt,
        organization_txt=organization_txt,
        spf=own_spf[0],
        organization_spf=own_spf[-1],
        dmarc=dmarc,
        doubled_dmarc=doubled,
        permissions=permissions,
        asked_selectors=asked,
        selectors=keys,
        mail_from=senders,
        mail_from_tried=tried,
        mail_from_unseen=unseen,
        taken=taken,
        mail_from_names=() if senders else free,
        wildcards=wildcards,
        mta_sts=policies[0],
        tls_rpt=policies[1],
        bimi=policies[2],
        ses=ses,
        said=said,
    )


def _prospect(
    name: str,
    senders: Sequence[MailFrom],
    keys: Sequence[SelectorKey],
    suffixes: Suffixes,
    said: SaidBySes | None,
) -> Ask[DmarcResult]:
    """DMARC for mail that goes out with the first MAIL FROM domain that works, signed with every key that does."""
    by_use = sorted(senders, key=lambda one: (bool(one.problem), not one.failed))
    sends, signs = (True, True) if said is None else (said.uses_mail_from, said.signs)
    spf = next(((one.name, sends and _works(one)) for one in by_use), None)
    dkim = tuple((key.domain, signs and _works(key)) for key in keys)
    return (yield from evaluate(name, spf=spf, dkim=dkim, suffixes=suffixes))


def _works(part: MailFrom | SelectorKey) -> bool | None:
    """Whether mail will pass by it; None where DNS did not answer, or the key is not one that is in use now."""
    unknown = part.failed or (isinstance(part, SelectorKey) and part.resting)
    return None if unknown else not part.problem


def _knowing(engine: Ask[T], known: Iterable[Answer]) -> Ask[T]:
    """The engine's result; what is known already is not asked again."""
    answers = {answer.question: answer for answer in known}
    try:
        questions = next(engine)
        while True:
            new = tuple(question for question in questions if question not in answers)
            if new:
                answers.update(zip(new, (yield new), strict=True))
            questions = engine.send([answers[question] for question in questions])
    except StopIteration as stop:
        return cast(T, stop.value)


def plain_selector(written: str) -> str:
    """A selector as it stands in s=, of what a person gives for it: the whole name of its record will do."""
    return written.strip().lower().partition("._domainkey")[0].strip(".")


def _tried(places: Iterable[str], named: Sequence[str]) -> tuple[str, ...]:
    usual = (f"{label}.{place}" for place in places for label in LABELS)
    return tuple(dict.fromkeys((*named, *usual)))


def _beside(name: str, organization: str) -> Ask[tuple[tuple[Answer, ...], tuple[LoneRecord, ...]]]:
    """What stands at and around the name itself."""
    return (
        yield from together(
            together(
                ask(name, "NS"),
                ask(name, "TXT"),
                ask(organization, "TXT"),
                ask(SES, "TXT"),
            ),
            together(mta_sts(name), tls_rpt(name), bimi(name)),
        )
    )


def _dmarc(name: str, suffixes: Suffixes) -> Ask[tuple[DmarcResult, tuple[Permission, ...], Answer | None]]:
    """The DMARC record that applies, and whether its report addresses outside the organization may be used.

    Where none applies, what stands at the doubled name: many a DNS panel appends the domain to what was typed.
    """
    dmarc = yield from evaluate(name, spf=None, dkim=(), suffixes=suffixes)
    record = dmarc.record
    if record is None:
        return dmarc, (), (yield from ask(f"_dmarc.{name}.{name}", "TXT"))
    own = suffixes.organizational_domain(record.domain)
    hosts = (uri.partition("?")[0].rpartition("@")[2].lower() for uri in record.rua if uri[:7].lower() == "mailto:")
    outside = [host for host in dict.fromkeys(hosts) if suffixes.organizational_domain(host) != own]
    destinations = outside[:MAX_DESTINATIONS]
    answers = yield from together(*(ask(f"{record.domain}._report._dmarc.{host}", "TXT") for host in destinations))
    return dmarc, tuple(map(Permission, destinations, answers)), None


def _keys(selectors: Sequence[str], places: Sequence[str], zone: str) -> Ask[tuple[SelectorKey, ...]]:
    """Each selector with its key: that of the domain, or where it has none, that of its organization, which may sign for it."""
    found = yield from together(
        *(selector_key(selector, place, zone=zone) for selector in selectors for place in places)
    )
    by_place = [found[start : start + len(places)] for start in range(0, len(found), len(places))]
    return tuple(next((key for key in keys if key.problem != "key-missing"), keys[0]) for keys in by_place)


def _mail_from(
    name: str, tried: Sequence[str], named: Sequence[str]
) -> Ask[tuple[tuple[MailFrom, ...], tuple[str, ...], tuple[str, ...], tuple[Answer, ...]]]:
    """The MAIL FROM domains among the names tried, the names not answered for, those that have any MX, and the wildcards.

    What a wildcard answers everywhere makes no name a MAIL FROM domain.
    """
    answers = yield from together(*(ask(place, "MX") for place in tried))
    wildcards = yield from _wildcards(name, answers)
    everywhere = {one.records for one in wildcards if one.question.rdtype == "MX"}
    seen = [mx for mx in answers if mx.records and (mx.records not in everywhere or mx.question.name in named)]
    found = [mx for mx in answers if mx.question.name in named or (mx in seen and means_ses(mx))]
    senders = yield from together(*(mail_from(mx, named=mx.question.name in named) for mx in found))
    unseen = tuple(mx.question.name for mx in answers if mx.failed)
    return senders, unseen, tuple(mx.question.name for mx in seen), wildcards


def _wildcards(name: str, answers: Sequence[Answer]) -> Ask[tuple[Answer, ...]]:
    """TXT and MX at a label that nobody uses; nothing, and no question, where one of the answers proves ``*.name`` not to exist.

    RFC 4592 2.2.1: it would have answered for every name right below ``name`` that does not exist.
    """
    if any(one.status == "nxdomain" and not one.chain and _is_child(one.question.name, name) for one in answers):
        return ()
    label = f"{WILDCARD}.{name}"
    return (yield from together(ask(label, "TXT"), ask(label, "MX")))


def _is_child(place: str, name: str) -> bool:
    return place.partition(".")[2] == name
