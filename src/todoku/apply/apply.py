"""Carrying a plan out: what can be done is done in order, and only then is anything waited for, all of it together.

The world decides, not the journal: a step whose effect stands already is not done again, so that a plan may be run as
often as one likes. What was expected when the plan was made is looked at just before each call; where somebody changed
it meanwhile, the plan stops. What this plan itself made bears its tag, and what bears no tag is somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from todoku.apply import dns_step, ses_step
from todoku.apply.execution import FIRST_PAUSE, Desk, Hands, Look, Outcome, Patience, look_again
from todoku.apply.journal import Journal
from todoku.net.writers.dns_writer import Settling
from todoku.plan.step import Plan, Step, Wait
from todoku.words.change import Instruction, RecordSetChange, SesCall
from todoku.words.verdict import Text

SETTLE = 120.0  # seconds for a change to reach every name server: Route 53 says sixty usually
STOPPED = Text("stopped; run it again to go on", "中断しました。もう一度実行すると続きから再開します")


def names_to_write(plan: Plan) -> Iterator[str]:
    """The names at which the plan writes records, as far as they are known before it is begun."""
    for step in plan.steps:
        if isinstance(step.action, RecordSetChange):
            labels = step.action.before.name.split(".")
            while any("{" in label for label in labels):
                labels.pop(0)
            yield ".".join(labels)


def apply(
    plan: Plan, hands: Hands, journal: Journal, *, only: Collection[str] = (), seconds: float
) -> tuple[Outcome, ...]:
    """What came of each step; a step that failed is the last one. What ``seconds`` were not enough for is ``waiting``.

    With ``only`` no other steps are done; what they come after has to be done already. ``journal`` has its first line.
    """
    return _Applying(Desk(plan, hands, journal), only).run(seconds)


class _Applying:
    """A plan on its way: steps that are open, what came of the others, and looks at what is waited for."""

    def __init__(self, desk: Desk, only: Collection[str]) -> None:
        self._desk = desk
        self._steps = [step for step in desk.plan.steps if not only or step.id in only]
        self._outcomes: dict[str, Outcome] = {}
        self._waiting: dict[str, Look] = {}

    def run(self, seconds: float) -> tuple[Outcome, ...]:
        desk, patience = self._desk, Patience(self._desk.hands.clock, seconds)
        early = self._too_early()
        if early is not None:
            return (desk.told(early),)
        while self._advanced() and self._waiting:
            if not patience.rest():
                if desk.hands.clock.stopped():
                    return (*self._outcomes.values(), Outcome("", "stopped", STOPPED))
                break
            for outcome in look_again(desk.hands, self._waiting, patience):
                self._came(outcome)
        self._settle(min(patience.left, SETTLE))
        return tuple(self._outcomes.values())

    def _came(self, outcome: Outcome) -> None:
        """Keep what came of a step; the last to come stands last."""
        self._outcomes.pop(outcome.step, None)
        self._outcomes[outcome.step] = outcome

    def _advanced(self) -> bool:
        """Do all that can be done now: that which comes after nothing that is open. False where the plan stops."""
        if any(outcome.failed for outcome in self._outcomes.values()):
            return False
        while (step := self._next()) is not None:
            if self._desk.hands.clock.stopped():
                self._came(self._desk.told(Outcome(step.id, "stopped", STOPPED)))
                return False
            outcome = self._desk.told(self._done(step))
            self._came(outcome)
            if outcome.failed:
                return False
            if outcome.status == "waiting":
                self._waiting[step.id] = self._look_at(step)
        return True

    def _next(self) -> Step | None:
        """The first step that has not been begun and comes after nothing that is open."""
        ended = {name for name, outcome in self._outcomes.items() if outcome.ended}
        still_open = {step.id for step in self._steps} - ended
        ready = (step for step in self._steps if step.id not in self._outcomes and still_open.isdisjoint(step.after))
        return next(ready, None)

    def _done(self, step: Step) -> Outcome:
        """What comes of doing a step."""
        match step.action:
            case RecordSetChange():
                return dns_step.changed(self._desk, step, step.action)
            case SesCall():
                return ses_step.called(self._desk, step, step.action)
            case Wait():
                outcome = ses_step.seen(self._desk, step, step.action)
                stood = outcome.status == "done" and self._changed_nothing(step.after)
                return Outcome(step.id, "unchanged") if stood else outcome
            case Instruction():
                return Outcome(step.id, "told", step.action.text)

    def _changed_nothing(self, steps: Collection[str]) -> bool:
        """Whether all of these steps stood already."""
        return all(name not in self._outcomes or self._outcomes[name].status == "unchanged" for name in steps)

    def _look_at(self, step: Step) -> Look:
        """How to look whether what is waited for has come."""
        if isinstance(step.action, Wait):
            wait = step.action
            return lambda: ses_step.seen(self._desk, step, wait)
        return lambda: dns_step.entered(self._desk, step)

    def _too_early(self) -> Outcome | None:
        """What has to be done before the steps that alone are asked for."""
        asked = {step.id for step in self._steps}
        for step in self._desk.plan.steps:
            needed = any(step.id in later.after for later in self._steps)
            if needed and step.id not in asked and not self._stands(step):
                detail = Text(
                    f"{step.id} comes first, and cannot be seen to be done",
                    f"先に {step.id} が必要ですが、完了を確認できません",
                )
                return Outcome(self._steps[0].id, "conflict", detail)
        return None

    def _stands(self, step: Step) -> bool:
        """Whether a step's effect can be seen. What a person does elsewhere cannot."""
        match step.action:
            case RecordSetChange():
                return dns_step.is_changed(self._desk, step, step.action)
            case SesCall():
                return ses_step.is_called(self._desk, step.action)
            case Wait():
                return ses_step.seen(self._desk, step, step.action).ended
        return True

    def _settle(self, seconds: float) -> None:
        """Wait until every name server has what was written, where the writer can tell; nothing hangs on it if they do not."""
        dns, clock = self._desk.hands.dns, self._desk.hands.clock
        if not isinstance(dns, Settling):
            return
        until = clock.elapsed() + seconds
        for change_id in self._desk.settling:
            while not dns.settled(change_id) and clock.elapsed() < until and not clock.stopped():
                clock.sleep(FIRST_PAUSE)
