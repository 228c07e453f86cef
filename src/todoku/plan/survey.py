"""What a plan must know before it is made: SES and DNS as they are, read by an engine that changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from todoku.account.identity import FIELDS as IDENTITY_FIELDS
from todoku.account.identity import SesIdentity, read_identity
from todoku.account.read import Wanted
from todoku.account.sending import (
    ACCOUNT_FIELDS,
    SET_FIELDS,
    ConfigurationSet,
    SesAccount,
    read_account,
    read_configuration_set,
)
from todoku.auth.ask import Allowance, Answer, Ask, Look, Reply, all_of, ask, call, dns, limited, together
from todoku.auth.mail_from_name import MAIL_FROM_LABELS
from todoku.auth.setup import DomainSetup, domain_setup
from todoku.auth.suffixes import Suffixes
from todoku.words.change import RecordSet
from todoku.words.verdict import Text

MAX_QUESTIONS = 200
"""DNS questions that one survey may cost: ours."""
TYPES_BESIDE_CNAME = ("CNAME", "TXT", "MX", "A", "AAAA")
"""What may stand at a name where a CNAME is to come (RFC 1034 section 3.6.2: nothing may)."""


class Aims(msgspec.Struct, frozen=True, kw_only=True):
    """What a user wants beyond the least: each of these only because they said so."""

    mail_from: str = ""  # "": the first free one of the usual names
    rua: str = ""
    require_tls: bool = False
    reject_on_mx_failure: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A name with what stands at it, by type. ``failed``: DNS did not answer about one of them.

    ``zone`` is the apex of the zone that the name lies in, "" where DNS did not say.
    """

    name: str
    sets: tuple[RecordSet, ...] = ()
    failed: tuple[Answer, ...] = ()
    zone: str = ""

    def of(self, rdtype: str) -> RecordSet:
        """The record set of a type; empty where there is none."""
        return next((one for one in self.sets if one.rdtype == rdtype), RecordSet(self.name, rdtype))


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen. ``identity`` None: the domain is no identity in this region. ``places`` are the names that a plan may touch."""

    wanted: Wanted
    domain: str
    aims: Aims
    number: str
    account: SesAccount | Reply
    identity: SesIdentity | Reply | None
    configuration_set: ConfigurationSet | Reply | None = None
    setup: DomainSetup
    places: tuple[Place, ...] = ()

    def place(self, name: str) -> Place:
        """What stands at a name itself. What a wildcard of the domain answers there stands nowhere (RFC 4592)."""
        found = next((one for one in self.places if one.name == name.lower()), Place(name=name.lower()))
        everywhere = {(one.question.rdtype, one.records) for one in self.setup.wildcards if one.records}
        own = tuple(one for one in found.sets if (one.rdtype, one.values) not in everywhere)
        return msgspec.structs.replace(found, sets=own)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that hold what a plan may touch, the deepest first; the organization's where DNS names none."""
        soa = self.setup.domain.soa
        own = soa.question.name if soa.records and not soa.chain else _apex(soa.question.name, (soa,))
        found = {own, *(place.zone for place in self.places)} - {""}
        return tuple(sorted(found or {self.setup.organization}, key=lambda apex: (-apex.count("."), apex)))

    @property
    def is_set_gone(self) -> bool:
        """Whether the identity's default configuration set has been deleted: known, and nothing that could be read."""
        return isinstance(self.configuration_set, Reply) and self.configuration_set.status == "absent"

    @property
    def unread(self) -> tuple[Text, ...]:
        """What could not be looked at and must be known before anything is planned."""
        replies = (self.account, self.identity, None if self.is_set_gone else self.configuration_set)
        told = [_refused(reply) for reply in replies if isinstance(reply, Reply)]
        told += [_unanswered(answer) for place in self.places for answer in place.failed]
        told += [_unanswered(answer) for answer in self.setup.dmarc.answers if answer.failed]
        return tuple(dict.fromkeys(told))


def survey(wanted: Wanted, domain: str, aims: Aims, suffixes: Suffixes) -> Look[Survey]:
    """What SES and DNS say of a domain that is to send through SES."""
    caller, account, found = yield from all_of(
        [
            call("sts", wanted.profile, wanted.region, "GetCallerIdentity", ("Account",)),
            wanted.read("GetAccount", ACCOUNT_FIELDS),
            wanted.read("GetEmailIdentity", IDENTITY_FIELDS, EmailIdentity=domain),
        ]
    )
    identity = _identity(domain, wanted.region, found)
    number = str(caller.value.get("Account", ""))
    known = (
        identity if isinstance(identity, SesIdentity) else SesIdentity(name=domain, region=wanted.region, kind="domain")
    )
    configuration = yield from _configuration_set(wanted, known.configuration_set)
    names = _mail_from_names(domain, known, aims)
    setup = yield from dns(
        limited(
            domain_setup(
                domain,
                selectors=known.dkim.tokens,
                mail_from_domains=(known.mail_from.domain,) if known.mail_from.domain else (),
                suffixes=suffixes,
                said=known.said,
            ),
            Allowance(MAX_QUESTIONS),
        )
    )
    dmarc = dict.fromkeys((f"_dmarc.{domain}", f"_dmarc.{setup.organization}"))
    tokens = (f"{token}._domainkey.{domain}" for token in known.dkim.tokens if known.dkim.easy)
    places = yield from dns(together(*(_place(name) for name in (*names, *dmarc, *tokens))))
    return Survey(
        wanted=wanted,
        domain=domain,
        aims=aims,
        number=number,
        account=_account(caller, account),
        identity=identity,
        configuration_set=configuration,
        setup=setup,
        places=places,
    )


def _account(caller: Reply, found: Reply) -> SesAccount | Reply:
    """The account, once it is known whose it is: a plan is carried out in no other."""
    refused = next((reply for reply in (caller, found) if reply.status != "ok"), None)
    return refused or read_account(str(caller.value.get("Account", "")), found.call.region, found.value)


def _identity(domain: str, region: str, reply: Reply) -> SesIdentity | Reply | None:
    if reply.status == "absent":
        return None
    return reply if reply.failed else read_identity(domain, region, reply.value)


def _configuration_set(wanted: Wanted, name: str) -> Look[ConfigurationSet | Reply | None]:
    if not name:
        return None
    reply = yield from wanted.read("GetConfigurationSet", SET_FIELDS, ConfigurationSetName=name)
    return reply if reply.status != "ok" else read_configuration_set(name, reply.value)


def _mail_from_names(domain: str, identity: SesIdentity, aims: Aims) -> Sequence[str]:
    """The names that may become the MAIL FROM domain: the one that is set, the one that was asked for, or the usual ones."""
    if identity.mail_from.domain:
        return (identity.mail_from.domain,)
    return (aims.mail_from,) if aims.mail_from else tuple(f"{label}.{domain}" for label in MAIL_FROM_LABELS)


def _place(name: str) -> Ask[Place]:
    answers = yield from together(*(ask(name, rdtype) for rdtype in TYPES_BESIDE_CNAME))
    return place_of(name, answers)


def place_of(name: str, answers: Sequence[Answer]) -> Place:
    """What stands at a name by the answers about it. What a CNAME led to stands elsewhere."""
    sets = tuple(
        RecordSet(name, answer.question.rdtype, answer.records, answer.ttl)
        for answer in answers
        if answer.records and (answer.question.rdtype == "CNAME" or not answer.chain)
    )
    failed = tuple(answer for answer in answers if answer.failed)
    return Place(name=name, sets=sets, failed=failed, zone=_apex(name, answers))


def _apex(name: str, answers: Sequence[Answer]) -> str:
    """The zone that ``name`` lies in, by the SOA beside an answer that there is nothing: RFC 2308 section 3."""
    named = (answer.authority.lower() for answer in answers if not answer.chain)
    return next((apex for apex in named if apex and (name == apex or name.endswith(f".{apex}"))), "")


def _refused(reply: Reply) -> Text:
    operation, region = reply.call.operation, reply.call.region
    said = reply.detail or reply.status
    return Text(
        f"{operation} could not be read in {region}: {said}",
        f"{operation} を読み取れませんでした({region}): {said}",
    )


def _unanswered(answer: Answer) -> Text:
    name, rdtype, status = answer.question.name, answer.question.rdtype, answer.status
    return Text(
        f"DNS gave no answer about {name} {rdtype} ({status})",
        f"DNSから {name} の {rdtype} レコードについて応答がありませんでした({status})",
    )
