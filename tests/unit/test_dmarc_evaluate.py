"""The DMARC verdict: alignment, policy, both discoveries, and what could not be looked at."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.auth.dmarc.evaluate import MAX_WALKS
from todoku.auth.suffixes import Suffixes
from todoku.net.dns.zone import SERVFAIL, TIMEOUT, Zone
from todoku.net.drivers import run

SUFFIXES = Suffixes.from_text("com\nexample\nbank.example\nco.jp\njp\n")


def judge(records: dict, author: str = "example.com", *, spf=None, dkim=(), more: dict | None = None) -> DmarcResult:
    zone = {f"_dmarc.{name}": [("TXT", text) for text in texts] for name, texts in records.items()} | (more or {})
    return run(evaluate(author, spf=spf, dkim=dkim, suffixes=SUFFIXES), Zone.from_dict(zone))


def rounds(author: str, records: dict, **identifiers) -> list[list[str]]:
    """The names asked in each round."""
    zone = Zone.from_dict({f"_dmarc.{name}": [("TXT", text)] for name, text in records.items()})
    engine = evaluate(author, suffixes=SUFFIXES, **identifiers)
    asked, answers = [], None
    while True:
        try:
            batch = next(engine) if answers is None else engine.send(answers)
        except StopIteration:
            return asked
        asked.append([question.name for question in batch])
        answers = zone.answers(batch)


@pytest.mark.parametrize(
    ("spf", "dkim", "result"),
    [
        (None, [], "fail"),
        (("example.com", True), [], "pass"),
        (("bounce.example.com", True), [], "pass"),
        (("example.com", False), [], "fail"),
        (("amazonses.com", True), [("amazonses.com", True)], "fail"),
        (("amazonses.com", True), [("amazonses.com", True), ("example.com", True)], "pass"),
        (("EXAMPLE.com.", True), [], "pass"),
        (("notexample.com", True), [("example.com.evil.example", True)], "fail"),
        (("example.com", None), [], "temperror"),
        (("amazonses.com", None), [], "fail"),
        (("example.com", None), [("example.com", True)], "pass"),
        (("example.com", False), [("mail.example.com", None)], "temperror"),
        (("", True), [("", True)], "fail"),
        (("legit(.example.com", True), [("\x00.example.com", True)], "fail"),
    ],
)
def test_result(spf, dkim, result):
    found = judge({"example.com": ["v=DMARC1; p=reject"]}, spf=spf, dkim=dkim)
    assert found.result == found.treewalk.result == found.psl.result == result
    assert found.methods_differ is False


def test_evidence_of_a_default_ses_message():
    found = judge(
        {"example.com": ["v=DMARC1; p=quarantine", "site-verification=1"]},
        spf=("0101.ap-northeast-1.amazonses.com", True),
        dkim=[("amazonses.com", True), ("example.com", False)],
    )
    assert (found.result, found.policy, found.organizational_domain) == ("fail", "quarantine", "example.com")
    assert (found.spf_domain, found.spf_passed) == ("0101.ap-northeast-1.amazonses.com", True)
    assert (found.dkim_domains, found.dkim_passed) == (("amazonses.com", "example.com"), (True, False))
    assert (found.spf_related, found.dkim_related) == (False, (False, True))
    assert (found.relaxed_spf, found.relaxed_dkim) == (False, (False, False))
    assert found.records_at == (("_dmarc.example.com", ("v=DMARC1; p=quarantine", "site-verification=1")),)
    assert [answer.question.name for answer in found.answers] == ["_dmarc.example.com", "_dmarc.com"]
    assert found.undetermined == ()


def test_strictness_can_be_named_as_the_cause():
    found = judge(
        {"example.com": ["v=DMARC1; p=reject; aspf=s; adkim=s"]},
        "example.com",
        spf=("bounce.example.com", True),
        dkim=[("mail.example.com", True)],
    )
    assert (found.result, found.treewalk.spf_aligned, found.treewalk.dkim_aligned) == ("fail", False, (False,))
    assert (found.relaxed_spf, found.relaxed_dkim) == (True, (True,))


@pytest.mark.parametrize(
    ("records", "status", "result"),
    [
        ({}, "none", "none"),
        ({"example.com": ["v=spf1 -all"]}, "none", "none"),
        ({"example.com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, "several", "none"),
        ({"example.com": ["v=DMARC1; p=bogus"]}, "invalid", "none"),
        ({"example.com": [TIMEOUT]}, "temperror", "temperror"),
        ({"example.com": [SERVFAIL]}, "temperror", "temperror"),
    ],
)
def test_no_usable_record(records, status, result):
    found = judge(records, spf=("example.com", True), dkim=[("example.com", True)])
    for discovery in (found.treewalk, found.psl):
        assert (discovery.status, discovery.result) == (status, result)
        assert (discovery.record, discovery.policy, discovery.dkim_aligned) == (None, None, (False,))
        assert (discovery.unusable is not None) == (status == "invalid")
    assert found.result == result


def test_a_wildcard_spf_record_is_no_dmarc_record():
    found = judge({}, "a.example.com", more={"*.example.com": [("TXT", "v=spf1 -all")]})
    assert found.treewalk.status == "none"
    assert found.records_at == (
        ("_dmarc.a.example.com", ("v=spf1 -all",)),
        ("_dmarc.example.com", ("v=spf1 -all",)),
    )


def test_a_cname_at_dmarc_is_kept():
    found = judge(
        {},
        more={
            "_dmarc.example.com": [("CNAME", "example.com.hosted.example")],
            "example.com.hosted.example": [("TXT", "v=DMARC1; p=reject")],
        },
    )
    assert found.policy == "reject"
    assert found.cname_at_dmarc == ("example.com.hosted.example",)


@pytest.mark.parametrize(
    ("tags", "exists", "expected"),
    [
        ("p=reject", True, ("reject", "p")),
        ("p=reject; sp=none", True, ("none", "sp")),
        ("p=reject; np=none", True, ("reject", "p")),
        ("p=reject; sp=none; np=quarantine", True, ("none", "sp")),
        ("p=reject; sp=none; np=quarantine", False, ("quarantine", "np")),
        ("p=reject; np=none", False, ("none", "np")),
        ("p=reject; sp=none", False, ("none", "sp")),
        ("p=reject; t=y", True, ("quarantine", "p")),
        ("p=reject; sp=quarantine; t=y", True, ("none", "sp")),
        ("p=reject; np=quarantine; t=y", False, ("none", "np")),
        ("p=none; t=y", True, ("none", "p")),
    ],
)
def test_policy_of_a_subdomain(tags, exists, expected):
    more = {"sub.example.com": [("A", "192.0.2.1")]} if exists else {}
    found = judge({"example.com": [f"v=DMARC1; {tags}"]}, "sub.example.com", more=more)
    assert (found.treewalk.policy, found.treewalk.policy_source) == expected


def test_np_needs_nxdomain_and_a_dark_name_is_none():
    # RFC 9989 3.2.13: only an answer of NXDOMAIN says that a name does not exist
    records = {"example.com": ["v=DMARC1; p=reject; np=none"]}
    found = judge(records, "sub.example.com", more={"sub.example.com": [("SOA", TIMEOUT)]})
    assert (found.policy, found.treewalk.policy_source) == ("reject", "p")


def test_the_author_domains_own_record_knows_no_sp():
    found = judge({"sub.example.com": ["v=DMARC1; p=quarantine; sp=reject"]}, "sub.example.com")
    assert (found.policy, found.treewalk.policy_source) == ("quarantine", "p")


def test_rfc_7489_knows_no_test_mode_and_no_np():
    records = {"example.com": ["v=DMARC1; p=reject; np=none; t=y"]}
    found = judge(records, "sub.example.com")
    assert (found.treewalk.policy, found.psl.policy) == ("none", "reject")
    assert found.methods_differ is True


def test_a_record_at_a_subdomain_only_aligns_by_the_list_and_not_by_the_walk():
    found = judge({"news.example.com": ["v=DMARC1; p=none"]}, "news.example.com", dkim=[("example.com", True)])
    assert (found.treewalk.organizational_domain, found.psl.organizational_domain) == (
        "news.example.com",
        "example.com",
    )
    assert (found.treewalk.result, found.psl.result) == ("fail", "pass")
    assert (found.result, found.methods_differ) == ("fail", True)


def test_several_at_the_author_domain_end_discovery_by_the_list_and_not_by_the_walk():
    records = {"a.example.com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "example.com": ["v=DMARC1; p=reject"]}
    found = judge(records, "a.example.com")
    assert (found.treewalk.status, found.treewalk.policy) == ("found", "reject")
    assert (found.psl.status, found.psl.result) == ("several", "none")


def test_a_dark_parent_leaves_alignment_open():
    records = {"example.com": ["v=DMARC1; p=reject"], "com": [TIMEOUT]}
    same = judge(records, dkim=[("example.com", True)])
    assert same.result == "pass"  # one name is aligned with itself, wherever its organization ends
    below = judge(records, dkim=[("mail.example.com", True)])
    assert below.result == "pass"  # both names end in the same organization, whatever stands above them
    other = judge(records, dkim=[("example2.com", True)])
    assert (other.treewalk.result, other.psl.result) == (
        "temperror",
        "fail",
    )  # a record without psd= there would join them
    assert other.undetermined == ("example2.com",)
    assert other.treewalk.dkim_undecided == (True,)
    assert judge(records, dkim=[("mail.example.org", True)]).result == "fail"
    assert judge(records, dkim=[("mail.example.com", False)]).result == "fail"


def test_a_dark_signer_is_temperror_only_if_it_decides():
    records = {"example.com": ["v=DMARC1; p=reject"], "mail.example.com": [TIMEOUT]}
    signed = ("mail.example.com", True)
    assert judge(records, dkim=[signed]).result == "temperror"
    assert judge(records, dkim=[signed, ("example.com", True)]).result == "pass"
    assert judge(records, dkim=[("mail.example.com", False)]).result == "fail"


def test_psd_of_a_signer_parts_it_from_its_parent():
    records = {"example.com": ["v=DMARC1; p=reject"], "shop.example.com": ["v=DMARC1; p=none; psd=n"]}
    found = judge(records, dkim=[("a.shop.example.com", True)])
    assert (found.treewalk.result, found.psl.result) == ("fail", "pass")


def test_most_messages_take_one_round():
    records = {"example.com": "v=DMARC1; p=none"}
    assert rounds(
        "example.com",
        records,
        spf=("x.ap-northeast-1.amazonses.com", True),
        dkim=[("amazonses.com", True), ("example.com", True)],
    ) == [["_dmarc.example.com", "_dmarc.com"]]


def test_a_second_round_asks_for_what_lies_between_and_whether_the_author_exists():
    records = {"example.com": "v=DMARC1; p=none; np=reject"}
    assert rounds("a.example.com", records, spf=("b.c.example.com", True), dkim=[("d.example.com", True)]) == [
        ["_dmarc.a.example.com", "_dmarc.example.com", "_dmarc.com"],
        ["_dmarc.b.c.example.com", "_dmarc.c.example.com", "_dmarc.d.example.com", "a.example.com"],
    ]


def test_no_record_no_second_round():
    assert len(rounds("example.com", {}, spf=("mail.example.com", True), dkim=[])) == 1


@pytest.mark.parametrize(("count", "open_ones"), [(MAX_WALKS, 0), (MAX_WALKS + 1, 1)])
def test_ten_other_domains_are_walked_authenticated_ones_first(count, open_ones):
    signers = [(f"s{number}.example.com", number == count - 1) for number in range(count)]
    found = judge({"example.com": ["v=DMARC1; p=reject"]}, dkim=signers)
    assert found.result == "pass"
    assert len(found.undetermined) == open_ones
    passing = [(name, True) for name, _ in signers]
    asked = rounds("example.com", {"example.com": "v=DMARC1; p=reject"}, spf=None, dkim=passing)
    assert len(asked[1]) == MAX_WALKS


@pytest.mark.parametrize("author", ["", ".", "a..b", "a b", "\x00", "x" * 64 + ".com", "a." * 200 + "com"])
def test_what_is_no_domain_is_not_asked_for(author):
    assert rounds(author, {}, spf=None, dkim=[("example.com", True)]) == []
    found = judge({}, author, dkim=[("example.com", True)])
    assert (found.result, found.treewalk.status, found.treewalk.dkim_aligned) == ("permerror", "invalid", (False,))


def test_a_name_too_long_for_dmarc_is_not_asked_for():
    author = ".".join(["a" * 49] * 5) + ".com"  # 253 characters: none are left for "_dmarc."
    asked = rounds(author, {}, spf=None, dkim=[])
    assert all(len(name) <= 253 for name in asked[0])
    assert judge({}, author).result == "none"


def organization(domain: str, records: dict) -> str:
    """RFC 9989 4.10 and 4.10.2 step by step, a question at a time."""
    labels, found = domain.split("."), []
    while labels:
        name = ".".join(labels)
        texts = [text for text in dict.fromkeys(records.get(name, ())) if text.startswith("v=DMARC1")]
        if len(texts) == 1:
            found.append(name)
            if "psd=n" in texts[0]:
                return name
            if "psd=y" in texts[0]:
                return ".".join(domain.split(".")[-len(labels) - 1 :]) if name != domain else name
        labels = labels[-7:] if name == domain and len(labels) >= 8 else labels[1:]
    return found[-1] if found else domain


LABEL = st.sampled_from(["a", "b", "example", "com", "jp", "co"])
DOMAIN = st.lists(LABEL, min_size=1, max_size=10).map(".".join)
RECORD = st.sampled_from(["v=DMARC1; p=none", "v=DMARC1; p=reject; psd=n", "v=DMARC1; psd=y; p=none", "v=spf1 -all"])


@st.composite
def worlds(draw) -> tuple[dict, str, list]:
    """Records, an author domain, and identifiers that often lie near it."""
    author = draw(DOMAIN)
    parents = [author.split(".", number)[-1] for number in range(author.count(".") + 1)]
    near = st.tuples(LABEL, st.sampled_from(parents)).map(".".join) | st.sampled_from(parents) | DOMAIN
    records = draw(st.dictionaries(near, st.lists(RECORD, min_size=1, max_size=2), max_size=6))
    return records, author, draw(st.lists(st.tuples(near, st.booleans()), max_size=4))


@settings(max_examples=500)
@given(worlds())
def test_the_rounds_saved_change_no_verdict(world):
    records, author, dkim = world
    found = judge(records, author, dkim=dkim)
    if found.treewalk.status != "found":
        assert found.result == "none"
        return
    home = organization(author, records)
    assert found.organizational_domain == home
    aligned = [domain == author or organization(domain, records) == home for domain, _ in dkim]
    assert found.dkim_related == tuple(aligned)
    passed = any(one and authenticated for one, (_, authenticated) in zip(aligned, dkim, strict=True))
    assert found.result == ("pass" if passed else "fail")


@settings(max_examples=300)
@given(worlds(), st.sets(LABEL, min_size=1))
def test_what_is_dark_never_turns_a_verdict_into_its_contrary(world, dark):
    records, author, dkim = world
    seen = judge(records, author, dkim=dkim)
    dimmed = {name: [TIMEOUT] if name.partition(".")[0] in dark else texts for name, texts in records.items()}
    unseen = judge(dimmed, author, dkim=dkim, more={f"_dmarc.{name}": [("TXT", TIMEOUT)] for name in dark})
    for lit, dim in ((seen.treewalk, unseen.treewalk), (seen.psl, unseen.psl)):
        if dim.result in ("pass", "fail"):
            assert (dim.result, dim.record) == (lit.result, lit.record)
