"""What ``todoku plan`` does: read what is wanted, look at SES and DNS, make the plan, show it and write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from todoku import __version__
from todoku.account.identity import SesIdentity
from todoku.account.read import Wanted
from todoku.auth.suffixes import Suffixes
from todoku.causes.dmarc.consumer_from import CONSUMER_DOMAINS
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.plan_file import digests, read_plan
from todoku.cli.terminal import Screen, own_time, tell
from todoku.mail.domain_name import ascii_domain
from todoku.net.aws.ses import SesApi
from todoku.net.aws.ses_subject import is_ses_subject, ses_subject
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.plan.document import written
from todoku.plan.make import make
from todoku.plan.step import Plan
from todoku.plan.survey import Aims, Survey, survey
from todoku.report.plan.show import PlanForm, render
from todoku.report.render_options import Manner
from todoku.report.words import Language, say
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

SECONDS = 30.0
"""How long the DNS look-ups of one plan may take together."""

LOCAL = re.compile(r"[A-Za-z0-9_+=~-]+(?:\.[A-Za-z0-9_+=~-]+)*", re.ASCII)
"""What stands before the @ of a report address: what needs no escape in a URI in a DMARC record (RFC 6068 2, RFC 9989 4.7)."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command, as click gives them."""

    ses: str | None
    region: str | None
    identity: str | None
    rua: str | None
    mail_from: str | None
    require_tls: bool
    reject_on_mx_failure: bool
    refresh: Path | None
    output: Path | None
    form: PlanForm | None
    dns: tuple[str, ...]
    lang: Language


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be planned. ``before`` is the plan that is made anew."""

    wanted: Wanted
    domain: str
    aims: Aims
    before: Plan | None = None


def run(subject: str | None, options: Options) -> int:
    """Make the plan, print and write it; the exit code says whether it is ready. Raises ``UsageError``."""
    suffixes = bundled_suffixes()
    order = _again(subject, options.refresh, options, suffixes) if options.refresh else _new(subject, options, suffixes)
    paper = Screen(options.output) if options.output else None
    source = parse_dns_options(options.dns)
    engine = survey(order.wanted, order.domain, order.aims, suffixes)
    seen = run_look(engine, source, SesApi(), seconds=SECONDS)
    _same_account(seen, order.before)
    plan = make(seen, datetime.now(UTC), plan_id=order.before.id if order.before else "")
    if order.before is not None:
        plan = msgspec.structs.replace(plan, earlier=digests(order.before))
    if paper is None or paper.output is not None:
        screen = Screen()
        manner = Manner(language=options.lang, colour=screen.colour, width=screen.width, zone=own_time())
        screen.write(render(plan, options.form or "text", manner))
    _tell_kept_mail_from(seen, options.lang)
    if paper is not None:
        _write(plan, paper, options.lang)
    if plan.unread:
        return EXIT_COULD_NOT
    return EXIT_FINDINGS if plan.conflicts else EXIT_CLEAN


def _new(subject: str | None, options: Options, suffixes: Suffixes) -> Order:
    """What the subject and the options ask for."""
    account, name = _account_and_domain(subject, options)
    domain = _own_domain(name, suffixes)
    profile, region = ses_subject(account)
    aims = Aims(
        mail_from=parse_mail_from(options.mail_from, domain) if options.mail_from else "",
        rua=parse_rua(options.rua) if options.rua else "",
        require_tls=options.require_tls,
        reject_on_mx_failure=options.reject_on_mx_failure,
    )
    return Order(wanted=Wanted(profile=profile, region=region), domain=domain, aims=aims)


def _own_domain(name: str, suffixes: Suffixes) -> str:
    """The domain, as A-labels. Raises ``UsageError`` where it cannot be the user's own."""
    domain = ascii_domain(name)
    host = ascii_domain(name.rpartition("@")[2]) if "@" in name else None
    if host is not None:
        raise UsageError(
            Text(
                f"{name!r} is an address: name a domain, todoku plan {host}",
                f"{name!r} はアドレスです。ドメインを指定してください: todoku plan {host}",
            )
        )
    if domain in CONSUMER_DOMAINS:
        raise UsageError(
            Text(
                f"{domain} is a mailbox provider's: only the provider can publish its records. Name a domain of your own",
                f"{domain} はメールサービス事業者のドメインで、レコードを設定できるのは事業者だけです。自社のドメインを指定してください",
            )
        )
    if domain is None or suffixes.public_suffix(domain) == domain:
        raise UsageError(
            Text(
                f"{name!r} is not a domain that anybody can have as their own",
                f"{name!r} は自社で登録できるドメイン名ではありません",
            )
        )
    return domain


def _account_and_domain(subject: str | None, options: Options) -> tuple[str, str]:
    """The SES account and the domain, each said once. Raises ``UsageError``."""
    by_subject = subject if subject is not None and is_ses_subject(subject) else None
    by_region = f"ses:{options.region}" if options.region else None
    accounts = [account for account in (by_subject, options.ses, by_region) if account is not None]
    if len(accounts) > 1:
        raise UsageError(
            Text(
                f"the SES account or region is said twice: {', '.join(accounts)}",
                f"SESのアカウントまたはリージョンが重複して指定されています: {', '.join(accounts)}",
            )
        )
    if options.ses is not None and not is_ses_subject(options.ses):
        raise UsageError(
            Text(
                f"--ses {options.ses!r}: write ses:REGION or ses:PROFILE@REGION",
                f"--ses {options.ses!r}: ses:リージョン、または ses:プロファイル@リージョン の形で指定してください",
            )
        )
    domains = [name for name in (None if by_subject else subject, options.identity) if name is not None]
    if len(domains) != 1:
        raise UsageError(
            Text(
                "name one domain: todoku plan example.com, or todoku plan ses:REGION --identity example.com",
                "ドメインを1つ指定してください。例: todoku plan example.com、todoku plan ses:リージョン --identity example.com",
            )
        )
    return (accounts[0] if accounts else "ses:"), domains[0]


def _again(subject: str | None, refreshed: Path, options: Options, suffixes: Suffixes) -> Order:
    """What the plan asked for that is made anew. Raises ``UsageError`` where anything else is asked for beside it."""
    asked = (subject, options.ses, options.region, options.identity, options.rua, options.mail_from)
    if any(one is not None for one in asked) or options.require_tls or options.reject_on_mx_failure:
        raise UsageError(
            Text(
                "--refresh asks what the plan asked: give no domain, account or aim beside it",
                "--refresh は元の計画と同じ条件で作り直します。ドメイン、アカウント、目的のオプションは同時に指定できません",
            )
        )
    before = read_plan(refreshed)
    try:
        aims = msgspec.convert(before.options, Aims)
    except msgspec.ValidationError as error:
        raise UsageError(
            Text(
                f"the options in this plan cannot be used: {error}",
                f"この計画に記録されたオプションは使えません: {error}",
            )
        ) from None
    # a document is handed from person to person: what it asks for meets the checks of the command line
    domain = _own_domain(before.domain, suffixes)
    aims = msgspec.structs.replace(
        aims,
        mail_from=parse_mail_from(aims.mail_from, domain) if aims.mail_from else "",
        rua=parse_rua(aims.rua) if aims.rua else "",
    )
    wanted = Wanted(profile=before.profile, region=before.region)
    return Order(wanted=wanted, domain=domain, aims=aims, before=before)


def parse_mail_from(text: str, domain: str) -> str:
    """The name of a MAIL FROM domain below ``domain``. Raises ``UsageError``."""
    name = ascii_domain(text)
    if name is None or not name.endswith(f".{domain}"):
        raise UsageError(
            Text(
                f"--mail-from {text!r} is not a name below {domain}, such as bounce.{domain}",
                f"--mail-from {text!r} は {domain} のサブドメイン(例: bounce.{domain})ではありません",
            )
        )
    return name


def parse_rua(text: str) -> str:
    """A report address, its domain as A-labels. Raises ``UsageError``."""
    local, _, host = text.removeprefix("mailto:").rpartition("@")
    domain = ascii_domain(host)
    if domain is None or "." not in domain or not LOCAL.fullmatch(local) or len(local) > 64:  # RFC 5321 4.5.3.1.1
        raise UsageError(
            Text(
                f"--rua {text!r} is not an address that reports can be sent to, such as dmarc@example.com",
                f"--rua {text!r} はレポートの送付先に使えるアドレスではありません。dmarc@example.com のように指定してください",
            )
        )
    return f"{local}@{domain}"


def _same_account(seen: Survey, before: Plan | None) -> None:
    """Refuse to make a plan anew in another account than it was made in."""
    if before is not None and seen.number and before.account and seen.number != before.account:
        raise UsageError(
            Text(
                f"the plan is for the AWS account {before.account}, and these credentials are of {seen.number}",
                f"この計画はAWSアカウント {before.account} のものですが、認証情報は {seen.number} のものです",
            )
        )


def _tell_kept_mail_from(seen: Survey, language: Language) -> None:
    """Say that a MAIL FROM domain that is set already stays, where another one was asked for."""
    standing = seen.identity.mail_from.domain if isinstance(seen.identity, SesIdentity) else ""
    if standing and seen.aims.mail_from not in ("", standing):
        told = Text(
            f"--mail-from is passed over: {standing} is set already, and stays",
            f"--mail-from は無視されました。{standing} が設定済みのため、変更しません",
        )
        tell(say(told, language))


def _write(plan: Plan, paper: Screen, language: Language) -> None:
    """Write the document. A plan that could not be made is not put in the place of one that was."""
    path = paper.output or "-"
    if plan.unread:
        tell(say(Text(f"{path} was not written", f"{path} には書き込んでいません"), language))
        return
    paper.write(written(plan, __version__).decode())
    if paper.output and plan.ready and plan.steps:
        told = Text(
            f"Written to {path}. To carry it out: todoku apply {path}",
            f"{path} に書き出しました。適用するには: todoku apply {path}",
        )
        tell(say(told, language))
