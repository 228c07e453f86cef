"""Write the pages that are made from the code: ``python tools/docs.py``, or ``--check`` to say which of them are stale.

Made are ``docs/catalogue.en.md`` and ``docs/catalogue.ja.md`` whole, and in the READMEs, the manuals and ``docs/bounces.md`` what stands between
``<!-- begin NAME: made by make docs -->`` and ``<!-- end NAME -->``. They depend on the code and the examples alone: the clock stands still.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import todoku
from todoku.feedback.bounce_codes import RULES
from todoku.feedback.replies.rule import REPLIERS
from todoku.judging.judge import catalogue, reasons
from todoku.receivers import ASKED_BY_DEFAULT, FACTS, NAMES, RULES_READ
from todoku.report import show
from todoku.report.clauses import MET_BY_SES, NO_DOCUMENT, follows, met_by_ses, replies, scope
from todoku.report.words import RESULT_WORDS, Language, say
from todoku.words.rules import rules_on
from todoku.words.verdict import Clause, Reason, Requirement, Text

ROOT = Path(__file__).parent.parent
READMES: dict[Language, str] = {"en": "README.md", "ja": "README.ja.md"}
MANUALS: dict[Language, str] = {"en": "docs/manual.md", "ja": "docs/manual.ja.md"}
CATALOGUES: dict[Language, str] = {"en": "docs/catalogue.en.md", "ja": "docs/catalogue.ja.md"}
BOUNCES = "docs/bounces.md"

NOW = datetime(2026, 11, 24, tzinfo=UTC)
"""When the pasted report is said to have been made, and the day of the rules in the manuals."""
ZONES = {"en": UTC, "ja": timezone(timedelta(hours=9))}
WORST = 8  # rows of the matrix that the READMEs show
EXAMPLE = "examples/ses-default.eml"


def pages(root: Path = ROOT) -> dict[str, str]:
    """Every page that is made, by its path below ``root``, as it should read now."""
    made = {CATALOGUES[language]: catalogue_page(language) for language in CATALOGUES}
    for language, name in READMES.items():
        made[name] = with_blocks(_read(root / name), {"report": report_block(language, root)})
    for language, name in MANUALS.items():
        made[name] = with_blocks(_read(root / name), {"requirements": requirements_block(language)})
    made[BOUNCES] = with_blocks(_read(root / BOUNCES), {"meanings": meanings_block()})
    return made


def stale(root: Path = ROOT) -> list[str]:
    """The paths of the pages that do not read as they should."""
    wanted = pages(root)
    return [name for name, page in wanted.items() if not _reads(root / name, page)]


def _reads(path: Path, page: str) -> bool:
    return path.is_file() and _read(path) == page


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def with_blocks(page: str, blocks: dict[str, str]) -> str:
    """A page with new contents between its marks. Raises ``ValueError`` where a mark is missing."""
    for name, block in blocks.items():
        before, begun, rest = page.partition(f"<!-- begin {name}: made by make docs -->\n")
        _, ended, after = rest.partition(f"<!-- end {name} -->")
        if not (begun and ended):
            raise ValueError(f"no block named {name} in the page")
        page = f"{before}{begun}{block}{ended}{after}"
    return page


def meanings_block() -> str:
    """Every meaning of a reply: who replies, its codes, how it is known, and what to do."""
    rows = ["| who replies | tag | codes | known from | do | meaning |", "|---|---|---|---|---|---|"]
    for rule in RULES:
        who = "anyone" if rule.receiver is None else REPLIERS[rule.receiver]
        known = "official" if rule.official else "seen"
        several = ", ambiguous" if rule.ambiguous else ""
        codes = ", ".join(f"`{code}`" for code in rule.codes[:6]) + (", …" if len(rule.codes) > 6 else "")
        rows.append(f"| {who} | `{rule.tag}` | {codes} | {known}{several} | {rule.handling} | {_cell(rule.text.en)} |")
    return "\n".join((*rows, ""))


def report_block(language: Language, root: Path = ROOT) -> str:
    """Of the example's report what shows how it works: the headline, the worst requirements, a finding, a fix."""
    zone = todoku.Zone.from_text((root / "examples/dns.zone").read_text(encoding="utf-8"))
    report = todoku.check((root / EXAMPLE).read_bytes(), resolver=zone, now=NOW, name=EXAMPLE)
    drawn = show.render([report], "text", language, zone=ZONES[language])
    paragraphs = drawn.rstrip("\n").split("\n\n")
    fail = say(RESULT_WORDS["fail"], language).upper()
    finding = _starting_with(paragraphs, f"{fail}  ")
    fix = _starting_with(paragraphs, "1. ")
    shown = [paragraphs[0], _first(paragraphs[2], WORST + 1), paragraphs[finding - 1]]
    shown += [_before(paragraphs[finding], "  - ")]
    shown += [paragraphs[fix - 1], _before(paragraphs[fix], "TOKEN2._domainkey")]
    return "\n".join(["```text", "\n\n".join(shown), "```", ""])


def _first(paragraph: str, lines: int) -> str:
    return "\n".join([*paragraph.splitlines()[:lines], "..."])


def _before(paragraph: str, mark: str) -> str:
    """The lines above the first that holds a mark."""
    return _first(paragraph, next(number for number, line in enumerate(paragraph.splitlines()) if mark in line))


def _starting_with(paragraphs: list[str], start: str) -> int:
    return next(index for index, paragraph in enumerate(paragraphs) if paragraph.startswith(start))


def requirements_block(language: Language) -> str:
    """The table of requirements in force: id, what, who asks, whether SES meets it by itself."""
    head = Text("| id | requirement | who asks | met by SES |", "| ID | 要件 | 求める受信側 | SESの既定 |")
    lines = [say(head, language), "|---|---|---|---|"]
    for requirement, clauses in rules_on(catalogue(), NOW.date()):
        link = f"[`{requirement.id}`]({Path(CATALOGUES[language]).name}#{requirement.id})"
        title, met = say(requirement.title, language), say(MET_BY_SES[requirement.ses_default.met], language)
        lines.append(f"| {link} | {title} | {'<br>'.join(_who_asks(clauses, language))} | {met} |")
    return "\n".join([*lines, ""])


def _who_asks(clauses: Iterable[Clause], language: Language) -> Iterator[str]:
    """The receivers that ask alike, together: of each the clause that binds most."""
    firmest: dict[str, Clause] = {}
    for clause in sorted(clauses, key=lambda one: (one.level != "must", one.volume != "all")):
        firmest.setdefault(clause.receiver, clause)
    alike: dict[tuple[str, str], list[str]] = {}
    for receiver in ASKED_BY_DEFAULT:
        if receiver in firmest:
            clause = firmest[receiver]
            alike.setdefault((clause.volume, clause.level), []).append(NAMES[receiver])
    volumes = {"all": Text("all", "全送信者"), "bulk": Text("bulk", "一括")}
    levels = {"must": Text("must", "必須"), "should": Text("should", "推奨")}
    for (volume, level), names in alike.items():
        who = Text(f"{volumes[volume].en}, {levels[level].en}", f"{volumes[volume].ja}・{levels[level].ja}")
        yield say(Text(f"{', '.join(names)}: {who.en}", f"{'、'.join(names)}: {who.ja}"), language)


def catalogue_page(language: Language) -> str:
    """Every requirement with every clause that there is or was, and every reason with its tag."""
    return "\n".join([*_opening(language), *_requirements(language), *_reasons(language)])


def _opening(language: Language) -> Iterator[str]:
    yield say(Text("# What receivers ask of senders", "# 受信側が送信者に求める要件"), language)
    yield ""
    yield say(
        Text(
            f"Made by `make docs` from the code; do not edit. Rules as read on {RULES_READ}, in our own words. "
            "Also in [Japanese](catalogue.ja.md).",
            f"`make docs` がコードから生成したページです。ルールの確認日は{RULES_READ}で、内容は本ツールの言葉で書いています。"
            "[英語版](catalogue.en.md)もあります。",
        ),
        language,
    )
    yield ""
    yield from (f"- **{facts.name}** {say(facts.bulk, language)}" for facts in FACTS.values())
    yield ""


def _requirements(language: Language) -> Iterator[str]:
    for requirement in catalogue():
        yield f"## {requirement.id}"
        yield ""
        yield f"**{say(requirement.title, language)}**{_google_row(requirement, language)}"
        yield ""
        yield from _clause_table(requirement, language)
        yield ""
        source = requirement.ses_default.source
        yield f"- {met_by_ses(requirement.ses_default, language)}"
        shown = f"<{source}>" if source else say(NO_DOCUMENT, language)
        yield say(Text(f"- Source: {shown}", f"- 出典: {shown}"), language)
        yield say(
            Text(f"- Set up: <{requirement.setup_page.en}>", f"- 設定手順: <{requirement.setup_page.ja}>"), language
        )
        yield ""


def _google_row(requirement: Requirement, language: Language) -> str:
    row = requirement.google_row
    shown = Text(f" (in Postmaster Tools: `{row}`)", f"(Postmaster Toolsでの名称: `{row}`)")
    return say(shown, language) if row else ""


def _clause_table(requirement: Requirement, language: Language) -> Iterator[str]:
    yield say(
        Text(
            "| receiver | of whom, since when | rule | if not met | SMTP replies |",
            "| 受信側 | 対象と適用日 | ルール | 満たさない場合 | SMTP応答 |",
        ),
        language,
    )
    yield "|---|---|---|---|---|"
    for clause in requirement.clauses:
        who = f"[{NAMES[clause.receiver]}]({clause.source})"
        cells = (say(clause.text, language), follows(clause.consequence, language), replies(clause, language))
        yield f"| {who} | {scope(clause, language)} | {' | '.join(map(_cell, cells))} |"


def _reasons(language: Language) -> Iterator[str]:
    yield say(Text("## Reasons", "## 判定理由"), language)
    yield ""
    yield say(
        Text(
            "A tag never changes and is never used again for something else. `todoku explain TAG` tells of one. "
            "What stands in braces is filled in from the evidence.",
            "タグは変更されず、別の意味に再利用されることもありません。`todoku explain タグ` で説明を表示できます。"
            "{ } の部分には、メールとDNSから得た値が入ります。",
        ),
        language,
    )
    yield ""
    yield say(Text("| tag | text | fixes |", "| タグ | 内容 | 対処方法 |"), language)
    yield "|---|---|---|"
    for tag, reason in sorted(reasons().items()):
        yield f"| `{tag}` | {_cell(say(reason.text, language))} | {_fixes(reason, language)} |"
    yield ""


def _fixes(reason: Reason, language: Language) -> str:
    return "<br>".join(_cell(say(fix.title, language)) for fix in reason.fixes)


def _cell(words: str) -> str:
    """Words as they stand in a cell of a table: nothing in them is Markdown."""
    return re.sub(r"([\\|<>*_`\[\]])", r"\\\1", words)


def main(arguments: list[str]) -> int:
    """Write what is stale; with ``--check`` only name it and give 1."""
    old = stale()
    if "--check" in arguments:
        sys.stderr.writelines(f"stale, run `make docs`: {name}\n" for name in old)
        return 1 if old else 0
    wanted = pages()
    for name in old:
        (ROOT / name).write_text(wanted[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
