"""What carrying a plan out and taking it back have in common: the hands that do it, what comes of a step, and waiting.

What DNS or AWS says against a step is an ``Outcome``, never an exception. Time is given, so that a test needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec

from todoku.apply.journal import Journal, Line, State, begun
from todoku.auth.ask import Reply, ReplyStatus
from todoku.auth.suffixes import Suffixes
from todoku.net.aws.errors import Failure
from todoku.net.writers.dns_writer import DnsWriter, Refusal, Written
from todoku.net.writers.ses_writer import SesWriter
from todoku.plan.step import Plan, Step
from todoku.words.change import RecordSetChange, SesCall
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

FIRST_PAUSE, LONGEST_PAUSE, SLOWER = 2.0, 60.0, 1.5  # seconds between two looks, and how these grow
TRIES = 5  # of a record set that the authority is too busy for

Ended = Literal["done", "unchanged", "told", "left"]
Status = Literal[Ended, "waiting", "stopped", "conflict", "refused", "denied", "throttled", "unreachable"]
"""``told``: it is for a person to do. ``left``: it stays as it is, and why. ``waiting``: it is not there yet. ``stopped``:
somebody stopped the program. ``conflict`` and ``refused`` need a decision; the last three may do another time."""

UNKNOWN = frozenset({"denied", "throttled", "unreachable", "waiting"})
"""What stands is not known, or not yet there: nothing is wrong for certain."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of a step; ``step`` is its id, or "" for what concerns all of them."""

    step: str
    status: Status
    detail: Text = Text("", "")

    @property
    def failed(self) -> bool:
        """Whether the plan stops at it."""
        return not self.ended and self.status != "waiting"

    @property
    def ended(self) -> bool:
        """Whether nothing is left to do of it."""
        return self.status in get_args(Ended)


class Waiting(msgspec.Struct, frozen=True):
    """What is waited for, and for how many seconds up to now."""

    outcomes: tuple[Outcome, ...]
    elapsed: float


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """The time: ``now`` is aware, ``elapsed`` are seconds that only grow; ``sleep`` ends early once ``stopped``."""

    now: Callable[[], datetime]
    elapsed: Callable[[], float]
    sleep: Callable[[float], object]
    stopped: Callable[[], bool] = lambda: False

    def stamp(self) -> str:
        """The time for the journal."""
        return self.now().astimezone(UTC).isoformat(timespec="seconds")


class Hands(msgspec.Struct, frozen=True, kw_only=True):
    """Who does what a plan says. ``stands`` tells whether a change that a person makes can be seen; None: nobody can look."""

    ses: SesWriter
    dns: DnsWriter
    stands: Callable[[RecordSetChange], bool | None]
    clock: Clock
    tell: Callable[[Outcome | Waiting], object] = lambda _said: None


class Desk:
    """What lies before whoever carries a plan out or takes it back: the plan, the hands, the journal.

    ``replies`` are what SES said of what a step made, by the step's number; ``changes`` are those that a person is to make,
    by the step's id; ``settling`` are the changes of which not every name server has heard yet.
    """

    def __init__(self, plan: Plan, hands: Hands, journal: Journal) -> None:
        """``journal`` has its first line already."""
        self.plan, self.hands, self.journal = plan, hands, journal
        self.replies: dict[int, Mapping[str, Any]] = {}
        self.changes: dict[str, RecordSetChange] = {}
        self.settling: list[str] = []

    def note(self, step: str, state: State) -> None:
        """Write down what comes of a step that was begun."""
        self.journal.append(Line(step=step, state=state, at=self.hands.clock.stamp()))

    def begin(self, step: Step, what: RecordSetChange | SesCall) -> None:
        """Write down what is done next."""
        self.journal.append(begun(step, what, self.hands.clock.stamp()))

    def is_open(self, step: Step) -> bool:
        """Whether the step was begun and it is not known what came of it; or a person was told, and has not been seen to do it."""
        entry = self.journal.entry(step.id)
        return entry is not None and entry.state in ("doing", "told")

    def told(self, outcome: Outcome) -> Outcome:
        """The outcome, once whoever watches has heard of it."""
        self.hands.tell(outcome)
        return outcome


Look = Callable[[], Outcome]


def look_again(hands: Hands, waiting: dict[str, Look], patience: Patience) -> list[Outcome]:
    """One more look at all that is waited for: what has come, or never will, is told and no longer waited for."""
    seen = {name: look() for name, look in waiting.items()}
    over = [outcome for outcome in seen.values() if outcome.status != "waiting"]
    for outcome in over:
        del waiting[outcome.step]
        hands.tell(outcome)
    if over:
        patience.hurry()
    if waiting:
        hands.tell(Waiting(tuple(seen[name] for name in waiting), patience.elapsed))
    return list(seen.values())


def hindrance(plan: Plan, hands: Hands, suffixes: Suffixes, names: Iterable[str]) -> Outcome | None:
    """What keeps the plan from being carried out at all, or None.

    ``names`` are those at which records are to be written. Raises ``UsageError`` where one is not the user's own, and where
    the plan is another account's.
    """
    listed = tuple(names)
    organization = own_organization(plan, suffixes, listed)
    reply = hands.ses.number()
    if reply.failed:
        return unread("", reply)
    found = str(reply.value.get("Account", ""))
    if found != plan.account:
        made, here = plan.account or "?", found or "?"
        raise UsageError(
            Text(
                f"this plan is for the AWS account {made}, and these credentials are of {here}: nothing was done",
                f"この計画はAWSアカウント {made} のものですが、認証情報は {here} のものです。何も変更していません",
            )
        )
    for name in listed:
        zone = hands.dns.zone_of(name)
        if isinstance(zone, Refusal):
            return Outcome("", zone.status, zone.detail)
        if zone is None:
            raise UsageError(_nobodys(name))
        if not f".{zone}".endswith(f".{organization}"):
            return Outcome("", "refused", _not_delegated(organization, zone))
    return None


def own_organization(plan: Plan, suffixes: Suffixes, names: Iterable[str]) -> str:
    """The organizational domain of the plan. Raises ``UsageError`` where that is nobody's own, or does not hold all names."""
    organization = suffixes.organizational_domain(plan.domain)
    if organization == suffixes.public_suffix(plan.domain):
        raise UsageError(
            Text(
                f"this plan cannot be used: {plan.domain} is a public suffix, nobody's own domain",
                f"この計画は使えません: {plan.domain} はパブリックサフィックスで、自社のドメインではありません",
            )
        )
    for name in names:
        if not f".{name.lower()}".endswith(f".{organization}"):
            raise UsageError(
                Text(
                    f"this plan cannot be used: it changes {name or '.'}, which is not in {organization}",
                    f"この計画は使えません: {organization} に含まれない {name or '.'} を変更しようとしています",
                )
            )
    return organization


def unread(step: str, reply: Reply) -> Outcome:
    """What comes of a step where AWS did not let its state be read."""
    said = reply.detail or reply.status
    operation = reply.call.operation
    detail = Text(f"{operation} could not be read: {said}", f"{operation} を読み取れませんでした: {said}")
    return Outcome(step, _status(reply.status), detail)


def not_made(step: str, call: SesCall, failure: Failure) -> Outcome:
    """What comes of a step whose call AWS did not make."""
    detail = Text(
        f"SES did not take {call.operation}: {failure.detail}",
        f"SESが {call.operation} を受け付けませんでした: {failure.detail}",
    )
    return Outcome(step, _status(failure.status), detail)


def _status(status: ReplyStatus) -> Status:
    match status:
        case "denied" | "throttled" | "unreachable":
            return status
        case "limit" | "not-recorded":
            return "unreachable"
    return "refused"


def written(hands: Hands, change: RecordSetChange) -> Written:
    """What became of a change; where the authority is too busy it is asked again."""
    pause = FIRST_PAUSE
    for _ in range(TRIES - 1):
        result = hands.dns.write(change)
        if result.status != "throttled" or hands.clock.stopped():
            return result
        hands.clock.sleep(pause)
        pause *= 2
    return hands.dns.write(change)


def of_dns(step: str, result: Written) -> Outcome:
    """What comes of a step whose record set was, or was not, written."""
    status: Status = "waiting" if result.status == "by-hand" else result.status
    return Outcome(step, status, result.detail)


class Patience:
    """How long there is to wait, and how long until the next look."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        """Start to count."""
        self._clock = clock
        self._began = clock.elapsed()
        self._seconds = seconds
        self._pause = FIRST_PAUSE

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock.elapsed() - self._began

    @property
    def left(self) -> float:
        """Seconds that may still be waited."""
        return max(0.0, self._seconds - self.elapsed)

    def rest(self) -> bool:
        """Wait until the next look, longer each time; False where the time is over or somebody stopped the program."""
        left = self.left
        if left <= 0 or self._clock.stopped():
            return False
        self._clock.sleep(min(self._pause, left))
        self._pause = min(LONGEST_PAUSE, self._pause * SLOWER)
        return not self._clock.stopped()

    def hurry(self) -> None:
        """Look often again: something has moved."""
        self._pause = FIRST_PAUSE


def _nobodys(name: str) -> Text:
    return Text(
        f"no zone that --via can write holds {name}: name another way (route53, rfc2136://SERVER, hand)",
        f"--via の書き込み先に {name} を含むゾーンがありません。別の方法(route53、rfc2136://サーバー、hand)を指定してください",
    )


def _not_delegated(organization: str, zone: str) -> Text:
    parent = zone.strip(".")
    return Text(
        f"{organization} is not delegated: {parent or 'the root'} knows no such name. Register it, or set its name servers, first",
        f"{organization} が委任されていません(DNSに存在するのは {parent or 'ルート'} までです)。先にドメインの登録またはネームサーバーの設定が必要です",
    )
