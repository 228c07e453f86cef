"""Lines of a terminal: never too wide, nothing lost, and broken where Japanese typesetting breaks them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.report.columns import NEVER_FIRST, NEVER_LAST, cell_len, cut, padded, wrapped

WIDTHS = st.integers(min_value=2, max_value=100)


def shortened(text: str) -> str:
    return text.replace(" ", "")


@given(st.text(), WIDTHS)
def test_no_line_is_too_wide_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width or len(line) == 1 for line in lines)
    assert shortened("".join(lines)) == shortened(text)


def runs(marks: frozenset[str]) -> st.SearchStrategy[str]:
    return st.text(sorted(marks), max_size=2)


@given(st.lists(st.tuples(runs(NEVER_LAST), st.sampled_from(["認証", "DKIM", "送"]), runs(NEVER_FIRST))), WIDTHS)
def test_no_line_begins_or_ends_with_what_may_not_where_it_can_be_avoided(
    words: list[tuple[str, str, str]], width: int
) -> None:
    text = "".join("".join(word) + "と" for word in words)
    longest = max((sum(map(cell_len, word)) for word in words), default=0)
    lines = wrapped(text, max(width, longest))
    assert [line for line in lines[1:] if line[0] in NEVER_FIRST] == []
    assert [line for line in lines[:-1] if line[-1] in NEVER_LAST] == []


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("ほかのメール(共有)です", 14, ["ほかのメール", "(共有)です"]),
        ("Gmailでは「amazonses.com 経由」", 20, ["Gmailでは", "「amazonses.com 経", "由」"]),
        ("ポリシーは「reject」に", 12, ["ポリシーは", "「reject」に"]),
        ("詳細はフィードバック", 8, ["詳細は", "フィード", "バック"]),
        ("送信に成功した。", 14, ["送信に成功し", "た。"]),
        ("値は(reject)です", 11, ["値は", "(reject)で", "す"]),
        ("見出しは 「 件名」です", 12, ["見出しは", "「 件名」で", "す"]),
        ("one two three", 7, ["one two", "three"]),
        ("a  b", 2, ["a", "b"]),
        ("", 10, [""]),
        ("aaaaaaaaaa、", 10, ["aaaaaaaaa", "a、"]),
        ("010699@ap-northeast-1.example", 16, ["010699@ap-", "northeast-1.", "example"]),
        ("、、、、、、", 4, ["、、", "、、", "、、"]),
    ],
)
def test_lines(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


def test_a_long_word_without_a_blank_is_broken_in_linear_steps() -> None:
    assert len(wrapped("x" * 800_000, 80)) == 10_000


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("届く", 4, "届く"), ("届きました", 8, "届き..."), ("abcdef", 5, "ab...")]
)
def test_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown
    assert cell_len(padded(shown, width)) == width
