"""What ``todoku check`` does: see that every subject is there, look at each, render all, and say by exit code how it went.

Of messages that were looked at what their reports show is held, and not their bodies. One subject is looked at here, several
by ``many_run.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from todoku.api import Settings, check
from todoku.cli.check_options import CheckOptions
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, FailOn, worst
from todoku.cli.lone_results import lone_results, show_lone_results
from todoku.cli.subject_reports import SubjectReports, code_of, without_bodies
from todoku.cli.subjects import check_there, is_bundle, is_domain, listed_subjects, read_subject
from todoku.cli.terminal import Screen, own_time, parse_day
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report, catalogue
from todoku.mail.envelope import Envelope
from todoku.mail.host_address import host_address
from todoku.net.aws.ses_subject import is_ses_subject
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import Source
from todoku.receivers import FACTS, GROUPS
from todoku.report import show
from todoku.report.render_options import Manner
from todoku.report.results_explained import Explained
from todoku.settings.config import Config, read_config
from todoku.words.accept import Accept, unknown_accepted
from todoku.words.errors import UsageError
from todoku.words.verdict import Receiver, Text


def run(subjects: Sequence[str], options: CheckOptions) -> int:
    """Judge the subjects and print the report; the exit code says the worst of it. Raises ``UsageError``."""
    names = [*subjects, *(listed_subjects(options.listed) if options.listed else ())]
    if not names:
        raise UsageError(
            Text(
                "nothing to check. Give a saved message, a domain or an SES account: todoku check message.eml, todoku check example.com, "
                "todoku check ses:ap-northeast-1",
                "判定する対象が指定されていません。例: todoku check message.eml、todoku check example.com、todoku check ses:ap-northeast-1",
            )
        )
    if options.record and len(names) > 1:
        raise UsageError(
            Text(
                "--record keeps one look; give one SUBJECT",
                "--record で記録できる対象は1件です。SUBJECTを1つだけ指定してください",
            )
        )
    accounts = [name for name in names if is_ses_subject(name)]
    _refuse_lone_filters(options, accounts)
    options = _with_store(options, names)
    settings = _settings(options)
    source = parse_dns_options(options.dns)
    files = [name for name in dict.fromkeys(names) if name not in accounts]
    for name in files:
        check_there(name)
    screen = Screen(options.output)
    manner = Manner(language=options.lang, colour=screen.colour, width=screen.width, zone=own_time())
    if len(files) == len(names) > 1 and "-" not in files:
        from todoku.cli import many_run  # noqa: PLC0415 -- an event loop and processes, which one subject does without

        return many_run.show_several(files, settings, options, screen, manner)
    by_name = _look_at_accounts(accounts, source, settings, options, screen.width) if accounts else {}
    raw: bytes | None = None
    alone = files if len(files) == 1 else [name for name in files if name == "-"]  # standard input is this process's
    for name in alone:
        raw = read_subject(name)
        if raw is not None and len(names) == 1 and (fields := lone_results(raw)):
            return _code_of_results(show_lone_results(fields, screen, options.lang, options.form), options.fail_on)
        by_name[name] = without_bodies(_look(name, raw, source, settings, options.stored))
    several = [name for name in files if name not in by_name]
    by_name.update(zip(several, _look_at_several(several, settings, options), strict=True))
    looks = [by_name[name] for name in names]
    screen.write(show.pieces([report for look in looks for report in look.reports], options.form, manner), options.form)
    if options.record:
        _keep(options.record, looks[0], settings, raw)
    return worst(code_of(look, options.fail_on) for look in looks)


def _code_of_results(explained: Explained, fail_on: FailOn) -> int:
    """The exit code of results without their message."""
    if fail_on == "never" or not (explained.failed or explained.undecided):
        return EXIT_CLEAN
    return EXIT_FINDINGS if explained.failed or fail_on == "unknown" else EXIT_COULD_NOT


def _with_store(options: CheckOptions, names: Sequence[str]) -> CheckOptions:
    """The options with the store that is asked: where something else than messages is looked at, and there is one."""
    if options.place is None and not any(is_ses_subject(name) or is_domain(name) for name in names):
        return options
    from todoku.cli.facts import named_store  # noqa: PLC0415 -- only where there may be a store

    return msgspec.structs.replace(options, stored=named_store(options.config, options.place))


def _look(name: str, raw: bytes | None, source: Source, settings: Settings, stored: Config | None) -> SubjectReports:
    """The report on one subject: a domain where there are no bytes, else a bundle or a message."""
    if raw is None:
        from todoku.cli.facts import look_at_domain  # noqa: PLC0415 -- as above

        return SubjectReports(reports=(look_at_domain(name, source, settings, stored),))
    if is_bundle(raw):
        from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

        return SubjectReports(reports=recording.look_again(Path(name)).reports)
    return SubjectReports(reports=(check(raw, resolver=source, name=name, settings=settings),))


def _look_at_several(names: Sequence[str], settings: Settings, options: CheckOptions) -> Iterable[SubjectReports]:
    """The reports on domains and files, which are looked at side by side."""
    if not names:
        return ()
    from todoku.cli import many_run  # noqa: PLC0415 -- as above

    return many_run.look(names, options.dns, settings, options.workers, _as_it_is, stored=options.stored)


def _as_it_is(look: SubjectReports, _: int) -> SubjectReports:
    return without_bodies(look)


def _look_at_accounts(
    names: Sequence[str], source: Source, settings: Settings, options: CheckOptions, width: int
) -> dict[str, SubjectReports]:
    """The reports on SES accounts, which are read together."""
    from todoku.cli import account_run  # noqa: PLC0415 -- threads and the rest, only where an account is asked for

    filters = account_run.Filters(
        identities=options.identities,
        tags=options.tags,
        tenant=options.tenant,
        all_regions=options.all_regions,
        resume=options.resume,
        stored=options.stored,
    )
    found = account_run.look(names, source, settings, filters, options.lang, width)
    return {name: SubjectReports(reports=reports, blind=blind) for name, (reports, blind) in found.items()}


def _refuse_lone_filters(options: CheckOptions, accounts: Sequence[str]) -> None:
    """Raises ``UsageError`` where something is said of an account and none is named."""
    given = {
        "--identity": options.identities,
        "--tag": options.tags,
        "--tenant": options.tenant,
        "--all-regions": options.all_regions,
        "--resume": options.resume,
    }
    lone = next((name for name, value in given.items() if value), None)
    if lone is not None and not accounts:
        raise UsageError(
            Text(
                f"{lone} is about an SES account: name one, e.g. todoku check ses:ap-northeast-1 {lone} ...",
                f"{lone} はSESアカウントの判定で使うオプションです。例: todoku check ses:ap-northeast-1 {lone} ...",
            )
        )


def _keep(path: Path, look: SubjectReports, settings: Settings, raw: bytes | None) -> None:
    """Write the bundle of the look."""
    from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

    accounts = [report for report in look.reports if isinstance(report, AccountReport)]
    if accounts:
        recording.keep_accounts(path, accounts, settings)
    for report in look.reports:
        if isinstance(report, Report):
            recording.keep(path, report, settings, raw or b"")


def _settings(options: CheckOptions) -> Settings:
    """The options as settings of a look, each refused in one line where it makes no sense."""
    envelope = None
    if options.ip is not None or options.helo is not None or options.mail_from is not None:
        envelope = Envelope(
            ip=None if options.ip is None else parse_address(options.ip),
            helo=options.helo,
            mail_from=None if options.mail_from is None else options.mail_from.strip("<>"),
            source="options",
        )
    return Settings(
        envelope=envelope,
        trust=options.trust,
        now=datetime.now(UTC),
        as_of=parse_day(options.as_of) if options.as_of else None,
        receivers=parse_receivers(options.receivers) if options.receivers else None,
        volume=options.volume,
        purpose=options.purpose,
        selectors=options.selectors,
        stored=options.stored is not None,
        accepts=_accepts(options.config),
    )


def _accepts(config: Path | None) -> tuple[Accept, ...]:
    """What the settings accept, where there are any. Raises ``UsageError``, also for a requirement that there is none of."""
    accepts = read_config(config, secrets=()).accept
    known = [one.id for one in catalogue()] if accepts else []
    for one in accepts:
        if one.requirement not in known:
            raise UsageError(unknown_accepted(one.requirement))
    return accepts


def parse_address(text: str) -> str:
    """An IP address in its canonical form. Raises ``UsageError``."""
    address = host_address(text)
    if address is not None and "%" not in text:
        return str(address)
    if address is None:
        told = Text(f"--ip {text!r} is not an IP address", f"--ip {text!r} はIPアドレスではありません")
    else:
        told = Text(
            f"--ip {text!r} has a zone, which only its own machine knows: give the address that the receiver saw",
            f"--ip {text!r} のゾーン(%以降)はそのマシンでのみ有効です。受信側から見えるIPアドレスを指定してください",
        )
    raise UsageError(told)


def parse_receivers(text: str) -> tuple[Receiver, ...]:
    """Receivers from a list with commas, in our order. Raises ``UsageError``."""
    named_receivers = [name.strip().lower() for name in text.split(",") if name.strip()]
    asked = {receiver for name in named_receivers for receiver in GROUPS.get(name, (name,))}
    unknown = sorted(asked - {*FACTS})
    if unknown or not asked:
        named = ", ".join(unknown) or repr(text)
        known = ", ".join((*FACTS, *GROUPS))
        raise UsageError(
            Text(
                f"unknown receiver {named}: choose from {known}",
                f"受信側 {named} は対象外です。{known} から選んでください",
            )
        )
    return tuple(receiver for receiver in FACTS if receiver in asked)
