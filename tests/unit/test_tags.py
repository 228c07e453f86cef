"""The tag=value grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.mail.tags import listed, parse_tags, squeeze


def test_order_case_and_folds() -> None:
    tags = parse_tags(" v=DKIM1;\r\n\tb = AB\r\n CD ; p=;B=2; ")
    assert list(tags.values.items()) == [("v", "DKIM1"), ("b", "AB\r\n CD"), ("p", ""), ("B", "2")]
    assert tags.problem == ""
    assert squeeze(tags.get("b")) == "ABCD"
    assert squeeze("A\xa0B") == "A\xa0B"
    assert "p" in tags
    assert "q" not in tags
    assert tags.get("q", "dns/txt") == "dns/txt"


def test_a_value_may_hold_equals_signs() -> None:
    assert parse_tags("p=MIGf==").values == {"p": "MIGf=="}


@pytest.mark.parametrize("text", ["a", "=x", "1a=x", "a b=x", "a=1;;b=2", "a=x\x00y", "é=1", ";a=1", ";", "a-b=1"])
def test_pieces_outside_the_grammar_are_named(text: str) -> None:
    tags = parse_tags(text)
    assert tags.malformed
    assert tags.problem.startswith("not tag=value")


def test_repeated_tags_are_named_once_and_the_first_value_stays() -> None:
    tags = parse_tags("a=1; b=2; a=3; a=4; A=5")
    assert tags.repeated == ("a",)
    assert tags.values == {"a": "1", "b": "2", "A": "5"}
    assert tags.problem == "a= is repeated"


@pytest.mark.parametrize("text", ["", " ", "\r\n \t"])
def test_an_empty_list_has_no_tags(text: str) -> None:
    tags = parse_tags(text)
    assert (tags.values, tags.problem) == ({}, "empty tag list")


def test_listed() -> None:
    assert listed(" from : to:\r\n subject") == ("from", "to", "subject")
    assert listed("") == ("",)


@given(st.text())
def test_never_raises(text: str) -> None:
    tags = parse_tags(text)
    assert len(tags.values) + len(tags.malformed) <= text.count(";") + 1
    assert isinstance(tags.problem, str)


names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,5}", fullmatch=True)
words = st.from_regex(r"([!-:<-~]+([ \t][!-:<-~]+)*)?", fullmatch=True)
white = st.sampled_from(["", " ", "\t", "\r\n ", " \r\n\t"])


@given(st.dictionaries(names, words, min_size=1), st.data())
def test_what_was_written_is_read(values: dict[str, str], data: st.DataObject) -> None:
    text = ";".join(
        f"{data.draw(white)}{name}{data.draw(white)}={data.draw(white)}{value}{data.draw(white)}"
        for name, value in values.items()
    )
    assert list(parse_tags(text + data.draw(st.sampled_from(["", ";", "; "]))).values.items()) == list(values.items())
