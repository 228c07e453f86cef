"""What is constant in a sender's signatures is read once: nothing comes of it that a whole reading would not say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.dkim.signature import DKIM_TAGS, MAX_REMEMBERED, _defects, read_signature

SOUND = {
    "v": "1",
    "a": "rsa-sha256",
    "b": "AAAA",
    "bh": "AAAA",
    "c": "relaxed/simple",
    "d": "example.com",
    "h": "from:to",
    "i": "@example.com",
    "q": "dns/txt",
    "s": "s1",
    "t": "100",
    "x": "200",
    "l": "5",
}
ODD = (
    "",
    "2",
    "rsa-sha1",
    "x.y",
    "to:from",
    "@other.example",
    "http",
    "relaxed/none",
    "50",
    "100",
    "é",
    "AAA=A",
    "a b",
)
SEAL = ("i", "a", "b", "cv", "d", "s")


@given(
    st.dictionaries(st.sampled_from(sorted(SOUND)), st.sampled_from([None, *ODD])),
    st.sampled_from([DKIM_TAGS, SEAL]),
    st.booleans(),
)
def test_the_first_defect_is_that_of_a_whole_reading(
    changes: dict[str, str | None], required: tuple[str, ...], again: bool
) -> None:
    tags = {name: value for name, value in {**SOUND, **changes}.items() if value is not None}
    value = "; ".join(f"{name}={text}" for name, text in tags.items())
    signature = read_signature(value + ("; b=x" if again else ""), required)
    assert signature.defect == next(_defects(signature, required), None)


@given(st.dictionaries(st.sampled_from(sorted(SOUND)), st.sampled_from([None, *ODD])))
def test_a_long_signature_is_read_as_a_short_one(changes: dict[str, str | None]) -> None:
    tags = {name: value for name, value in {**SOUND, **changes}.items() if value is not None}
    value = "; ".join(f"{name}={text}" for name, text in tags.items())
    short, long = read_signature(value), read_signature(f"{value}; z={'x' * MAX_REMEMBERED}")
    for name in ("domain", "selector", "identity", "algorithm", "forms", "signed", "b", "bh", "length", "defect"):
        assert getattr(short, name) == getattr(long, name)
