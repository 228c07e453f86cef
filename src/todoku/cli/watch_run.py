"""What ``todoku watch`` does: round after round it looks, decides in one transaction, and then tells people.

A round has the store's lease. It is due when the last one, whoever made it, is old enough: of two watchers the second stands by.
A look that fails hinders no other, and what could not be looked at stays as it was. A signal of the system ends the step that
is under way, writes down what was seen, and lets the lease go.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS
from todoku.cli.senders import verification_by
from todoku.cli.stop import Stop, stopped_by_signals
from todoku.cli.stored import BUSY, clock, leased, opened, settings
from todoku.cli.terminal import Screen, tell
from todoku.cli.watch_checks.google import ask_google
from todoku.cli.watch_checks.rates import ask_ses
from todoku.cli.watch_checks.reports import take_arrived, take_reports
from todoku.cli.watch_checks.round import Found, Turn
from todoku.cli.watch_checks.rows import ask_rows
from todoku.cli.watch_checks.subjects import check_account, check_domain, roll
from todoku.cli.watch_checks.watched import asked_sources, left, rate_sources
from todoku.cli.watch_letters import Desk
from todoku.intake.source import Source, Waking
from todoku.intake.worker import NoWorker
from todoku.judging.judge import catalogue
from todoku.mail.domain_name import ascii_domain
from todoku.net.aws.ses_subject import is_ses_subject, ses_subject
from todoku.net.dns.option import parse_dns_options
from todoku.net.metrics import Figures, Metrics
from todoku.net.sources.listening import Listener
from todoku.net.sources.named import source_named
from todoku.report.watch_summary import NOBODY, forgotten, outcome, troubles, undelivered
from todoku.report.words import Language, harmless, say
from todoku.settings.config import SECRETS, Config
from todoku.store import outbox, snapshots
from todoku.store.away import Away, LeaseLost
from todoku.store.lease import Lease
from todoku.store.raw import microseconds
from todoku.store.status import status
from todoku.store.store import Store
from todoku.store.tidying import tidy
from todoku.watching import away
from todoku.watching.accept import accepted_ones, marked
from todoku.watching.alarm import Advanced, advance
from todoku.watching.away import Absences
from todoku.watching.signal import Looked, Signal, all_seen
from todoku.words.accept import Accept, expired, unknown_accepted
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

STANDBY_SECONDS = 30
ABSENCES = "absences"  # the name under which it is kept which sources do not answer


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """When the last round began, when Google and CloudWatch last answered, and what could not be looked at."""

    began: datetime
    asked_rates: datetime | None = None
    unseen: tuple[str, ...] = ()


class Watcher:
    """The settings of a watch, opened; each ``turn`` is a round."""

    def __init__(self, config: Config, language: Language, stops: Callable[[], bool]) -> None:
        """``stops``: whether the round that is under way is to end early. Raises ``UsageError`` where a setting cannot be meant so."""
        _check_settings(config)
        self._config = config
        self._language = language
        self._stops = stops
        self._desk = Desk(config.alerts)
        self._dns = parse_dns_options(config.watch.dns or os.environ.get("TODOKU_DNS", "").split())
        self._verification = verification_by(config.ingest, config.watch.dns)
        self._sources = [source_named(name, config.ingest) for name in config.ingest.sources]
        wants_metrics = config.watch.metrics or config.watch.metrics_file
        self.metrics = Metrics() if wants_metrics else None

    def turn(self, store: Store, *, force: bool) -> int | None:
        """The exit code of a round; None where another watcher made one, or is at it. Raises ``Away``, ``NoWorker``."""
        with leased(store) as lease:
            if lease is None:
                return None
            now = clock()
            with store.database.read() as connection:
                before = snapshots.last(connection, snapshots.ROUND, Round)
            if (
                not force
                and before
                and timedelta() <= now - before.began < timedelta(minutes=self._config.watch.minutes)
            ):
                return None
            turn = self._turn(store, lease)
            asks = before is None or before.asked_rates is None or self._are_old(now - before.asked_rates)
            found = self._look(turn, asks=asks)
            asked = now if asks and self._rates_are_had(found) else before.asked_rates if before else None
            this = Round(began=now, asked_rates=asked, unseen=tuple(one.en for one in found.unseen))
            advanced, accepted = self._decide(store, lease, found, this)
            self._tidy(store, lease)
        self._desk.send(store, clock)
        self._tell(store, advanced, found, accepted)
        if self.metrics:
            self._measure(self.metrics, store, advanced, found)
        if found.unseen:
            return EXIT_COULD_NOT if not advanced.alarms else EXIT_FINDINGS
        return EXIT_FINDINGS if advanced.alarms else EXIT_CLEAN

    @property
    def waking(self) -> list[Waking]:
        """The sources that tell when something arrives."""
        return [one for one in self._sources if isinstance(one, Waking)]

    def take(self, store: Store, sources: Sequence[Source]) -> None:
        """Take what has arrived, unless another watcher is at it; the next round judges by it. Raises as ``turn`` does."""
        with leased(store) as lease:
            if lease is not None:
                take_arrived(self._turn(store, lease), sources, Found())

    def send_again(self, store: Store) -> None:
        """Send the letters that an address did not take before and that are due, unless another watcher is at it. Raises ``Away``."""
        if self._desk.due(store, clock()):
            with leased(store) as lease:
                if lease is not None:
                    self._desk.send(store, clock)

    def close(self) -> None:
        """Let the sources go."""
        for source in self._sources:
            source.close()

    def _turn(self, store: Store, lease: Lease) -> Turn:
        with store.database.read() as connection:
            alarms = snapshots.open_alarms(connection)
        return Turn(
            store=store,
            lease=lease,
            config=self._config,
            dns=self._dns,
            verification=self._verification,
            clock=clock,
            alarms=frozenset((alarm.cause, one.which.about) for alarm in alarms for one in alarm.members),
        )

    def _rates_are_had(self, found: Found) -> bool:
        """Whether all who were asked for rates answered; else they are asked again in the next round."""
        silent = {one.source for one in found.tried if one.causes}
        return silent.isdisjoint(rate_sources(self._config))

    def _are_old(self, age: timedelta) -> bool:
        return not timedelta() <= age < timedelta(minutes=self._config.watch.rates_minutes)

    def _look(self, turn: Turn, *, asks: bool) -> Found:
        """Everything, one look after the other; once a signal came, no further one."""
        found = Found()
        whole: list[bool] = []
        steps: list[Callable[[], object]] = [lambda: whole.append(take_reports(turn, self._sources, found))]
        if asks:
            steps.append(lambda: ask_google(turn, found))
        steps += [self._checking(turn, name, found, asks=asks) for name in self._config.watch.subjects]
        steps.append(lambda: ask_rows(turn, whole=whole == [True], found=found))
        for step in steps:
            if self._stops():
                break
            with turn.store.database.write() as connection:
                turn.lease.confirm(connection, microseconds(clock()))
            step()
        return found

    def _checking(self, turn: Turn, name: str, found: Found, *, asks: bool) -> Callable[[], object]:
        def step() -> None:
            if not is_ses_subject(name):
                check_domain(turn, name, found)
                return
            identities = check_account(turn, name, found)
            if asks:
                ask_ses(turn, name, identities, found)

        return step

    def _decide(
        self, store: Store, lease: Lease, found: Found, this: Round
    ) -> tuple[Advanced, tuple[tuple[Signal, Accept], ...]]:
        """What is to be told, in one transaction with everything that it rests on, and what is accepted and is not told.

        Raises ``LeaseLost``, which undoes it.
        """
        now = clock()
        with store.database.write() as connection:
            lease.confirm(connection, microseconds(now))
            alarms = snapshots.open_alarms(connection)
            absences = snapshots.last(connection, ABSENCES, Absences) or Absences()
            asked = away.look_at(found.tried, absences, now)
            seen = all_seen([*found.seen, asked.seen])
            signals = marked(seen.signals, self._config.accept, now.date())
            accounts = [one for one in self._config.watch.subjects if is_ses_subject(one)]
            rolls = [found.rolls.get(one) or roll(connection, one) for one in accounts]
            sources = set(asked_sources(self._config, [one.name for one in self._sources]))
            looked = seen.looked | Looked(left=left(alarms, self._config, sources, rolls))
            advanced = advance(alarms, signals, looked, now)
            snapshots.keep_alarms(connection, advanced.alarms)
            for name, document in found.remembered():
                snapshots.keep(connection, name, document, microseconds(now))
            snapshots.keep(connection, ABSENCES, asked.absences.of(sources), microseconds(now))
            snapshots.keep(connection, snapshots.ROUND, this, microseconds(now))
            outbox.enter(connection, self._desk.posts(advanced.notices, self._language), microseconds(now))
        return advanced, tuple(accepted_ones(signals, self._config.accept, now.date()))

    def _tidy(self, store: Store, lease: Lease) -> None:
        """Forget once a day what is too old. That it cannot be done just now holds up no letter."""
        try:
            done = tidy(store, lease, clock, self._config.store.keep_months, self._stops)
        except Away as away:
            tell(f"todoku: {harmless(say(away.text, self._language))}")
        except LeaseLost:
            return
        else:
            if done is not None and (done.forgotten or done.removed):
                tell(f"todoku: {say(forgotten(done.forgotten, done.removed), self._language)}")

    def _tell(self, store: Store, advanced: Advanced, found: Found, accepted: Iterable[tuple[Signal, Accept]]) -> None:
        ended = expired(self._config.accept, clock().date())
        with store.database.read() as connection:
            waiting = [(one.shown, one.waiting) for one in outbox.waiting(connection) if one.waiting]
        nobody = [say(NOBODY, self._language)] if advanced.notices and self._desk.is_empty else []
        for line in (
            *troubles(found.unseen, ended, self._language),
            *undelivered(waiting, self._language),
            *nobody,
        ):
            tell(f"todoku: {line}")
        Screen().write("".join(f"{line}\n" for line in outcome(advanced, accepted, self._language)))

    def _measure(self, metrics: Metrics, store: Store, advanced: Advanced, found: Found) -> None:
        with store.database.read() as connection:
            waiting = sum(one.waiting for one in outbox.waiting(connection))
        levels = [one.level for one in advanced.alarms]
        figures = Figures(
            status=status(store, clock()),
            ended=clock(),
            alarms={level: levels.count(level) for level in ("warn", "fail")},
            unseen=len(found.unseen),
            waiting=waiting,
        )
        metrics.show(figures)
        if self._config.watch.metrics_file:
            metrics.write(Path(self._config.watch.metrics_file))


def run(
    *, once: bool, config: Path | None, place: str | None, language: Language | None = None, locale: Language = "en"
) -> int:
    """Watch until a signal comes, or make one round; the exit code says how it went. Raises ``UsageError``.

    ``language``: of ``--lang``, before that of the settings; ``locale``: where neither names one.
    """
    read = settings(config, place, secrets=SECRETS)
    spoken: Language = language or read.watch.language or locale
    with ExitStack() as stack:
        stop = stack.enter_context(stopped_by_signals())
        watcher = Watcher(read, spoken, stop.is_set)
        store = stack.enter_context(opened(read, make=True))
        stack.callback(watcher.close)
        if once:
            code = _outliving(lambda: watcher.turn(store, force=True), spoken, once=True)
            if code is None:
                tell(say(BUSY, spoken))
                return EXIT_COULD_NOT
            return code
        if watcher.metrics and read.watch.metrics:
            stack.callback(watcher.metrics.serve(read.watch.metrics).close)
        _keep_watching(watcher, store, stop, spoken)
    return EXIT_CLEAN


def _keep_watching(watcher: Watcher, store: Store, stop: Stop, language: Language) -> None:
    """Round after round; between them whatever arrives is taken at once, and letters are tried again."""
    listener = Listener(watcher.waking)
    while not stop.is_set():
        if _outliving(lambda: watcher.turn(store, force=False), language) is not None:
            listener.again()
        arrived = listener.wait(STANDBY_SECONDS, stop.fileno())
        if arrived:
            _outliving(partial(watcher.take, store, arrived), language)
            listener.again()
        _outliving(partial(watcher.send_again, store), language)


def _outliving(step: Callable[[], int | None], language: Language, *, once: bool = False) -> int | None:
    """A step of watching that outlives whatever is away just now."""
    try:
        return step()
    except LeaseLost:
        return None
    except (Away, NoWorker) as away:
        tell(f"todoku: {harmless(say(away.text, language))}")
        return EXIT_COULD_NOT
    except UsageError as error:  # the file of figures: a disk that was good when watching began
        if once:
            raise
        tell(f"todoku: {harmless(say(error.text, language))}")
        return EXIT_COULD_NOT


def _check_settings(config: Config) -> None:
    """Raises ``UsageError`` where nothing is watched, a subject is none, or a requirement is."""
    if not config.watch.subjects and not config.ingest.sources:
        raise UsageError(
            Text(
                "nothing to watch: name domains and accounts in [watch] subjects, or mailboxes in [ingest] sources",
                "監視する対象がありません。[watch] subjects にドメインやアカウントを、または [ingest] sources に取得元を指定してください",
            )
        )
    for subject in config.watch.subjects:
        if is_ses_subject(subject):
            ses_subject(subject)
        elif ascii_domain(subject) is None or "." not in subject:
            raise UsageError(
                Text(
                    f"[watch] subjects: {subject!r} is neither a domain nor an SES account",
                    f"[watch] subjects: {subject!r} はドメインでもSESアカウントでもありません",
                )
            )
    known = {one.id for one in catalogue()}
    for accept in config.accept:
        if accept.requirement not in known:
            raise UsageError(unknown_accepted(accept.requirement))
