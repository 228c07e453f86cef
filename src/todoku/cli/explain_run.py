"""What ``todoku explain`` does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from todoku.cli.rules_run import WIDTH
from todoku.cli.terminal import Screen
from todoku.feedback.bounce import MAX_TEXT, diagnose
from todoku.feedback.bounce_codes import MEANINGS
from todoku.feedback.replies.rule import HANDLING, REPLIERS, Replier, Rule
from todoku.judging.judge import catalogue, reasons
from todoku.mail.domain_name import ascii_domain
from todoku.mail.message import MAX_HEADER
from todoku.net.suffix_list import bundled_suffixes
from todoku.receivers import NAMES
from todoku.report import recipient_settings
from todoku.report.clauses import IF_UNMET, follows, met_by_ses, replies, scope, ses_evidence
from todoku.report.columns import wrapped
from todoku.report.results_explained import explain_results, results_field
from todoku.report.words import Language, harmless, say
from todoku.words.errors import UsageError
from todoku.words.verdict import Clause, Reason, Requirement, Text, Value

RECIPIENT_SETTINGS = "recipient-settings"
SEEN = Text(
    "No page of the receiver explains this reply: the meaning is taken from bounces and third parties.",
    "受信側の公式な説明はなく、実際のバウンスと第三者の情報に基づく解釈です。",
)


def explain(words: str, language: Language) -> None:
    """Print what an id, a tag, a bounce or a line of authentication results means. Raises ``UsageError`` where it is none of them."""
    words = words.strip()
    field = results_field(words[:MAX_HEADER])
    if field is not None:
        explained = explain_results((field,), bundled_suffixes())
        Screen().write("".join(f"{line}\n" for line in explained.lines(language, WIDTH)))
        return
    words = words[:MAX_TEXT]
    requirements = {requirement.id: requirement for requirement in catalogue()}
    if words in requirements:
        lines = list(_requirement(requirements[words], language))
    elif words in reasons():
        lines = list(_reason(reasons()[words], language))
    elif words.split(maxsplit=1)[:1] == [RECIPIENT_SETTINGS]:
        lines = list(_recipient_settings(words.split()[1:], language))
    elif words in MEANINGS:
        lines = list(_diagnosis(MEANINGS[words], requirements, language))
    else:
        lines = list(_bounce(words, requirements, language))
    Screen().write("\n".join(lines) + "\n")


def _requirement(requirement: Requirement, language: Language, receiver: Replier | None = None) -> Iterable[str]:
    """What a requirement asks; of one receiver alone where that is known and asks for it."""
    yield f"{requirement.id}  {say(requirement.title, language)}"
    own = [clause for clause in requirement.clauses if clause.receiver == receiver]
    for clause in own or requirement.clauses:
        yield ""
        yield from _clause(clause, language)
    if others := len(requirement.clauses) - len(own) if own else 0:
        yield ""
        yield from indented(
            say(
                Text(
                    f"What other receivers ask ({others}): todoku explain {requirement.id}",
                    f"ほかの受信側の要件({others}件): todoku explain {requirement.id}",
                ),
                language,
            )
        )
    yield ""
    yield from indented(met_by_ses(requirement.ses_default, language))
    yield f"  {ses_evidence(requirement.ses_default, language)}"
    if requirement.law is not None:
        yield ""
        yield from indented(say(requirement.law.text, language))
    yield say(Text(f"  Set up: {requirement.setup_page.en}", f"  設定手順: {requirement.setup_page.ja}"), language)


def _clause(clause: Clause, language: Language) -> Iterable[str]:
    yield from indented(f"{NAMES[clause.receiver]}: {scope(clause, language)}")
    yield from indented(say(clause.text, language), 4)
    if codes := replies(clause, language):
        yield from indented(say(Text(f"SMTP replies: {codes}", f"SMTP応答: {codes}"), language), 4)
    yield from indented(say(IF_UNMET, language) + follows(clause.consequence, language), 4)
    read = clause.read_on
    yield say(Text(f"    {clause.source} (read {read})", f"    {clause.source}({read} 確認)"), language)


def _reason(reason: Reason, language: Language) -> Iterable[str]:
    yield reason.tag
    yield from _told(reason, language, 2)
    for owner in (one for one in catalogue() if _owns(one, reason)):
        yield say(
            Text(
                f"  Requirement: {owner.id} (todoku explain {owner.id})",
                f"  要件: {owner.id}(todoku explain {owner.id})",
            ),
            language,
        )


def _told(reason: Reason, language: Language, by: int) -> Iterable[str]:
    """What a reason says, and what mends it."""
    template = Text(*(text.format_map(Placeholders()) for text in (reason.text.en, reason.text.ja)))
    yield from indented(say(template, language), by)
    for fix in reason.fixes:
        yield from indented(say(Text(f"Fix: {fix.title.en}", f"対処方法: {fix.title.ja}"), language), by)


class Placeholders(dict[str, Value]):
    """Values for a text of which no message is at hand: each is shown by its name."""

    def __missing__(self, name: str) -> str:
        """The name in brackets, as a reader takes it for something to fill in."""
        return f"[{name.replace('_', ' ')}]"


def _owns(requirement: Requirement, reason: Reason) -> bool:
    """Whether the reason stands in the module of one of the requirement's witnesses, or in a cause that it uses."""
    spaces = [witness.decide.__globals__ for witness in requirement.witnesses]
    used = {getattr(value, "__module__", "") or "" for space in spaces for value in space.values()}
    causes = [vars(sys.modules[name]) for name in used if name.startswith("todoku.causes.")]
    return requirement.elsewhere is reason or any(
        reason is value for space in (*spaces, *causes) for value in space.values()
    )


def _recipient_settings(written: Sequence[str], language: Language) -> Iterable[str]:
    """A text for recipients in Japan. Raises ``UsageError`` for what is no domain."""
    for one in written:
        if ascii_domain(one) is None:
            raise UsageError(
                Text(
                    f"{harmless(one)[:60]} is not a domain name (such as example.com)",
                    f"{harmless(one)[:60]} はドメイン名として指定できません(例: example.com)",
                )
            )
    domains = [ascii_domain(one) or one for one in written]
    shown = ", ".join(domains) or recipient_settings.PLACEHOLDER
    yield from indented(say(recipient_settings.BEFORE, language).format(domains=shown), 0)
    yield ""
    yield recipient_settings.letter(domains)
    yield from indented(say(recipient_settings.AFTER, language), 0)


def _diagnosis(rule: Rule, requirements: dict[str, Requirement], language: Language) -> Iterable[str]:
    """What a tag of ``todoku reports bounces`` means."""
    who = "" if rule.receiver is None else f"{REPLIERS[rule.receiver]}: "
    yield rule.tag
    yield from indented(who + say(rule.text, language))
    yield from indented(say(HANDLING[rule.handling], language))
    if not rule.official:
        yield from indented(say(SEEN, language))
    for name in rule.requirements:
        yield from indented(_named(requirements[name], language))


def _named(requirement: Requirement, language: Language) -> str:
    name, title = requirement.id, requirement.title
    return say(
        Text(
            f"Requirement: {name}, {title.en} (todoku explain {name})",
            f"要件: {name} {title.ja}(todoku explain {name})",
        ),
        language,
    )


def _bounce(words: str, requirements: dict[str, Requirement], language: Language) -> Iterable[str]:
    found = diagnose(words)
    if not words or found.tag == "unknown":
        raise UsageError(
            Text(
                f"{harmless(words)[:60]!r} is not a known requirement, reason, bounce or Authentication-Results line. "
                "See `todoku rules` for the requirements",
                f"{harmless(words)[:60]!r} に当てはまる要件・理由タグ・バウンス・Authentication-Resultsはありません。要件の一覧は `todoku rules` で表示できます",
            )
        )
    who = "" if found.receiver is None else f"{REPLIERS[found.receiver]}: "
    yield from indented(who + say(found.text, language), 0)
    yield from indented(say(HANDLING[found.handling], language), 0)
    if not found.official:
        yield from indented(say(SEEN, language), 0)
    elsewhere = {requirement.elsewhere for requirement in requirements.values()}  # no delivered copy shows these
    yield from _likely([tag for tag in found.causes if reasons()[tag] not in elsewhere], language)
    for requirement in (requirements[name] for name in found.requirements):
        yield ""
        if any(clause.receiver == found.receiver for clause in requirement.clauses):
            yield from _requirement(requirement, language, found.receiver)
        else:  # what ten others ask would hide the answer
            yield from indented(_named(requirement, language), 0)


def _likely(causes: Iterable[str], language: Language) -> Iterable[str]:
    """What is likely behind a refusal of mail sent through SES, and how to see which it is."""
    likely = [reasons()[tag] for tag in causes]
    if not likely:
        return
    yield ""
    yield say(
        Text(
            "Likely causes with mail sent through SES, the likeliest first:",
            "SESから送ったメールで考えられる原因(可能性の高い順):",
        ),
        language,
    )
    for reason in likely:
        yield f"  {reason.tag}"
        yield from _told(reason, language, 4)
    yield ""
    yield from indented(
        say(
            Text(
                "Which one it is, a delivered copy shows: send the same mail to a mailbox that accepts it, save it there as it "
                "arrived, and run `todoku check message.eml`. It names the cause, and prints the records and calls that mend it.",
                "どれが原因かは、届いたメールで分かります。同じメールを受信できる宛先にも送り、届いたメールをそのまま保存して "
                "`todoku check message.eml` を実行してください。原因と、登録するレコードや実行するコマンドが表示されます。",
            ),
            language,
        ),
        0,
    )


def indented(text: str, by: int = 2) -> list[str]:
    """Text wrapped to the width, each line behind ``by`` blanks."""
    return [" " * by + line for line in wrapped(text, WIDTH - by)]
