"""What ``todoku apply`` does: read the plan, show or carry it out, then look again and show what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from todoku.apply.apply import apply, names_to_write
from todoku.apply.authority_first import AuthorityFirst
from todoku.apply.execution import Hands, Outcome, hindrance, own_organization
from todoku.apply.journal import Before, Journal, beside, entries_in
from todoku.cli.executors import (
    CarryOptions,
    dns_writer,
    exit_code,
    hands_for,
    known_steps,
    stoppable,
    tell_by_hand,
    told_how,
)
from todoku.cli.exit_codes import EXIT_CLEAN, EXIT_COULD_NOT, EXIT_FINDINGS, worst
from todoku.cli.exit_codes import exit_code as code_of
from todoku.cli.narrator import Narrator, manner_of
from todoku.cli.plan_file import digests, read_plan
from todoku.cli.proving import Post, post_for, sent, verdicts, written_down
from todoku.cli.terminal import Screen
from todoku.net.aws.errors import Failure
from todoku.net.dns.option import parse_dns_options
from todoku.net.suffix_list import bundled_suffixes
from todoku.plan.step import Plan
from todoku.report import proof
from todoku.report.columns import wrapped
from todoku.report.plan import show
from todoku.report.words import Language, harmless, say
from todoku.words.change import RecordSetChange
from todoku.words.verdict import Text, Verdict


class Options(CarryOptions, frozen=True, kw_only=True):
    """The options of the command, as click gives them."""

    only: tuple[str, ...]
    prove_by_mail: str | None
    author: str | None


def run(path: Path, options: Options) -> int:
    """Carry the plan out, or show it; the exit code says how it went. Raises ``UsageError``."""
    plan = read_plan(path)
    known_steps(plan, options.only)
    post = post_for(plan, options.prove_by_mail, options.author)
    own_organization(plan, bundled_suffixes(), names_to_write(plan))
    if not plan.ready or not options.yes:
        return _show(path, plan, options)
    source = parse_dns_options(options.dns)
    narrator = Narrator(plan, options.lang)
    with stoppable() as stopped, Journal(beside(path), plan.id, digests(plan)) as journal:
        hands = hands_for(plan, options, source, narrator, stopped)
        early = hindrance(plan, hands, bundled_suffixes(), names_to_write(plan))
        if early is not None:
            narrator(early)
            return exit_code((early,))
        tell_by_hand(hands.dns, narrator)
        if journal.is_new:
            journal.begin(written_down(verdicts(plan, hands, source)))
        outcomes = apply(plan, hands, journal, only=options.only, seconds=options.timeout)
        if options.only or not all(outcome.ended for outcome in outcomes):
            narrator.say(_told(outcomes))
            return exit_code(outcomes)
        written = [entry.what.before.name for entry in journal.entries if isinstance(entry.what, RecordSetChange)]
        resolver = parse_dns_options(options.dns)  # a new one remembers nothing
        judged = verdicts(plan, hands, AuthorityFirst(resolver, written))
        code = _prove(journal.head.before, judged, narrator, options.lang)
        return code if post is None else worst((code, _send(plan, hands, post, narrator, options.lang)))


def _show(path: Path, plan: Plan, options: Options) -> int:
    """Show what would be done and how, or what stands against it; what has been begun already is named."""
    dns_writer(plan, options, parse_dns_options(options.dns))  # what makes no sense is said now, not with --yes
    screen, language = Screen(), options.lang
    screen.write(show.render(plan, "text", manner_of(screen, language)))
    if plan.conflicts or plan.unread:
        return EXIT_FINDINGS if plan.conflicts else EXIT_COULD_NOT
    begun = ", ".join(harmless(entry.step) for entry in entries_in(beside(path), plan.id, digests(plan)))
    done = Text(f" Begun or done before: {begun}.", f"実行済みまたは実行中: {begun}。") if begun else Text("", "")
    told = Text(
        f"Nothing was changed: --yes does it.{done.en}",
        f"何も変更していません。--yes を付けると適用します。{done.ja}",
    )
    how = told_how(options.via)
    lines = (Text(f"DNS: {how.en}.", f"DNS: {how.ja}。"), told)
    width = manner_of(screen, language).width
    screen.write(
        "\n" + "".join(f"{part}\n" for each in lines for part in wrapped(harmless(say(each, language)), width))
    )
    return EXIT_CLEAN


def _told(outcomes: Sequence[Outcome]) -> Text:
    """How it ended where not all is done, and how to go on."""
    waiting = ", ".join(outcome.step for outcome in outcomes if outcome.status == "waiting")
    if any(outcome.failed for outcome in outcomes):
        return Text(
            "The plan has stopped here. What was done is in the journal: run it again to go on, or todoku undo to take it back.",
            "計画の適用を中断しました。実行済みの変更は記録されています。再実行すると続きから再開し、todoku undo で取り消せます。",
        )
    if waiting:
        return Text(
            f"Not there yet: {waiting}. Run the same command again to go on.",
            f"完了していません: {waiting}。同じコマンドを再実行すると続きから再開します。",
        )
    return Text("Done.", "完了しました。")


def _prove(before: Sequence[Before], judged: Sequence[Verdict], narrator: Narrator, language: Language) -> int:
    """Show each requirement before and now; the exit code is that of a check."""
    narrator.say(Text("\nAll is done. The proof:\n", "\nすべて完了しました。適用前と現在の判定:\n"))
    screen = Screen()
    screen.write(proof.table(before, judged, manner_of(screen, language)))
    failing = proof.failing(judged)
    if failing.en:
        narrator.say(
            Text(
                f"\nNot met yet: {failing.en}. todoku check shows why.",
                f"\n不適合: {failing.ja}。詳細は todoku check で確認できます。",
            )
        )
    return code_of(judged, "fail")


def _send(plan: Plan, hands: Hands, post: Post, narrator: Narrator, language: Language) -> int:
    """Send the message to prove it by, and say what to do with it."""
    said = sent(plan, hands, post, japanese=language == "ja")
    if isinstance(said, Failure):
        narrator.say(
            Text(
                f"\nSES did not send the message: {said.detail}",
                f"\nSESが確認用メールを送信できませんでした: {said.detail}",
            )
        )
        return EXIT_COULD_NOT
    narrator.say(Text(f"\n{said.en}", f"\n{said.ja}"))
    return EXIT_CLEAN
