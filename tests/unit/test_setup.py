"""What DNS shows of a domain: in how few rounds it is asked for, and what is made of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import todoku
from todoku.auth.ask import Answer, Question
from todoku.auth.mail_from import MailFrom
from todoku.auth.setup import LABELS, DomainSetup, domain_setup, plain_selector
from todoku.net.drivers import run
from todoku.net.suffix_list import bundled_suffixes

BASE = todoku.Zone.from_text((Path(__file__).parent.parent / "cases" / "base.zone").read_text())
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"


class Counted:
    """A source that counts the batches it is asked."""

    def __init__(self, source: object) -> None:
        self.source = source
        self.batches: list[Sequence[Question]] = []

    def answers(self, questions: Sequence[Question], *, seconds: float | None = None) -> Sequence[Answer]:
        self.batches.append(questions)
        return self.source.answers(questions)


def setup(
    source: object, name: str = "example.com", selectors: Sequence[str] = (), mail_from: Sequence[str] = ()
) -> DomainSetup:
    engine = domain_setup(name, selectors=selectors, mail_from_domains=mail_from, suffixes=bundled_suffixes())
    return run(engine, source)


def over_base(records: dict[str, list[object]]) -> todoku.Layers:
    return todoku.Layers((BASE, todoku.Zone.from_dict(records)))


def one_mail_from(records: dict[str, list[object]], mail_from: Sequence[str] = ()) -> MailFrom:
    (found,) = setup(over_base(records), mail_from=mail_from).mail_from
    return found


@pytest.mark.parametrize(
    ("name", "records", "rounds"),
    [
        ("example.com", {}, 3),  # the last one is what SPF of the MAIL FROM domain includes
        ("gone.example.org", {}, 2),  # the last one is where a DMARC record may have strayed to
        (
            "news.example.com",
            {  # no MX, so that addresses are asked for; reports elsewhere; np= asks whether the domain exists
                "news.example.com": [("A", "192.0.2.1")],
                "_dmarc.example.com": [
                    ("TXT", "v=DMARC1; p=none; np=reject; rua=mailto:a@example.net,mailto:b@example.org")
                ],
                f"{TOKEN}._domainkey.news.example.com": [("A", "192.0.2.1")],
            },
            4 - 1,
        ),
    ],
)
def test_rounds(name: str, records: dict[str, list[object]], rounds: int) -> None:
    source = Counted(over_base(records))
    setup(source, name, [TOKEN, "rsa1024"])
    assert len(source.batches) == rounds
    assert all(len(set(batch)) == len(batch) for batch in source.batches)


def test_spf_nesting_alone_adds_rounds() -> None:
    chain = {f"s{n}.example.net": [("TXT", f"v=spf1 include:s{n + 1}.example.net -all")] for n in range(6)}
    source = Counted(over_base({"example.com": [("TXT", "v=spf1 include:s0.example.net -all")], **chain}))
    setup(source)
    assert len(source.batches) == 8
    assert all(question.rdtype == "TXT" for batch in source.batches[4:] for question in batch)


def test_the_whole_of_a_domain_that_is_set_up() -> None:
    found = setup(BASE, selectors=[f"{TOKEN}._domainkey.example.com"])
    assert [(key.selector, key.problem) for key in found.selectors] == [(TOKEN, "")]
    assert [(one.name, one.problem, one.region) for one in found.mail_from] == [
        ("mail.example.com", "", "ap-northeast-1")
    ]
    assert found.region == "ap-northeast-1"
    assert found.mail_from_tried == tuple(f"{label}.example.com" for label in LABELS)
    assert found.dmarc.record is not None
    assert found.permissions == ()
    assert {answer.question.name for answer in found.answers} >= {"example.com", "amazonses.com", "_dmarc.example.com"}


MX = ("MX", (10, "feedback-smtp.ap-northeast-1.amazonses.com"))
SPF = ("TXT", "v=spf1 include:amazonses.com ~all")


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([MX, SPF], ""),
        ([MX, ("MX", (20, "mx.example.com")), SPF], "several-mx"),
        ([("MX", (10, "feedback-smtp.ap-northeast-1.amazonaws.com")), SPF], "mx-form"),
        ([("MX", (10, "feedback-smtp.amazonses.com")), SPF], "mx-form"),
        ([("MX", (10, "feedback-smtp.ap-northeast-9.amazonses.com")), SPF], "mx-host-missing"),
        ([MX, ("TXT", "hello")], "no-spf"),
        ([MX, ("TXT", "v=spf1 ip4:192.0.2.1 ~all")], "spf-without-ses"),
        ([MX, SPF, SPF, ("TXT", "v=spf1 -all")], "spf-broken"),
        ([MX, ("TXT", todoku.TIMEOUT)], "dns-failed"),
    ],
)
def test_mail_from_domains(records: list[object], problem: str) -> None:
    assert one_mail_from({"mail.example.com": records}).problem == problem


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([SPF], "no-mx"),
        ([("MX", (10, "mx.example.com")), SPF], "other-mx"),
        ([todoku.TIMEOUT], "dns-failed"),
        ([MX, SPF], ""),
    ],
)
def test_a_named_mail_from_domain_is_judged_whatever_stands_there(records: list[object], problem: str) -> None:
    found = setup(over_base({"from.example.com": records}), mail_from=["from.example.com"]).mail_from
    assert [(one.problem, one.named) for one in found if one.name == "from.example.com"] == [(problem, True)]


def test_a_wildcard_makes_no_mail_from_domain() -> None:
    world = todoku.Zone.from_dict({"example.com": [("MX", (10, "mx.example.com"))], "*.example.com": [MX]})
    assert setup(world).mail_from == ()
    assert setup(world).taken == ()


@pytest.mark.parametrize(
    ("records", "asked"),
    [
        ({}, False),  # bounce.example.com does not exist
        ({"*.example.com": [("TXT", "hello")]}, True),
        ({"*.example.com": [MX]}, True),
        ({f"{label}.example.com": [("A", "192.0.2.1")] for label in LABELS}, True),  # all exist: nothing is proved
    ],
)
def test_a_wildcard_is_looked_for_where_no_name_proves_that_there_is_none(
    records: dict[str, list[object]], asked: bool
) -> None:
    world = todoku.Zone.from_dict({"example.com": [("MX", (10, "mx.example.com"))], **records})
    found = setup(world).wildcards
    assert [one.question for one in found] == (
        [Question("_todoku-wildcard.example.com", rdtype) for rdtype in ("TXT", "MX")] if asked else []
    )


def test_the_doubled_name_is_asked_for_where_no_dmarc_record_applies() -> None:
    assert setup(BASE).doubled_dmarc is None
    bare = setup(todoku.Zone.from_dict({"example.com": [("MX", (10, "mx.example.com"))]}))
    assert bare.doubled_dmarc is not None
    assert bare.doubled_dmarc.question.name == "_dmarc.example.com.example.com"


def test_an_mx_that_dns_does_not_tell_is_not_absent() -> None:
    found = setup(over_base({"bounce.example.com": [("MX", todoku.TIMEOUT)]}))
    assert found.mail_from_unseen == ("bounce.example.com",)


def test_permissions_are_asked_of_other_organizations_only() -> None:
    rua = "v=DMARC1; p=none; rua=mailto:a@mail.example.com,mailto:b@example.net,mailto:c@example.org,https://example.net/x"
    found = setup(
        over_base(
            {
                "_dmarc.example.com": [("TXT", rua)],
                "example.com._report._dmarc.example.net": [("TXT", "v=DMARC1;")],
                "example.com._report._dmarc.example.org": [("TXT", todoku.SERVFAIL)],
            }
        )
    )
    assert [(one.destination, one.given) for one in found.permissions] == [("example.net", True), ("example.org", None)]


def test_a_parent_identity_signs_for_its_subdomains() -> None:
    found = setup(over_base({"news.example.com": [("MX", (10, "mx.example.com"))]}), "news.example.com", [TOKEN])
    assert [(key.domain, key.problem) for key in found.selectors] == [("example.com", "")]


@pytest.mark.parametrize("written", ["S1", "s1._domainkey.example.com", " s1._domainkey.example.com. ", "s1."])
def test_a_selector_is_taken_as_people_write_it(written: str) -> None:
    assert plain_selector(written) == "s1"
