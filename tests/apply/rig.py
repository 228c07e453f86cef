"""A whole world for a plan: the demo's SES over HTTP, a real name server that takes updates, and a clock that nobody waits for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from todoku.account.read import Wanted
from todoku.apply.apply import apply
from todoku.apply.execution import Clock, Hands, Outcome, Waiting
from todoku.apply.journal import Journal
from todoku.apply.undo import undo
from todoku.auth.ask import Answer, Question
from todoku.cli.plan_file import digests
from todoku.demo.ses_names import infrastructure
from todoku.demo.ses_server import SesServer
from todoku.demo.ses_world import World
from todoku.net.aws.rate_limit import Timing
from todoku.net.dns.resolver import Resolver
from todoku.net.dns.zone import Zone, redirected
from todoku.net.drivers import run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.net.writers.by_hand import stands
from todoku.net.writers.dns_writer import DnsWriter
from todoku.net.writers.rfc2136 import Rfc2136Writer
from todoku.net.writers.ses_writer import SesWriter
from todoku.net.writers.tsig_key import read_key
from todoku.plan.make import make
from todoku.plan.step import Plan
from todoku.plan.survey import Aims, survey
from todoku.words.change import RecordSetChange

ACCOUNT, REGION, DOMAIN = "123456789012", "ap-northeast-1", "example.com"
BEGINNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TIMES = ("LastKeyGenerationTimestamp", "LastCheckedTimestamp", "LastSuccessTimestamp")


def fast() -> Timing:
    """A pace at which nobody waits."""
    return Timing(rate=1e6, burst=10**6, sleep=lambda _seconds: None, chance=Random(7))


class Dns:
    """The whole DNS: the name server for the user's zone, a zone of Amazon's for all else. It remembers nothing."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.amazon: Callable[[], dict] = infrastructure

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        return [self._answer(question) for question in questions]

    def _answer(self, question: Question) -> Answer:
        amazon = Zone.from_dict(self.amazon())
        if not is_ours(question.name):
            return amazon.answers((question,))[0]
        (answer,) = Resolver(f"127.0.0.1:{self.port}").answers((question,))
        if not answer.chain or is_ours(answer.chain[-1]):
            return answer
        return redirected(amazon.answers((Question(answer.chain[-1], question.rdtype),))[0], question, answer.chain)


def is_ours(name: str) -> bool:
    return f".{name}".endswith(f".{DOMAIN}")


@dataclasses.dataclass
class Rig:
    """One account and one zone, and all that a plan needs to be made, carried out and taken back."""

    folder: Path
    port: int
    key_file: Path
    moved: timedelta = timedelta()
    said: list[Outcome | Waiting] = dataclasses.field(default_factory=list)
    on_sleep: Callable[[], object] = lambda: None
    stop_after: int | None = None  # looks whether it should stop, until it should

    def __post_init__(self) -> None:
        self.dns = Dns(self.port)
        self.world = World(clock=self.now, answers=self.dns)
        self.writer: DnsWriter = Rfc2136Writer("127.0.0.1", read_key(self.key_file), port=self.port)
        self.server: SesServer | None = None
        self.ses_writer: SesWriter | None = None

    def now(self) -> datetime:
        return BEGINNING + self.moved

    def elapsed(self) -> float:
        return self.moved.total_seconds()

    def stopped(self) -> bool:
        if self.stop_after is None:
            return False
        self.stop_after -= 1
        return self.stop_after < 0

    def sleep(self, seconds: float) -> None:
        self.moved += timedelta(seconds=seconds)
        self.on_sleep()

    def hands(self) -> Hands:
        clock = Clock(now=self.now, elapsed=self.elapsed, sleep=self.sleep, stopped=self.stopped)
        self.ses_writer = self.ses_writer or SesWriter("", REGION, timing=fast())  # boto3 takes its time to make one
        return Hands(ses=self.ses_writer, dns=self.writer, stands=self.stands, clock=clock, tell=self.said.append)

    def stands(self, change: RecordSetChange) -> bool | None:
        return stands(change, self.dns)

    def plan(self, domain: str = DOMAIN, **aims: object) -> Plan:
        """The plan for the world as it is."""
        engine = survey(Wanted(profile="", region=REGION), domain, Aims(**aims), bundled_suffixes())
        return make(run_look(engine, self.dns, self.hands().ses.api), self.now())

    @property
    def journal_path(self) -> Path:
        return self.folder / "plan.journal"

    def journal(self, plan: Plan) -> Journal:
        journal = Journal(self.journal_path, plan.id, digests(plan))
        if journal.is_new:
            journal.begin(())
        return journal

    def apply(self, plan: Plan, *, seconds: float = 3600, only: tuple[str, ...] = ()) -> dict[str, str]:
        """What came of each step."""
        with self.journal(plan) as journal:
            return by_step(apply(plan, self.hands(), journal, seconds=seconds, only=only))

    def undo(self, plan: Plan, *also: str, seconds: float = 3600) -> dict[str, str]:
        with self.journal(plan) as journal:
            return by_step(undo(plan, self.hands(), journal, also=also, seconds=seconds))

    def ses(self, operation: str, **parameters: object) -> dict:
        return self.world.call(ACCOUNT, REGION, operation, parameters)

    def identity(self, name: str = DOMAIN) -> object:
        """All that SES says of the identity, times aside; None where there is none."""
        if name not in self.world.region(ACCOUNT, REGION).identities:
            return None
        return without_times(self.ses("GetEmailIdentity", EmailIdentity=name))

    def account(self) -> object:
        """All that SES says of everything, times aside."""
        region = self.world.region(ACCOUNT, REGION)
        sets = {name: self.ses("GetConfigurationSet", ConfigurationSetName=name) for name in region.configuration_sets}
        return without_times(
            {
                "identities": {name: self.identity(name) for name in region.identities},
                "sets": sets,
                "pools": dict(region.pools),
                "account": self.ses("GetAccount"),
            }
        )


def by_step(outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {outcome.step: outcome.status for outcome in outcomes}


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items() if key not in (*TIMES, "SOARecord")}
    return [without_times(each) for each in value] if isinstance(value, list) else value
