"""What users read keeps to one set of words and to one way of writing, in English and in Japanese.

``docs/glossary.md`` says which words; what a machine can tell of it stands here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from todoku.judging.judge import catalogue, reasons

ROOT = Path(__file__).parent.parent
JAPANESE = "ぁ-んァ-ヶー一-龠々"
MENUS = ("メッセージのソース", "Outlookメッセージ形式", "メッセージタグ")
"""Names in mail programs and at AWS that hold a word which we do not use ourselves."""

FORBIDDEN = {
    "大量送信者": "一括送信者",
    "メッセージ": "メール",
    "未対応": "要対応",
    "望ましい": "推奨",
    "証人": "確認元",
    "フォレンジック": "失敗レポート",
    "集計レポート": "集約レポート",
    "アラインメント": "アライメント",
    "リゾルバ": "リゾルバー",
    "セレクタ": "セレクター",
    "ヘッダ": "ヘッダー",
    "サーバ": "サーバー",
    "フォルダ": "フォルダー",
    "レシーバ": "受信側",
    "オーガニゼーショナル": "組織ドメイン",
}
"""A word that the glossary does not have, and the one that it has."""

PATTERNS = {
    "full-width digits, letters or signs": re.compile(r"[\uff01-\uff5e\u3000]"),
    "half-width kana": re.compile(r"[\uff61-\uff9f]"),
    "a blank beside a bracket": re.compile(rf"[{JAPANESE}] \(|\) [{JAPANESE}]"),
    "a blank inside a katakana word": re.compile(r"[ァ-ヶー] [ァ-ヶー]"),
    "a blank beside Japanese punctuation": re.compile(rf"[{JAPANESE}] [、。」』]|[、。「『] "),
    "two blanks": re.compile(r"\S  +\S"),
    "two full stops": re.compile(r"。。|、、|、。|。、"),
    "plain form": re.compile(r"(?:である|のだ|ない|(?<![でま])した|する|れる)。"),
}


def flat(node: ast.expr) -> str:
    """A string as it stands in the code, ``{}`` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(flat(value) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            return f"{flat(body)}\n{flat(orelse)}"
        case _:
            return "{}"


def pairs() -> Iterator[tuple[str, str, str]]:
    """Every sentence of the code with where it stands: English, Japanese."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Text" | "here"), args=[en, ja]):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", flat(en), flat(ja)


PAIRS = list(pairs())


def prose(page: str) -> Iterator[str]:
    """The lines of a page of Markdown that a person wrote as text: no code."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for line in text.splitlines():
        yield re.sub(r"`[^`]*`", "``", line)


def without_menus(text: str) -> str:
    for name in MENUS:
        text = text.replace(name, "")
    return text


def test_there_is_something_to_read() -> None:
    assert len(PAIRS) > 400


@pytest.mark.parametrize("word", FORBIDDEN)
def test_japanese_has_one_word_for_one_thing(word: str) -> None:
    right = FORBIDDEN[word]
    found = [where for where, _, ja in PAIRS if word in without_menus(ja).replace(right, "")]
    pages = ("README.ja.md", "docs/manual.ja.md", "docs/watching.ja.md")
    found += [line for page in pages for line in prose(page) if word in without_menus(line).replace(right, "")]
    assert found == [], f"write {right}"


@pytest.mark.parametrize("name", [name for name in PATTERNS if name not in ("two blanks", "plain form")])
def test_japanese_is_written_in_one_way(name: str) -> None:
    found = [f"{where}: {ja}" for where, _, ja in PAIRS if PATTERNS[name].search(ja)]
    assert found == []


def test_no_sentence_holds_two_blanks_in_a_row() -> None:
    for where, *texts in PAIRS:
        for text in texts:
            lines = [] if "\b" in text else text.split("\n")  # an example in a help page is laid out
            assert not [line for line in lines if not line.startswith(" ") and PATTERNS["two blanks"].search(line)], (
                where
            )


def test_reasons_are_whole_sentences() -> None:
    for reason in reasons().values():
        assert re.search(r"[.}]\Z", reason.text.en), reason.tag
        assert re.search(r"(?:。|}|\))\Z", reason.text.ja), reason.tag
        assert not PATTERNS["plain form"].search(reason.text.ja), reason.tag


def test_what_a_requirement_asks_and_what_ses_does_are_whole_sentences() -> None:
    for requirement in catalogue():
        for clause in requirement.clauses:
            assert clause.text.en.endswith("."), requirement.id
            assert clause.text.ja.endswith((")。", "こと。", "を推奨。")) or clause.text.ja.endswith("。"), (
                requirement.id
            )
            assert not re.search("です。|ます。", clause.text.ja), requirement.id
        for text in (requirement.ses_default.text, requirement.elsewhere.text):
            assert text.en.endswith("."), requirement.id
            assert re.search("(?:です|ます|ません|ください|ました)(?:\\([^)]*\\))?。\\Z", text.ja), requirement.id


def test_titles_are_no_sentences() -> None:
    titles = [requirement.title for requirement in catalogue()]
    titles += [fix.title for reason in reasons().values() for fix in reason.fixes]
    for title in titles:
        assert not title.en.endswith("."), title
        assert not title.ja.endswith("。"), title


@pytest.mark.parametrize(
    "words",
    [
        "bears a",
        "no ground to worry",
        "cannot be had, and",
        "stand against",
        "begins like an answer",
        "may stand once",
        "forensic",
    ],
)
def test_english_is_plain(words: str) -> None:
    assert [where for where, en, _ in PAIRS if words in en] == []


UNSOURCED = (
    "five days",
    "every few minutes",
    "5日間",
    "SES receives the complaints",
    "signature for your domain covers both",
    "cannot be encrypted bounces",
    "refuse mail that does not meet",
    "メールを拒否します。\n",
)
"""What was once told of SES and of receivers, and what no page of theirs says."""


@pytest.mark.parametrize("words", UNSOURCED)
def test_nothing_is_told_as_a_fact_that_no_page_says(words: str) -> None:
    assert [where for where, *texts in PAIRS if any(words in text for text in texts)] == []
    pages = ("README.md", "README.ja.md", "docs/manual.md", "docs/manual.ja.md")
    assert [page for page in pages if words in (ROOT / page).read_text(encoding="utf-8")] == []
