"""Who and what is watched by the settings, so that alarms about others end, and strangers' reports raise none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from todoku.cli.watch_checks import google, rates
from todoku.feedback.claims import is_claimed
from todoku.mail.domain_name import ascii_domain
from todoku.net.aws.ses_subject import is_ses_subject
from todoku.settings.config import Config
from todoku.watching import away, drift, identities
from todoku.watching.alarm import Alarm, Member
from todoku.watching.identities import Roll


def is_watched(config: Config, domain: str) -> bool:
    """Whether reports about a domain may raise an alarm: anybody can send one about any domain.

    ``[store] domains`` says whose they are, and the reader knows it. Without it they are those that are watched, unless an
    account is, which may send for any.
    """
    subjects = config.watch.subjects
    if config.store.domains or not subjects or any(map(is_ses_subject, subjects)):
        return True
    return is_claimed(domain, [ascii_domain(one) or one for one in subjects])


def asked_sources(config: Config, reports: Iterable[str]) -> Iterator[str]:
    """The names of all sources that are asked by these settings. ``reports``: those of the sources of reports."""
    yield from reports
    yield from (one if is_ses_subject(one) else ascii_domain(one) or one for one in config.watch.subjects)
    yield from rate_sources(config)


def rate_sources(config: Config) -> Iterator[str]:
    """The names of those that are asked for rates."""
    if google.is_asked(config.postmaster):
        yield google.SOURCE
    yield from map(rates.source_of, filter(is_ses_subject, config.watch.subjects))


def left(
    alarms: Iterable[Alarm], config: Config, sources: Iterable[str], rolls: Sequence[Roll | None]
) -> frozenset[str]:
    """Domains, identities and sources with an alarm that nobody watches any more.

    ``sources``: those that are asked; ``rolls``: those of the accounts, None where one is unknown.
    """
    kept = {ascii_domain(one) or one for one in config.watch.subjects} | set(sources)
    kept |= {about for roll in rolls if roll for about in roll.abouts}
    gone = [one for alarm in alarms for one in alarm.members if one.which.about not in kept]
    if None in rolls:  # whose identities these are, SES alone knows
        gone = [one for one in gone if one.scope == away.KIND or " (" not in one.which.about]
    return frozenset(one.which.about for one in gone if _is_of_the_settings(one))


def _is_of_the_settings(member: Member) -> bool:
    """Whether the settings say that it is looked at: what reports say is about whichever domains they are."""
    return member.scope in (away.KIND, drift.KIND, identities.KIND) or member.scope.startswith("verdicts/")
