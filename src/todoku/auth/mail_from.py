"""A custom MAIL FROM domain of SES as DNS shows it: one MX record to SES, and an SPF record that allows SES.

SES itself looks at the MX alone and then reports SUCCESS; receivers look at the SPF record.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from todoku.auth.ask import Answer, Ask, ask, exchanges, together
from todoku.auth.spf.tree import SpfTree, spf_tree

MailFromProblem = Literal[
    "",
    "several-mx",  # SES wants exactly one
    "no-mx",
    "other-mx",  # an MX that is not SES's
    "mx-form",  # an MX that means to be SES's and is not written so
    "mx-host-missing",  # the region in its name does not exist
    "no-spf",
    "spf-without-ses",
    "spf-broken",  # ``spf.cause`` says how
    "dns-failed",
]
FEEDBACK = re.compile(r"feedback-smtp\.([a-z]{2,4}(?:-[a-z]+){1,3}-[0-9])\.amazonses\.com", re.IGNORECASE)
SES = "amazonses.com"


class MailFrom(msgspec.Struct, frozen=True, kw_only=True):
    """A name that is, or is meant to be, a custom MAIL FROM domain. ``named``: the user said so; else its MX shows it."""

    name: str
    named: bool
    mx: Answer
    host: Answer | None = None  # the address of the MX's host
    spf: SpfTree
    dmarc: Answer  # at its _dmarc name: an organization may end there, which decides alignment
    region: str = ""
    problem: MailFromProblem = ""
    spf_problem: MailFromProblem = ""  # of the SPF record, where the MX record has one of its own too

    @property
    def failed(self) -> bool:
        """Whether DNS did not answer."""
        return self.problem == "dns-failed"


def means_ses(mx: Answer) -> bool:
    """Whether an MX answer points to SES's feedback host, be it written right or not."""
    return any(host.lower().startswith("feedback-smtp") for _, host in exchanges(mx))


def mail_from(mx: Answer, *, named: bool) -> Ask[MailFrom]:
    """The MAIL FROM domain whose MX answer this is: its SPF record, and whether the MX's host exists."""
    name, host = mx.question.name, _feedback_host(mx)
    spf, dmarc, address = yield from together(spf_tree(name), ask(f"_dmarc.{name}", "TXT"), _address(host))
    region = match[1].lower() if (match := FEEDBACK.fullmatch(host)) else ""
    found = MailFrom(name=name, named=named, mx=mx, host=address, spf=spf, dmarc=dmarc, region=region)
    of_mx, of_spf = _mx_problem(found), _spf_problem(spf)
    return msgspec.structs.replace(found, problem=of_mx or of_spf, spf_problem=of_spf)


def _feedback_host(mx: Answer) -> str:
    return next((host for _, host in exchanges(mx) if host.lower().startswith("feedback-smtp")), "")


def _address(host: str) -> Ask[Answer | None]:
    return (yield from ask(host, "A")) if FEEDBACK.fullmatch(host) else None


def _mx_problem(found: MailFrom) -> MailFromProblem:
    if found.mx.failed:
        return "dns-failed"
    if len(found.mx.records) > 1:
        return "several-mx"
    if not found.mx.records:
        return "no-mx"
    if not means_ses(found.mx):
        return "other-mx"
    if not found.region:
        return "mx-form"
    if found.host is None:
        return ""
    return "dns-failed" if found.host.failed else "mx-host-missing" if found.host.status == "nxdomain" else ""


def _spf_problem(spf: SpfTree) -> MailFromProblem:
    if spf.failed:
        return "dns-failed"
    if spf.cause == "no-record":
        return "no-spf"
    if spf.cause:
        return "spf-broken"
    allowed = any(name == SES or name.endswith(f".{SES}") for name in spf.included)
    return "" if allowed else "spf-without-ses"
