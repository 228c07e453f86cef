"""What ``todoku check ses:`` does: read accounts and their regions side by side, and judge every identity in them.

It reads with the ordinary AWS credentials, a profile's or a role's, and changes nothing. What AWS and DNS answer is
taken for text. The one file that it may write besides the report is that of ``--resume``, which its owner alone can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import msgspec

from todoku.account.read import Wanted
from todoku.account.regions import regions_on
from todoku.api import Settings, checking_accounts
from todoku.auth.ask import Reply
from todoku.cli.facts import facts
from todoku.cli.progress import Bar, Watched
from todoku.cli.terminal import tell
from todoku.judging.account_report import AccountReport
from todoku.net.aws.calls import Kept
from todoku.net.aws.errors import ON_BY_DEFAULT
from todoku.net.aws.ses import SesApi
from todoku.net.aws.ses_subject import SesSubject, ses_regions, ses_subject
from todoku.net.drivers import CallSource, Recorded, Source, Transcript, run_look
from todoku.report.account_facts import sentence_of
from todoku.report.words import Language, harmless, say
from todoku.settings.config import Config
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

ANY_REGION = "us-east-1"
"""Asked which regions are on, where none is said or set."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which identities and regions are looked at, as click gives them."""

    identities: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tenant: str | None = None
    all_regions: bool = False
    resume: Path | None = None
    stored: Config | None = None  # of the store that is asked beside SES, where there is one


class AccountLook(NamedTuple):
    """The reports on one subject, a region each, and whether there may be regions that were not looked at."""

    reports: tuple[AccountReport, ...]
    blind: bool


def look(
    names: Sequence[str], source: Source, settings: Settings, filters: Filters, language: Language, width: int
) -> dict[str, AccountLook]:
    """The reports on each of the subjects (``ses:...``), all read together. Raises ``UsageError``."""
    otherwise = ANY_REGION if filters.all_regions else ""
    subjects = {name: ses_subject(name, otherwise=otherwise) for name in names}
    wanted = wanted_by(filters)
    kept = Kept(filters.resume) if filters.resume else None
    try:
        with kept or nullcontext(), Bar(language, width) as bar:
            api = SesApi(bar, kept)
            regions = {name: _regions(subject, api, filters.all_regions) for name, subject in subjects.items()}
            asked = [
                (name, msgspec.structs.replace(wanted, profile=subjects[name].account, region=region))
                for name, found in regions.items()
                for region in found.names
            ]
            engine = checking_accounts([one for _, one in asked], settings)
            with nullcontext(api) if filters.stored is None else facts(filters.stored, api) as known:
                reports = run_look(engine, Watched(source, bar), known)
    except KeyboardInterrupt:
        _tell_interrupted(kept, filters.resume, language)
        raise
    if wanted.tenant:
        _require_tenant(wanted.tenant, reports)
    for found in regions.values():
        _tell_unknown(found, language)
    return {
        name: AccountLook(
            reports=_fullest_first(report for (asker, _), report in zip(asked, reports, strict=True) if asker == name),
            blind=found.unknown is not None,
        )
        for name, found in regions.items()
    }


def _require_tenant(tenant: str, reports: Sequence[AccountReport]) -> None:
    """Raises ``UsageError`` where none of the regions has a tenant of that name."""
    lists = [reply for report in reports for reply in report.replies if reply.call.operation == "ListTenantResources"]
    if lists and all(reply.status == "absent" for reply in lists):
        regions = ", ".join(dict.fromkeys(reply.call.region for reply in lists))
        raise UsageError(
            Text(f"there is no tenant {tenant!r} in {regions}", f"{regions} に {tenant!r} というテナントはありません")
        )


def _fullest_first(reports: Iterable[AccountReport]) -> tuple[AccountReport, ...]:
    """Those with identities before those without."""
    return tuple(sorted(reports, key=lambda report: not report.identities))


def wanted_by(filters: Filters) -> Wanted:
    """What is wanted of every account and region. Raises ``UsageError`` where a tag has no =."""
    return Wanted(
        profile="",
        region="",
        identities=filters.identities,
        tags=tuple(map(parse_tag, filters.tags)),
        tenant=filters.tenant or "",
    )


def parse_tag(text: str) -> tuple[str, str]:
    """A tag written as KEY=VALUE. Raises ``UsageError``."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise UsageError(
            Text(
                f"--tag {text!r}: write KEY=VALUE, e.g. team=mail",
                f"--tag {text!r}: team=mail のように キー=値 の形で指定してください",
            )
        )
    return key, value


class _Regions(msgspec.Struct, frozen=True, kw_only=True):
    """The regions to look at; ``unknown`` is why it is not known whether there are more."""

    names: tuple[str, ...]
    unknown: Reply | None = None


def _regions(subject: SesSubject, api: CallSource, all_regions: bool) -> _Regions:
    """The subject's region, or all that are on in the account and have SES."""
    if not all_regions:
        return _Regions(names=(subject.region,))
    on = run_look(regions_on(subject.account, subject.region), Recorded(Transcript()), api)  # it asks no DNS
    if isinstance(on, Reply):
        known = ON_BY_DEFAULT if subject.region in ON_BY_DEFAULT else {subject.region}
        return _Regions(names=tuple(region for region in ses_regions() if region in known), unknown=on)
    return _Regions(names=tuple(region for region in ses_regions() if region in on))


def _tell_unknown(found: _Regions, language: Language) -> None:
    if found.unknown is not None:
        why = sentence_of(found.unknown)
        told = Text(
            f"todoku: which regions are on is not known, so that only those are looked at that are on in every account. {why.en}",
            f"todoku: 有効なリージョンを確認できないため、既定で有効なリージョンだけを判定しました。{why.ja}",
        )
        tell(harmless(say(told, language)))


def _tell_interrupted(kept: Kept | None, path: Path | None, language: Language) -> None:
    if kept is None:
        told = Text(
            "todoku: stopped. Nothing was changed, and nothing is kept: with --resume FILE a look goes on where it was",
            "todoku: 中断しました。何も変更しておらず、途中の応答も保存していません。--resume ファイル を付けると、次回は続きから再開できます",
        )
    else:
        told = Text(
            f"todoku: stopped. {len(kept):,} replies are kept in {path}: the same command goes on from there",
            f"todoku: 中断しました。{len(kept):,}件の応答を {path} に保存済みです。同じコマンドで続きから再開できます",
        )
    tell(harmless(say(told, language)))
