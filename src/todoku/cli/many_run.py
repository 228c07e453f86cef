"""What ``todoku check`` does with several subjects: it looks at them side by side, in several processes where there are many.

Side by side, because nearly all the time that one look takes is waiting for the DNS. Of messages not more are held at a
time than ``net/scheduler.py`` has room for, and of those that were looked at what their reports show.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from todoku.api import SECONDS, Settings, checking, checking_domain, checking_stored_domain
from todoku.auth.ask import Ask
from todoku.cli.check_options import CheckOptions
from todoku.cli.exit_codes import FailOn, worst
from todoku.cli.facts import facts
from todoku.cli.subject_reports import SubjectReports, code_of
from todoku.cli.subjects import MOST_READ, is_bundle, read_subject
from todoku.cli.terminal import Screen
from todoku.judging.judge import Report, catalogue
from todoku.net.dns.option import parse_dns_options
from todoku.net.drivers import CallSource, answering_calls
from todoku.net.processes import collect_seldom, spread
from todoku.net.scheduler import MAX_ASKED, Crashed, run_many
from todoku.net.suffix_list import bundled_suffixes
from todoku.report import show, summary
from todoku.report.render_options import Format, Manner
from todoku.report.rendered import Drawn
from todoku.settings.config import Config
from todoku.words.errors import TodokuError, UsageError
from todoku.words.verdict import Text

T = TypeVar("T")

WORTH_A_PROCESS = 50  # subjects: fewer are looked at before another process has begun
FEWEST_ASKED = 16  # questions that a process has on their way, however many processes there are
HELD = 12  # times its size that a check of a message takes: `tests/bounds/test_memory.py`


def show_several(
    names: Sequence[str], settings: Settings, options: CheckOptions, screen: Screen, manner: Manner
) -> int:
    """Print the reports on domains and files, each drawn where it is made, and not held any longer; the worst exit code.

    As text a summary of all comes first, and only the reports that ``--details`` names are drawn at all.
    """
    if options.form == "text":
        return _show_summary(names, settings, options, screen, manner)
    take = Drawing(form=options.form, manner=manner, fail_on=options.fail_on, count=len(names))
    looks = list(look(names, options.dns, settings, options.workers, take, stored=options.stored))
    screen.write(show.pieces([one for drawn, _ in looks for one in drawn], options.form, manner), options.form)
    return worst(code for _, code in looks)


def _show_summary(
    names: Sequence[str], settings: Settings, options: CheckOptions, screen: Screen, manner: Manner
) -> int:
    """Print a row for each subject, each cause once, and the details that are asked for. Raises ``UsageError``."""
    detailed = frozenset(names if "all" in options.details else options.details)
    if strangers := sorted(detailed - {*names}):
        raise UsageError(
            Text(
                f"--details {strangers[0]}: it is none of the subjects",
                f"--details {strangers[0]} は判定の対象に含まれていません",
            )
        )
    drawing = Drawing(form=options.form, manner=manner, fail_on=options.fail_on, count=len(names))
    looks = list(
        look(
            names,
            options.dns,
            settings,
            options.workers,
            Summing(drawing=drawing, names=detailed),
            stored=options.stored,
        )
    )
    summaries = [one for found, _, _ in looks for one in found]
    wanted = [one for _, drawn, _ in looks for one in drawn]
    parts = [summary.page(summaries, manner)]
    if wanted:
        parts += ["\n", "=" * manner.width, "\n\n", *show.pieces(wanted, options.form, manner)]
    screen.write(parts, options.form)
    return worst(code for _, _, code in looks)


class Summing(msgspec.Struct, frozen=True, kw_only=True):
    """Sums up a look, and draws it too where its subject is one of ``names``."""

    drawing: Drawing
    names: frozenset[str]

    def __call__(self, look: SubjectReports, number: int) -> tuple[list[summary.Summary], list[Drawn], int]:
        """A row for each report, what is drawn of them, and the exit code that they mean."""
        reports = [one for one in look.reports if isinstance(one, Report)]
        wanted = len(reports) < len(look.reports) or any(one.evidence.subject.name in self.names for one in reports)
        drawn, code = self.drawing(look, number) if wanted else ([], code_of(look, self.drawing.fail_on))
        return [summary.summary_of(one) for one in reports], drawn, code


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """Draws a look as one of ``count``."""

    form: Format
    manner: Manner
    fail_on: FailOn
    count: int

    def __call__(self, look: SubjectReports, number: int) -> tuple[list[Drawn], int]:
        """What was seen, drawn, and the exit code that it means. ``number`` is the look's; each drawn report has one of its own."""
        numbers = range(number, self.count * len(look.reports), self.count)
        drawn = [show.drawn(one, self.form, self.manner, own) for one, own in zip(look.reports, numbers, strict=True)]
        return drawn, code_of(look, self.fail_on)


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """How to look at subjects: ``dns`` is what ``--dns`` takes, ``stored`` says where the store is, if one is asked; ``take`` picks
    of each look what is wanted, where it was made; ``most_asked`` questions are on their way at one time.

    What is picked may have to come out of another process, which costs a third of a look for a whole report.
    """

    dns: tuple[str, ...]
    settings: Settings
    stored: Config | None
    take: Callable[[SubjectReports, int], Any]
    most_asked: int

    def __call__(self, numbered: Sequence[tuple[int, str]]) -> Iterator[tuple[int, Any]]:
        """What is wanted of each look as it comes to its end, or why there was none, with its place among these."""
        with nullcontext() if self.stored is None else facts(self.stored) as known:
            jobs = ((HELD * _size(name), self._taken(number, name, known)) for number, name in numbered)
            for done in run_many(jobs, parse_dns_options(self.dns), seconds=SECONDS, most_asked=self.most_asked):
                if isinstance(done.result, Crashed):
                    raise RuntimeError(f"{numbered[done.index][1]}: {done.result.error}")  # noqa: TRY004 -- a fault of ours
                yield done.index, done.result

    def _taken(self, number: int, name: str, known: CallSource | None) -> Ask[Any]:
        """What is wanted of the look at one subject; what is wrong with that, since others are looked at beside it."""
        try:
            return self.take((yield from _looking(name, self.settings, known)), number)
        except TodokuError as error:
            return error


def look(
    names: Sequence[str],
    dns: Sequence[str],
    settings: Settings,
    workers: int | None,
    take: Callable[[SubjectReports, int], T],
    *,
    stored: Config | None = None,
) -> Iterator[T]:
    """What ``take`` gives of the looks at domains and files, and of their numbers from 0, in the order of their names.

    ``workers`` is in how many processes, None: as many as are worth it; then ``take`` is a function that can be pickled. Raises
    for the first subject that is none what its look raised: ``TodokuError``.
    """
    if len(names) >= WORTH_A_PROCESS:
        collect_seldom()
    count = min(workers or min(_cores(), len(names) // WORTH_A_PROCESS) or 1, len(names))
    if count > 1:  # what each process would load for itself
        catalogue()
        bundled_suffixes()
    share = max(FEWEST_ASKED, MAX_ASKED // count)
    looks = Looks(dns=tuple(dns), settings=settings, stored=stored, take=take, most_asked=share)
    for one in spread(tuple(enumerate(names)), looks, count):
        if isinstance(one, TodokuError):
            raise one
        yield one


def _cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(name: str) -> int:
    """Octets of the file, as far as it is read; 0 where there is none."""
    try:
        return min(Path(name).stat().st_size, MOST_READ)
    except (OSError, ValueError):
        return 0


def _looking(name: str, settings: Settings, known: CallSource | None) -> Ask[SubjectReports]:
    """The look at one subject; of a domain also by what ``known`` holds. Raises ``TodokuError``."""
    raw = read_subject(name)
    if raw is not None and is_bundle(raw):
        from todoku.cli import recording  # noqa: PLC0415 -- zip files cost 20 ms at start-up

        return SubjectReports(reports=recording.look_again(Path(name)).reports)
    if raw is not None:
        return SubjectReports(reports=((yield from checking(raw, settings, name)),))
    if known is None:
        return SubjectReports(reports=((yield from checking_domain(name, settings)),))
    report = yield from answering_calls(checking_stored_domain(name, settings), known)
    return SubjectReports(reports=(report,))
