"""SES accounts, judged: ``check_account``, and its engine for several accounts and regions at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from todoku.account.read import Wanted
from todoku.account.sending import BULK, SesAccount
from todoku.api.driver import default_source
from todoku.api.settings import Settings, terms
from todoku.auth.ask import Look, all_of
from todoku.evidence.account import AccountEvidence, compared_by_region, gather_account
from todoku.evidence.facts import Evidence
from todoku.evidence.traffic import with_traffic
from todoku.judging.account_report import AccountReport, report_account
from todoku.judging.judge import accepting
from todoku.net.drivers import CallSource, Source, Transcript, recording_look, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.words.verdict import Missing


def check_account(
    subject: str = "ses:",
    *,
    identities: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    tenant: str = "",
    resolver: Source | None = None,
    api: CallSource | None = None,
    now: datetime | None = None,
    settings: Settings | None = None,
) -> AccountReport:
    """The report that ``todoku check ses:REGION`` prints: every identity of an account in one region. It changes nothing.

    ``subject`` is ``ses:``, ``ses:REGION``, ``ses:PROFILE@REGION`` or ``ses:ROLE_ARN@REGION``. ``identities`` are shell patterns of
    which one has to match, ``tags`` all have to be there, ``tenant`` is a tenant of SES. ``api`` answers in place of AWS, as
    ``resolver`` does in place of the system's DNS. ``settings`` say more than ``now`` does, and stand in for it. Raises
    ``UsageError`` where there is no such profile or region, or no credentials.
    """
    from todoku.net.aws.ses import SesApi  # noqa: PLC0415 -- only where an account is asked for
    from todoku.net.aws.ses_subject import ses_subject  # noqa: PLC0415 -- as above

    account, region = ses_subject(subject)
    wanted = Wanted(
        profile=account,
        region=region,
        identities=tuple(identities),
        tags=tuple((tags or {}).items()),
        tenant=tenant,
    )
    engine = checking_accounts((wanted,), settings or Settings(now=now))
    (report,) = run_look(engine, resolver or default_source(), api or SesApi())
    return report


def checking_accounts(wanted: Sequence[Wanted], settings: Settings) -> Look[tuple[AccountReport, ...]]:
    """The engine of ``check_account`` for several accounts and regions, which are read side by side.

    What an account is in one region may tell of another: where an identity is verified too, and how much is sent in all.
    """
    kept = [Transcript() for _ in wanted]
    engines = [
        recording_look(_gathered(one, settings), transcript) for one, transcript in zip(wanted, kept, strict=True)
    ]
    found = yield from recording_look(all_of(engines), Transcript())  # of two that ask the same both get one answer
    reports = (
        report_account(
            evidence,
            terms(settings, settings.purpose or "unstated", settings.volume or _volume(evidence, found)),
            name=account_name(evidence.reading.wanted),
            at=settings.now,
            answers=transcript,
            replies=transcript.replies,
        )
        for evidence, transcript in zip(_compared(found), kept, strict=True)
    )
    return tuple(
        msgspec.structs.replace(one, identities=tuple(accepting(each, settings.accepts) for each in one.identities))
        for one in reports
    )


def _gathered(wanted: Wanted, settings: Settings) -> Look[AccountEvidence]:
    seen = yield from gather_account(wanted, now=settings.now, suffixes=bundled_suffixes())
    return (yield from account_with_traffic(seen)) if settings.stored else seen


def account_with_traffic(seen: AccountEvidence) -> Look[AccountEvidence]:
    """The evidence of an account, with what a store holds of its domains."""
    known = yield from all_of([with_traffic(one, bundled_suffixes()) for one in seen.identities])
    return msgspec.structs.replace(seen, identities=known)


def account_name(wanted: Wanted) -> str:
    """An account in one region as a user names it: ``ses:PROFILE@REGION``."""
    return f"ses:{wanted.profile}@{wanted.region}" if wanted.profile else f"ses:{wanted.region}"


def _compared(found: Sequence[AccountEvidence]) -> tuple[AccountEvidence, ...]:
    """What was read, the regions of one account with each other. Of one region alone nothing is known of the others."""
    by_account: dict[str, list[AccountEvidence]] = {}
    for one in found:
        by_account.setdefault(one.reading.wanted.profile, []).append(one)
    compared = {
        each.reading.wanted: each
        for regions in by_account.values()
        for each in (compared_by_region(regions) if len(regions) > 1 else regions)
    }
    return tuple(compared[one.reading.wanted] for one in found)


def _volume(one: AccountEvidence, found: Sequence[AccountEvidence]) -> Literal["bulk", "small"]:
    """Small where the account could not send bulk mail in a day if it wanted to, in all its regions that were read together.

    Who was a bulk sender once stays one, whatever the quota is now: Gmail's rule.
    """
    alike = [each for each in found if each.reading.wanted.profile == one.reading.wanted.profile]
    if any(_was_bulk(evidence) for each in alike for evidence in each.identities):
        return "bulk"
    own = [each.reading.account for each in alike]
    small = all(isinstance(account, SesAccount) and account.may_be_small for account in own)
    most = sum(account.quota.per_day for account in own if isinstance(account, SesAccount))
    return "small" if small and most < BULK else "bulk"


def _was_bulk(evidence: Evidence) -> bool:
    """Whether so much was ever counted to Gmail on one day."""
    traffic = evidence.traffic
    return not isinstance(traffic, Missing) and traffic.most is not None and traffic.most >= BULK
