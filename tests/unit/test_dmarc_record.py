"""A DMARC record: what makes it one, what makes it useless, and what is merely wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.auth.dmarc import parse_record, read_record
from todoku.auth.dmarc.record import MAX_CACHED_LENGTH, MAX_DEFECTS


def read(text: str):
    return read_record(text, "example.com")


def test_every_tag():
    record = parse_record(
        "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; fo=1; t=y; psd=n;"
        " rua=mailto:a@example.com,mailto:b@example.net; ruf=mailto:c@example.com",
        "example.com",
    )
    assert record.domain == "example.com"
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == ("reject", "quarantine", "none")
    assert (record.adkim, record.aspf, record.testing, record.psd) == ("s", "s", True, "n")
    assert record.rua == ("mailto:a@example.com", "mailto:b@example.net")
    assert record.ruf == ("mailto:c@example.com",)
    assert record.defects == ()


def test_defaults():
    record = parse_record("v=DMARC1; p=none", "example.com")
    assert (record.subdomain_policy, record.nonexistent_policy) == (None, None)
    assert (record.adkim, record.aspf, record.testing, record.psd, record.rua) == ("r", "r", False, "u", ())


@pytest.mark.parametrize("text", ["v=DMARC1; p=none", "V = DMARC1 ;p=none", "v\t=\tDMARC1;P=NONE;", "v=DMARC1;p=none "])
def test_white_space_and_case_that_the_grammar_allows(text):
    assert parse_record(text, "example.com").policy == "none"
    assert read(text).defects == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=DMARC1x; p=none",
        "v=DMARC12; p=none",
        "v=dmarc1; p=none",
        "v=DMARC1 p=none",
        "v=DMARC1=DMARC1; p=none",
        " v=DMARC1; p=none",
        '"v=DMARC1; p=none"',
        "p=none; v=DMARC1",
        "v=spf1 -all",
        "\ufeffv=DMARC1; p=none",
    ],
)
def test_what_is_no_dmarc_record(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("tags", "defect"),
    [
        ("p=none; adkim=x", "adkim-invalid"),
        ("p=none; aspf=strict", "aspf-invalid"),
        ("p=none; t=1", "t-invalid"),
        ("p=none; psd=x", "psd-invalid"),
        ("p=none; pct=50", "historic-tag:pct"),
        ("p=none; ri=86400", "historic-tag:ri"),
        ("p=none; foo=bar", "unknown-tag:foo"),
        ("p=none; rua", "syntax:rua"),
        ("p=none;; fo=1", "empty-tag"),
        ("p=none; rua=a@example.com", "bad-uri:a@example.com"),
        ("p=none; rua=mailto:", "bad-uri:mailto:"),
        ("p=none; rua=mailto:a@example.com mailto:b@example.com", "bad-uri:mailto:a@example.com mailto:b@example.com"),
        ("p=none; rua=https://example.com/r", "unsupported-uri:https://example.com/r"),
        ("p=none; rua=mailto:a@example.com!10m", "historic-size:to:a@example.com!10m"),
        ("p=none; x=\xe9", "non-ascii"),
    ],
)
def test_defects_that_leave_a_record_useful(tags, defect):
    record = parse_record(f"v=DMARC1; {tags}", "example.com")
    assert defect in record.defects
    assert record.policy == "none"


@pytest.mark.parametrize(
    "tags", ["", "p=", "p=bogus", "p=none; sp=bogus", "p=none; np=bogus", "p=none;p=none", "p=none; P=none"]
)
def test_a_record_that_receivers_do_not_use(tags):
    assert parse_record(f"v=DMARC1; {tags}", "example.com") is None
    assert read(f"v=DMARC1; {tags}").usable is False
    assert read(f"v=DMARC1; {tags}").defects


@pytest.mark.parametrize("tags", ["", "p=bogus", "p=reject; sp=bogus", "p=reject; np=bogus"])
def test_a_valid_rua_makes_it_p_none(tags):
    # RFC 9989 4.10.1
    record = parse_record(f"v=DMARC1; rua=mailto:a@example.com; {tags}", "example.com")
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == ("none", None, None)


def test_a_bad_rua_does_not():
    assert parse_record("v=DMARC1; rua=bogus", "example.com") is None


def test_the_size_of_rfc_7489_is_no_part_of_the_uri():
    assert read("v=DMARC1; p=none; rua=mailto:a@example.com!10m").rua == ("mailto:a@example.com",)


def test_a_long_record_and_many_defects_are_bounded():
    long = "v=DMARC1; p=reject; " + "x=1; " * MAX_CACHED_LENGTH
    record = read(long)
    assert record.usable is False
    assert len(record.defects) <= MAX_DEFECTS
    many = read("v=DMARC1; p=none; " + "; ".join(f"x{number}=1" for number in range(100)))
    assert len(many.defects) == MAX_DEFECTS


def test_the_same_text_at_another_domain_is_another_record():
    assert read_record("v=DMARC1; p=none", "a.example").domain == "a.example"
    assert read_record("v=DMARC1; p=none", "b.example").domain == "b.example"


@given(st.text(max_size=120), st.booleans())
def test_no_text_raises(text, versioned):
    record = read(f"v=DMARC1;{text}" if versioned else text)
    assert record is None or record.policy in ("none", "quarantine", "reject")
    assert (record is not None) or not versioned


POLICY = st.sampled_from(["none", "quarantine", "reject"])


@given(POLICY, POLICY | st.none(), POLICY | st.none(), st.sampled_from("rs"), st.sampled_from("rs"), st.booleans())
def test_a_written_record_is_read_back(p, sp, np, adkim, aspf, testing):
    tags = {"p": p, "sp": sp, "np": np, "adkim": adkim, "aspf": aspf, "t": "y" if testing else "n"}
    text = "v=DMARC1; " + "; ".join(f"{name}={value}" for name, value in tags.items() if value)
    record = parse_record(text, "example.com")
    assert (record.policy, record.subdomain_policy, record.nonexistent_policy) == (p, sp, np)
    assert (record.adkim, record.aspf, record.testing, record.defects) == (adkim, aspf, testing, ())


def test_a_tag_that_is_repeated_in_another_case_is_named_once():
    record = read("v=DMARC1; p=none; P=none; aspf=r; ASPF=s; Aspf=r")
    assert not record.usable
    assert [defect for defect in record.defects if defect.startswith("duplicate")] == [
        "duplicate-tag:p",
        "duplicate-tag:aspf",
    ]
