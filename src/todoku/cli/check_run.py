"""What ``todoku check`` does: read every subject first, look at each, render all, and say by exit code how it went."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal

import msgspec

from todoku.api import Settings, check, check_domain
from todoku.cli.terminal import Screen, parse_day
from todoku.errors import UsageError
from todoku.judge import Report
from todoku.mail.domain_name import ascii_domain
from todoku.mail.envelope import Envelope
from todoku.mail.host_address import host_address
from todoku.mail.message import MAX_MESSAGE
from todoku.net.dns_option import parse_dns_options
from todoku.net.drive import Source
from todoku.report import show
from todoku.report.manner import Format
from todoku.report.words import Language
from todoku.verdict import RECEIVERS, Purpose, Receiver, Text, Verdict, Volume

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_COULD_NOT_CHECK = 0, 1, 2, 3
MOST_READ = 3 * MAX_MESSAGE
"""A file is read up to here: enough to say what it is (UTF-16 doubles a message's size)."""

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
    volume: Volume
    purpose: Purpose | None
    as_of: str | None
    dns: tuple[str, ...]
    lang: Language
    form: Format
    output: Path | None
    record: Path | None
    fail_on: FailOn


def run(subjects: Sequence[str], options: Options) -> int:
    """Judge the subjects and print the report; the exit code says the worst of it. Raises ``UsageError``."""
    names = [*subjects, *(_listed(options.listed) if options.listed else ())]
    if not names:
        raise UsageError(
            Text(
                "nothing to check. Give a saved message or a domain: todoku check message.eml, todoku check example.com",
                "判定する対象が指定されていません。例: todoku check message.eml、todoku check example.com",
            )
        )
    if options.record and len(names) > 1:
        raise UsageError(
            Text(
                "--record keeps one look; give one SUBJECT",
                "--record で記録できる対象は1件です。SUBJECTを1つだけ指定してください",
            )
        )
    settings = _settings(options)
    source = parse_dns_options(options.dns)
    contents = [(name, read_subject(name)) for name in names]
    reports = [_look(name, raw, source, settings) for name, raw in contents]
    screen = Screen(options.output)
    screen.write(
        show.render(reports, options.form, options.lang, colour=screen.colour, width=screen.width, zone=own_time())
    )
    if options.record:
        from todoku.cli.recording import keep  # noqa: PLC0415 -- zip files cost 20 ms at start-up

        keep(options.record, reports[0], settings, contents[0][1] or b"")
    return worst(exit_code(report.verdicts, options.fail_on) for report in reports)


def _look(name: str, raw: bytes | None, source: Source, settings: Settings) -> Report:
    """The report on one subject: a domain where there are no bytes, else a bundle or a message."""
    if raw is None:
        return check_domain(name, resolver=source, settings=settings)
    return look_again(Path(name)) if is_bundle(raw) else check(raw, resolver=source, name=name, settings=settings)


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
        receivers=parse_receivers(options.receivers),
        volume=options.volume,
        purpose=options.purpose,
        selectors=options.selectors,
    )


def is_bundle(raw: bytes) -> bool:
    """Whether the bytes are a zip, which among subjects can only be a bundle."""
    return raw.startswith(b"PK\x03\x04")


def look_again(path: Path) -> Report:
    """The report on a recorded bundle, judged from its own answers."""
    from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

    return recording.look_again(path)[0]


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
    asked = {name.strip().lower() for name in text.split(",") if name.strip()}
    unknown = sorted(asked - {*RECEIVERS})
    if unknown or not asked:
        named = ", ".join(unknown) or repr(text)
        known = ", ".join(RECEIVERS)
        raise UsageError(
            Text(
                f"unknown receiver {named}: choose from {known}",
                f"受信側 {named} は対象外です。{known} から選んでください",
            )
        )
    return tuple(receiver for receiver in RECEIVERS if receiver in asked)


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
    path = Path(name)
    try:
        with path.open("rb") as file:
            return file.read(MOST_READ)
    except FileNotFoundError:
        raise UsageError(_no_such_file(name)) from None
    except IsADirectoryError:
        raise UsageError(
            Text(
                f"{name} is a folder: give a message file",
                f"{name} はフォルダーです。メールのファイルを指定してください",
            )
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(Text(f"cannot read {name!r}: {reason}", f"{name!r} を読めません: {reason}")) from None


def _no_such_file(name: str) -> Text:
    """A missing file; said differently where the name is that of an account, or holds an address."""
    if name.startswith("ses:"):
        return Text(
            f"{name}: this version checks messages and domains, not SES accounts. Give a saved message, or the domain that you send from",
            f"{name}: このバージョンではSESアカウントを判定できません。保存したメールか、送信に使うドメインを指定してください",
        )
    domain = name.rpartition("@")[2]
    if domain != name and is_domain(domain):
        return Text(
            f"there is no file {name}. To check its domain: todoku check {domain}",
            f"{name} というファイルはありません。ドメインを判定する場合: todoku check {domain}",
        )
    return Text(f"there is no file {name}", f"{name} というファイルはありません")


def _listed(path: Path) -> list[str]:
    """The subjects in a file, one a line; empty lines and those that begin with # are passed over."""
    lines = read_file(str(path)).decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def exit_code(verdicts: Sequence[Verdict], fail_on: FailOn) -> int:
    """1 for findings at or above ``fail_on``, 3 where evidence could not be had, else 0. What nothing here can show counts not."""
    if fail_on == "never":
        return EXIT_CLEAN
    bad = {"fail": {"fail"}, "warn": {"fail", "warn"}, "unknown": {"fail", "warn"}}[fail_on]
    blind = any(verdict.missing == "could-not-look" for verdict in verdicts)
    if any(verdict.result in bad for verdict in verdicts) or (blind and fail_on == "unknown"):
        return EXIT_FINDINGS
    return EXIT_COULD_NOT_CHECK if blind else EXIT_CLEAN


def worst(codes: Iterable[int]) -> int:
    """The code that says most: a finding is surer than evidence that could not be had."""
    return max(codes, key=(EXIT_CLEAN, EXIT_COULD_NOT_CHECK, EXIT_FINDINGS).index)
