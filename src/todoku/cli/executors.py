"""What ``todoku apply`` and ``todoku undo`` share: who does what they are to do, how it is stopped, what came of it."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic

import msgspec

from todoku.apply.execution import UNKNOWN, Clock, Hands, Outcome
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, EXIT_INTERRUPTED
from todoku.cli.narrator import Narrator
from todoku.cli.stop import asked_by_signals
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import Source
from todoku.net.writers.by_hand import ByHand, stands
from todoku.net.writers.dns_writer import DnsWriter
from todoku.net.writers.ses_writer import SesWriter
from todoku.net.writers.writer_option import HAND, RFC2136, ROUTE53, writer_for
from todoku.net.writers.writer_per_name import WriterPerName
from todoku.plan.step import Plan
from todoku.report.words import Language
from todoku.words.errors import UsageError
from todoku.words.verdict import Text


class CarryOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options that both commands have, as click gives them."""

    yes: bool
    via: str | None
    tsig: Path | None
    timeout: float
    dns: tuple[str, ...]
    lang: Language


@contextmanager
def stoppable() -> Iterator[Event]:
    """An event that is set by Ctrl-C and SIGTERM, so that the call that is under way ends first. A second Ctrl-C ends at once."""
    stopped = Event()

    def stop() -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    with asked_by_signals(stop):
        yield stopped


def hands_for(plan: Plan, options: CarryOptions, source: Source, narrator: Narrator, stopped: Event) -> Hands:
    """Who carries a plan out, by the options. Raises ``UsageError`` where these name no way to write DNS."""
    clock = Clock(now=lambda: datetime.now(UTC), elapsed=monotonic, sleep=stopped.wait, stopped=stopped.is_set)
    return Hands(
        ses=SesWriter(plan.profile, plan.region),
        dns=dns_writer(plan, options, source),
        stands=lambda change: stands(change, parse_dns_options(options.dns)),  # a new resolver remembers nothing
        clock=clock,
        tell=narrator,
    )


def dns_writer(plan: Plan, options: CarryOptions, source: Source) -> DnsWriter:
    """Who writes DNS, by the options; nobody is asked yet. Raises ``UsageError`` where these name no way."""
    if options.via is None and options.tsig is None:
        return WriterPerName(writer_for(ROUTE53, source=source, profile=plan.profile), ByHand(source))
    return writer_for(options.via or ROUTE53, source=source, tsig=options.tsig, profile=plan.profile)


def told_how(via: str | None) -> Text:
    """How DNS is written, for people."""
    if via is None:
        return Text(
            "by Route 53 where a hosted zone of the account holds the name, else by hand: todoku says what to enter, and looks",
            "アカウントのホストゾーンに含まれる名前はRoute 53に書き込みます。それ以外は、表示される内容を手作業で登録してください",
        )
    if via == HAND:
        return Text("by hand: todoku says what to enter, and looks", "手作業で登録し、todokuが確認します")
    if via.startswith(RFC2136):
        server = via.removeprefix(RFC2136)
        return Text(f"by signed updates to {server} (RFC 2136)", f"{server} に署名付きの更新を送ります(RFC 2136)")
    return Text(f"by Route 53 ({via})", f"Route 53に書き込みます({via})")


def tell_by_hand(dns: DnsWriter, narrator: Narrator) -> None:
    """Say why records that could have been written are to be entered by hand."""
    passed_over: Mapping[str, Text] = dns.passed_over if isinstance(dns, WriterPerName) else {}
    for text in dict.fromkeys(passed_over.values()):
        narrator.say(Text(f"Not by Route 53: {text.en}.", f"Route 53には書き込みません: {text.ja}。"))


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """130 where somebody stopped it, 1 where something stands against it, 3 where something could not be had yet, else 0."""
    statuses = {outcome.status for outcome in outcomes}
    if "stopped" in statuses:
        return EXIT_INTERRUPTED
    if statuses & {"conflict", "refused"}:
        return EXIT_FINDINGS
    if statuses & UNKNOWN:
        return EXIT_COULD_NOT
    return EXIT_CLEAN


def known_steps(plan: Plan, only: Iterable[str]) -> None:
    """Raises ``UsageError`` where a step is named that the plan does not have."""
    known = [step.id for step in plan.steps]
    for name in only:
        if name not in known:
            raise UsageError(
                Text(
                    f"--only {name!r}: the plan has no such step. It has {', '.join(known)}",
                    f"--only {name!r}: このIDのステップは計画にありません。指定できるのは {'、'.join(known)} です",
                )
            )
