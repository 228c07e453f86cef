"""What ``todoku apply`` and ``todoku undo`` share: opening SES and DNS, telling how it goes, stopping."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType

import msgspec

from todoku.cli.check_run import (
    EXIT_CLEAN,
    EXIT_COULD_NOT_CHECK,
    EXIT_FINDINGS,
    own_time,
)
from todoku.cli.terminal import Screen, tell
from todoku.errors import UsageError
from todoku.net.carry.carrying import Clock, Hands, Outcome, Waiting
from todoku.net.dns.option import parse_dns_options
from todoku.net.drive import Source
from todoku.net.writers.by_hand import ByHand, stands
from todoku.net.writers.dns_writer import DnsWriter
from todoku.net.writers.either import Either
from todoku.net.writers.ses_writer import SesWriter
from todoku.net.writers.writer_option import writer_for
from todoku.plan.step import Plan
from todoku.report.carried import line, waited
from todoku.report.manner import Manner
from todoku.report.plan.words import title
from todoku.report.words import Language, harmless, say
from todoku.verdict import Text

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as the shell has it
QUIET = 600.0  # seconds between two lines about what is waited for, where there is no terminal
ROUTE53 = "route53"


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """The options that both commands have, as click gives them."""

    yes: bool
    via: str | None
    tsig: Path | None
    timeout: float
    dns: tuple[str, ...]
    lang: Language


def manner_of(screen: Screen, language: Language) -> Manner:
    """How to show things on this screen."""
    return Manner(language=language, colour=screen.colour, width=screen.width, zone=own_time())


class Narrator:
    """Tells how it goes: each step on standard output, what is waited for on standard error."""

    def __init__(self, plan: Plan, language: Language, *, back: bool = False) -> None:
        """The steps are numbered as in the plan. ``back``: they are taken back."""
        self._back = back
        self._screen = Screen()
        self._manner = manner_of(self._screen, language)
        self._steps = {step.id: step for step in plan.steps}
        self._numbers = {step.id: number for number, step in enumerate(plan.steps, 1)}
        self._on_terminal = sys.stderr is not None and sys.stderr.isatty()
        self._told_at = -QUIET
        self._is_open = False  # a line on the terminal that is written over

    def __call__(self, said: Outcome | Waiting) -> None:
        """Tell it."""
        if isinstance(said, Waiting):
            self._waiting(said)
        else:
            self._close()
            self._screen.write(self.line(said))

    def line(self, outcome: Outcome) -> str:
        """What came of a step, in a line or more."""
        step = self._steps.get(outcome.step)
        place = f"{self._numbers[outcome.step]:>3}/{len(self._numbers)}" if step else ""
        named = title(step) if step else Text(outcome.step, outcome.step)
        return line(place, outcome.status, named, outcome.detail, self._manner, back=self._back)

    def say(self, text: Text) -> None:
        """A sentence on standard output."""
        self._close()
        lines = say(text, self._manner.language).split("\n")
        self._screen.write("".join(f"{harmless(line)}\n" for line in lines))

    def _waiting(self, said: Waiting) -> None:
        left = Text(
            "; ".join(f"{one.step}: {one.detail.en}" for one in said.outcomes),
            "、".join(f"{one.step}: {one.detail.ja}" for one in said.outcomes),
        )
        text = waited(said.elapsed, left, self._manner)
        if self._on_terminal:
            from todoku.report.columns import cut  # noqa: PLC0415 -- rich, where there is a terminal

            self._draw(cut(text, self._manner.width - 1))
        elif said.elapsed - self._told_at >= QUIET:
            self._told_at = said.elapsed
            tell(text)

    def _close(self) -> None:
        if self._is_open:
            self._draw("")

    def _draw(self, text: str) -> None:
        """Write over the line on the terminal; one that has gone stops nothing."""
        with suppress(OSError):
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        self._is_open = bool(text)


@contextmanager
def stoppable() -> Iterator[Event]:
    """An event that is set by Ctrl-C and SIGTERM, so that the call that is under way ends first. A second Ctrl-C ends at once."""
    stopped = Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hands_for(plan: Plan, ways: Ways, source: Source, narrator: Narrator, stopped: Event) -> Hands:
    """Who carries a plan out, by the options. Raises ``UsageError`` where these name no way to write DNS."""
    clock = Clock(now=lambda: datetime.now(UTC), elapsed=monotonic, sleep=stopped.wait, stopped=stopped.is_set)
    return Hands(
        ses=SesWriter(plan.profile, plan.region),
        dns=_writer(plan, ways, source),
        stands=lambda change: stands(change, parse_dns_options(ways.dns)),  # a new resolver remembers nothing
        clock=clock,
        tell=narrator,
    )


def _writer(plan: Plan, ways: Ways, source: Source) -> DnsWriter:
    if ways.via is None and ways.tsig is None:
        return Either(_route53(plan, "", source), ByHand(source))
    via = ways.via or ROUTE53
    name, _, zone_id = via.partition(":")
    if name == ROUTE53 and plan.profile and ways.tsig is None:
        return _route53(plan, zone_id, source)
    return writer_for(via, source=source, tsig=ways.tsig)


def _route53(plan: Plan, zone_id: str, source: Source) -> DnsWriter:
    """Route 53 with the plan's own credentials."""
    from todoku.net.aws.session import Accounts  # noqa: PLC0415 -- boto3, for those only who write there
    from todoku.net.writers.route53 import Route53Writer  # noqa: PLC0415 -- as above
    from todoku.net.writers.route53_api import route53_client  # noqa: PLC0415 -- as above

    client = Accounts().client("route53", plan.profile, "") if plan.profile else route53_client()
    return Route53Writer(client, source, zone_id=zone_id.removeprefix("/hostedzone/"))


def tell_by_hand(dns: DnsWriter, narrator: Narrator) -> None:
    """Say why records that could have been written are to be entered by hand."""
    passed_over: Mapping[str, Text] = dns.passed_over if isinstance(dns, Either) else {}
    for text in dict.fromkeys(passed_over.values()):
        narrator.say(Text(f"Not by Route 53: {text.en}.", f"Route 53には書き込みません: {text.ja}。"))


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """130 where somebody stopped it, 1 where something stands against it, 3 where something could not be had yet, else 0."""
    statuses = {outcome.status for outcome in outcomes}
    if "stopped" in statuses:
        return EXIT_INTERRUPTED
    if statuses & {"conflict", "refused"}:
        return EXIT_FINDINGS
    if statuses & {"denied", "throttled", "unreachable", "waiting"}:
        return EXIT_COULD_NOT_CHECK
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
