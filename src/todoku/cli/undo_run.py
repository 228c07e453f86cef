"""What ``todoku undo`` does: look into the journal, show or take back, and say by exit code how it went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from todoku.apply.execution import Outcome, hindrance
from todoku.apply.journal import Entry, Journal, beside, entries_in
from todoku.apply.undo import undo
from todoku.cli.executors import (
    CarryOptions,
    dns_writer,
    exit_code,
    hands_for,
    stoppable,
    tell_by_hand,
)
from todoku.cli.exit_codes import EXIT_CLEAN
from todoku.cli.narrator import Narrator, manner_of
from todoku.cli.plan_file import digests, read_plan
from todoku.cli.terminal import Screen
from todoku.net.dns.option import parse_dns_options
from todoku.net.suffix_list import bundled_suffixes
from todoku.report.apply_progress import taken_back
from todoku.report.columns import wrapped
from todoku.report.words import Language, harmless, say
from todoku.words.change import RecordSetChange
from todoku.words.verdict import Text

DELETE_IDENTITY = "--delete-identity"


class Options(CarryOptions, frozen=True, kw_only=True):
    """The options of the command, as click gives them."""

    delete_identity: bool


def run(path: Path, options: Options) -> int:
    """Take the plan back, or show what would be; the exit code says how it went. Raises ``UsageError``."""
    plan = read_plan(path)
    narrator = Narrator(plan, options.lang, back=True)
    entries = entries_in(beside(path), plan.id, digests(plan))
    if not entries:
        narrator.say(
            Text(
                "Nothing is there to be undone: this plan has changed nothing, or has been undone.",
                "取り消す変更はありません(未適用か、取り消し済みです)。",
            )
        )
        return EXIT_CLEAN
    also = (DELETE_IDENTITY,) if options.delete_identity else ()
    if not options.yes:
        dns_writer(plan, options, parse_dns_options(options.dns))  # what makes no sense is said now, not with --yes
        _show(entries, also, options.lang)
        return EXIT_CLEAN
    source = parse_dns_options(options.dns)
    with stoppable() as stopped, Journal(beside(path), plan.id, digests(plan)) as journal:
        hands = hands_for(plan, options, source, narrator, stopped)
        names = [entry.what.before.name for entry in journal.entries if isinstance(entry.what, RecordSetChange)]
        early = hindrance(plan, hands, bundled_suffixes(), names)
        if early is not None:
            narrator(early)
            return exit_code((early,))
        tell_by_hand(hands.dns, narrator)
        outcomes = undo(plan, hands, journal, also=also, seconds=options.timeout)
    narrator.say(_told(outcomes))
    return exit_code(outcomes)


def _told(outcomes: Sequence[Outcome]) -> Text:
    """How it ended, in a sentence."""
    left = ", ".join(outcome.step for outcome in outcomes if outcome.status == "left")
    if all(outcome.ended for outcome in outcomes):
        if left:
            return Text(f"Undone. Left as is: {left}.", f"取り消しが完了しました。残したステップ: {left}。")
        return Text("Undone.", "取り消しが完了しました。")
    stands = ", ".join(outcome.step for outcome in outcomes if outcome.status in ("conflict", "refused"))
    if stands:
        return Text(
            f"Not everything was undone: {stands}. The reasons are above.",
            f"取り消されていないステップ: {stands}。理由は上に表示しています。",
        )
    return Text(
        "Not everything was undone. Run it again to go on.",
        "一部は取り消されていません。もう一度実行すると続きから再開します。",
    )


def _show(entries: Sequence[Entry], also: Sequence[str], language: Language) -> None:
    """What would be taken back, the last step first."""
    screen = Screen()
    manner = manner_of(screen, language)
    head = Text(
        "This would be taken back, in this order. Nothing has been changed: --yes does it.",
        "次の順に取り消します。まだ何も変更していません(--yes で実行します)。",
    )
    lines = [*wrapped(say(head, language), manner.width), ""]
    for number, one in enumerate(reversed(entries), 1):
        lines.append(f"{number:>3}  {harmless(one.step)}")
        lines += [f"     {told}" for told in taken_back(one.what, one.undo, one.undo_with, also, manner)]
    screen.write("".join(f"{each}\n" for each in lines))
