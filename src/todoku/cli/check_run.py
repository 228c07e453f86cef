"""What ``todoku check`` does: see that every subject is there, look at each, render all, and say by exit code how it went.

Of messages that were looked at what their reports show is held, and not their bodies. One subject is looked at here, several
by ``many_run.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from pathlib import Path
from stat import S_ISDIR
from typing import Literal

import msgspec

from todoku.api import Settings, check
from todoku.auth.ask import Reply
from todoku.cli.lone_results import lone_results, show_lone_results
from todoku.cli.terminal import Screen, parse_day
from todoku.judging.account_report import AccountReport
from todoku.judging.judge import Report, catalogue
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.host_address import host_address
from todoku.mail.message import MAX_MESSAGE
from todoku.net.aws.ses_subject import is_ses_subject
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import Source
from todoku.report import show
from todoku.report.render_options import Format, Manner
from todoku.report.results_explained import Explained
from todoku.report.words import Language
from todoku.settings.config import Config, read_config
from todoku.words.accept import Accept, unknown_accepted
from todoku.words.errors import UsageError
from todoku.words.receivers import FACTS, GROUPS
from todoku.words.verdict import Missing, Purpose, Receiver, Text, Verdict

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_COULD_NOT_CHECK = 0, 1, 2, 3
MOST_READ = 3 * MAX_MESSAGE
"""A file is read up to here: enough to say what it is (UTF-16 doubles a message's size)."""
MAX_LIST = 4 * 2**20  # octets of a file of subjects
MAX_NAME = 4_096  # characters of one subject: no system has longer names of files

FILES = (".eml", ".msg", ".mbox", ".txt", ".htm", ".html", ".json", ".zip", ".zone")
"""How the names of files end that people give: a missing one is not taken for a domain."""

FailOn = Literal["fail", "warn", "unknown", "never"]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command, as click gives them."""

    listed: Path | None
    ip: str | None
    helo: str | None
    mail_from: str | None
    trust: str | None
    selectors: tuple[str, ...]
    receivers: str
    volume: Literal["bulk", "small"] | None
    purpose: Purpose | None
    as_of: str | None
    dns: tuple[str, ...]
    lang: Language
    form: Format
    output: Path | None
    record: Path | None
    fail_on: FailOn
    identities: tuple[str, ...]
    tags: tuple[str, ...]
    tenant: str | None
    all_regions: bool
    resume: Path | None
    workers: int | None
    config: Path | None
    place: str | None
    details: tuple[str, ...] = ()
    stored: Config | None = None  # of the store that is asked, where there is one


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """The reports on one subject: one, or of an account one for each region. ``blind``: there may be regions beyond these."""

    reports: tuple[Report | AccountReport, ...]
    blind: bool = False


def run(subjects: Sequence[str], options: Options) -> int:
    """Judge the subjects and print the report; the exit code says the worst of it. Raises ``UsageError``."""
    names = [*subjects, *(_listed(options.listed) if options.listed else ())]
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
        _check_there(name)
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
    return EXIT_FINDINGS if explained.failed or fail_on == "unknown" else EXIT_COULD_NOT_CHECK


def _with_store(options: Options, names: Sequence[str]) -> Options:
    """The options with the store that is asked: where something else than messages is looked at, and there is one."""
    if options.place is None and not any(is_ses_subject(name) or is_domain(name) for name in names):
        return options
    from todoku.cli.facts import named_store  # noqa: PLC0415 -- only where there may be a store

    return msgspec.structs.replace(options, stored=named_store(options.config, options.place))


def _look(name: str, raw: bytes | None, source: Source, settings: Settings, stored: Config | None) -> Looked:
    """The report on one subject: a domain where there are no bytes, else a bundle or a message."""
    if raw is None:
        from todoku.cli.facts import look_at_domain  # noqa: PLC0415 -- as above

        return Looked(reports=(look_at_domain(name, source, settings, stored),))
    if is_bundle(raw):
        from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

        return Looked(reports=recording.look_again(Path(name)).reports)
    return Looked(reports=(check(raw, resolver=source, name=name, settings=settings),))


def _look_at_several(names: Sequence[str], settings: Settings, options: Options) -> Iterable[Looked]:
    """The reports on domains and files, which are looked at side by side."""
    if not names:
        return ()
    from todoku.cli import many_run  # noqa: PLC0415 -- as above

    return many_run.look(names, options.dns, settings, options.workers, _as_it_is, stored=options.stored)


def _as_it_is(look: Looked, _: int) -> Looked:
    return without_bodies(look)


def without_bodies(look: Looked) -> Looked:
    """The look without octets that no report shows, so that a long list of large messages fits into memory."""
    reports = [_without_body(report) if isinstance(report, Report) else report for report in look.reports]
    return msgspec.structs.replace(look, reports=tuple(reports))


def _without_body(report: Report) -> Report:
    message = report.evidence.message
    if isinstance(message, Missing):
        return report
    header = msgspec.structs.replace(message, raw=message.raw[: message.body_start])
    return msgspec.structs.replace(report, evidence=msgspec.structs.replace(report.evidence, message=header))


def _look_at_accounts(
    names: Sequence[str], source: Source, settings: Settings, options: Options, width: int
) -> dict[str, Looked]:
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
    return {name: Looked(reports=reports, blind=blind) for name, (reports, blind) in found.items()}


def _refuse_lone_filters(options: Options, accounts: Sequence[str]) -> None:
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


def _keep(path: Path, look: Looked, settings: Settings, raw: bytes | None) -> None:
    """Write the bundle of the look."""
    from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

    accounts = [report for report in look.reports if isinstance(report, AccountReport)]
    if accounts:
        recording.keep_accounts(path, accounts, settings)
    for report in look.reports:
        if isinstance(report, Report):
            recording.keep(path, report, settings, raw or b"")


def _settings(options: Options) -> Settings:
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


def is_bundle(raw: bytes) -> bool:
    """Whether the bytes are a zip, which among subjects can only be a bundle."""
    return raw.startswith(b"PK\x03\x04")


def own_time() -> tzinfo | None:
    """The reader's own time zone."""
    return datetime.now(UTC).astimezone().tzinfo


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


def read_subject(name: str) -> bytes | None:
    """The bytes of a file, or of standard input for ``-``; None for a domain. Raises ``UsageError`` with one clear line."""
    return None if is_domain(name) else read_file(name)


def is_domain(name: str) -> bool:
    """Whether it is the name of a domain, and not of a file that is there or that a message would have."""
    if "." not in name or "/" in name or name.lower().endswith(FILES) or ascii_domain(name) is None:
        return False
    return not Path(name).exists()


def read_file(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises ``UsageError`` with one clear line."""
    if name == "-":
        return b"" if sys.stdin is None else sys.stdin.buffer.read(MOST_READ)
    try:
        with Path(name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size  # as much memory is taken as may be read
            return file.read(min(MOST_READ, size + 1) if size else MOST_READ)
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(name, error)) from None


def _check_there(name: str) -> None:
    """Raises ``UsageError`` for a file that is not there, before others are looked at."""
    if name == "-" or is_domain(name):
        return
    try:
        if S_ISDIR(Path(name).stat().st_mode):
            raise UsageError(unreadable(name, IsADirectoryError()))
    except (OSError, ValueError) as error:
        raise UsageError(unreadable(name, error)) from None


def unreadable(name: str, error: OSError | ValueError) -> Text:
    """Why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return _no_such_file(name)
    if isinstance(error, IsADirectoryError):
        return Text(
            f"{name} is a folder: give a message file",
            f"{name} はフォルダーです。メールのファイルを指定してください",
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Text(f"cannot read {name!r}: {reason}", f"{name!r} を読めません: {reason}")


def _no_such_file(name: str) -> Text:
    """A missing file; said differently where the name is an address, or nearly an SES account."""
    domain = name.rpartition("@")[2]
    if domain != name and is_domain(domain):
        return Text(
            f"there is no file {name}. To check its domain: todoku check {domain}",
            f"{name} というファイルはありません。ドメインを判定する場合: todoku check {domain}",
        )
    if get_close_matches(name.partition(":")[0].lower(), ["ses"]):
        return Text(
            f"there is no file {name}. To check an SES account: todoku check ses:ap-northeast-1",
            f"{name} というファイルはありません。SESアカウントを判定する場合: todoku check ses:ap-northeast-1",
        )
    return Text(f"there is no file {name}", f"{name} というファイルはありません")


def _listed(path: Path) -> list[str]:
    """The subjects in a file, one a line; empty lines and those that begin with # are passed over."""
    octets = read_file(str(path))
    lines = [line.strip() for line in octets[:MAX_LIST].decode("utf-8", "replace").splitlines()]
    if len(octets) > MAX_LIST or any(len(line) > MAX_NAME for line in lines):
        raise UsageError(
            Text(
                f"{path} is no list of subjects: it has more than {MAX_LIST:,} bytes, or a line of more than {MAX_NAME:,} characters",
                f"{path} はSUBJECTの一覧ではありません({MAX_LIST:,}バイト、または1行{MAX_NAME:,}文字の上限を超えています)",
            )
        )
    return [line for line in lines if line and not line.startswith("#")]


def exit_code(verdicts: Sequence[Verdict], fail_on: FailOn) -> int:
    """1 for findings at or above ``fail_on``, 3 where evidence could not be had, else 0. What nothing here can show counts not."""
    if fail_on == "never":
        return EXIT_CLEAN
    bad = {"fail": {"fail"}, "warn": {"fail", "warn"}, "unknown": {"fail", "warn"}}[fail_on]
    blind = any(verdict.missing == "could-not-look" for verdict in verdicts)
    if any(verdict.result in bad and not verdict.accepted for verdict in verdicts) or (blind and fail_on == "unknown"):
        return EXIT_FINDINGS
    return EXIT_COULD_NOT_CHECK if blind else EXIT_CLEAN


def code_of(look: Looked, fail_on: FailOn) -> int:
    """The exit code of a look at one subject. Of an account nothing was checked where there was no identity to be seen."""
    judged = [report for report in look.reports if isinstance(report, Report) or report.identities]
    codes = [exit_code(report.verdicts, fail_on) for report in judged]
    accounts = (report for report in look.reports if isinstance(report, AccountReport))
    unread = any(isinstance(account.reading.listed, Reply) for account in accounts)
    if look.blind or unread or not codes:
        codes.append({"never": EXIT_CLEAN, "unknown": EXIT_FINDINGS}.get(fail_on, EXIT_COULD_NOT_CHECK))
    return worst(codes)


def worst(codes: Iterable[int]) -> int:
    """The code that says most: a finding is surer than evidence that could not be had."""
    return max(codes, key=(EXIT_CLEAN, EXIT_COULD_NOT_CHECK, EXIT_FINDINGS).index)
