"""RFC 9989: recorded calls with their zones, and the examples of Appendix B.4."""

import json

import pytest

from todoku.auth.dmarc import DmarcResult, evaluate
from todoku.mail.address import parse_mailboxes
from todoku.net.dns.zone import TIMEOUT, Zone
from todoku.net.drivers import run
from todoku.net.suffix_list import bundled_suffixes

REPORTS = ("policy", "p", "sp", "testMode", "rr")


def zone_of(case: dict) -> Zone:
    """The zone of a case; where the case keeps none, the record and the place that its expected result names."""
    if "zone" in case:
        return Zone.from_dict(
            {
                name: [
                    (rdtype, (value["priority"], value["exchange"]) if rdtype == "MX" else value)
                    for rdtype, values in types.items()
                    for value in values
                ]
                for name, types in case["zone"].items()
            }
        )
    expected = case["result"]
    if expected.get("error") == "DNS timeout":
        return Zone.from_dict({f"_dmarc.{expected['domain']}": [("TXT", TIMEOUT)]})
    records = {f"_dmarc.{expected['policyDomain']}": [("TXT", expected["rr"])]} if "rr" in expected else {}
    if expected.get("policyDomain", expected["domain"]) != expected["domain"]:
        records[f"_dmarc.{expected['domain']}"] = [("TXT", "v=DMARC1; p=none")]
    return Zone.from_dict(records)


def verdict(case: dict, zone: Zone, author: str) -> DmarcResult:
    spf = [domain["domain"] if isinstance(domain, dict) else domain for domain in case["spfDomains"]]
    dkim = [domain["domain"] if isinstance(domain, dict) else domain for domain in case["dkimDomains"]]
    return run(
        evaluate(
            author,
            spf=(spf[0], True) if spf else None,
            dkim=[(domain, True) for domain in dkim],
            suffixes=bundled_suffixes(),
        ),
        zone,
    )


def differences(case: dict, result: DmarcResult) -> list[tuple]:
    """Where our result is not the expected one."""
    expected, tree = case["result"], result.treewalk
    pairs = [(expected["status"]["result"], result.result), (expected.get("policy"), tree.policy)]
    if tree.record is not None:
        pairs += [
            (expected["domain"], tree.organizational_domain),
            (expected["policyDomain"], tree.record.domain),
            (expected["p"], tree.record.policy),
            (expected["sp"], tree.record.subdomain_policy or tree.record.policy),
            (expected.get("np"), tree.record.nonexistent_policy),
            (expected["testMode"], tree.record.testing),
            (expected["rr"], tree.record.text),
            (expected["alignment"]["spf"]["strict"], tree.record.aspf == "s"),
            (expected["alignment"]["dkim"]["strict"], tree.record.adkim == "s"),
            (bool(expected["alignment"]["spf"].get("result")), tree.spf_aligned),
            (bool(expected["alignment"]["dkim"].get("result")), any(tree.dkim_aligned)),
        ]
    return [pair for pair in pairs if pair[0] != pair[1]]


def test_every_recorded_call(suites, tally):
    lines = (suites / "dmarc" / "rfc9989-cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) == 65
    wrong, several_authors = [], 0
    for case in cases:
        written = case["headerFrom"]
        authors = written if isinstance(written, list) else [written]
        if len(authors) > 1:
            # The assertion is "no evaluation": a message with several From domains has no author domain to evaluate;
            # that is parse_author()'s to say, which gives no `domain` then.
            assert len(parse_mailboxes(", ".join(authors).encode())[0]) == 2
            several_authors += 1
            continue
        author = authors[0].rpartition("@")[2]
        result = verdict(case, zone_of(case), author)
        wrong += [(case["name"], *pair) for pair in differences(case, result)]
        if "queries" in case:  # the walk of the author domain, in its order, comes first
            walked = list(dict.fromkeys(question["name"] for question in case["queries"]))
            asked = [answer.question.name for answer in result.answers]
            if [name for name in asked if name in walked] != [name for name in walked if name in asked]:
                wrong.append((case["name"], walked, asked))
    tally("DMARC, RFC 9989 calls", len(cases) - len({one[0] for one in wrong}), len(cases))
    assert wrong == []
    assert several_authors == 1


B4 = [
    # section, records at _dmarc names, author, MAIL FROM, d=, organizational domain, policy domain, SPF, DKIM aligned
    (
        "B.4.1",
        {"example.com": "v=DMARC1; p=none", "signing.example.com": "v=DMARC1; p=none"},
        ("example.com", "example.com", "signing.example.com"),
        ("example.com", "example.com", True, True),
    ),
    (
        "B.4.2",
        {"example.com": "v=DMARC1; p=none", "signing.example.com": "v=DMARC1; p=none"},
        ("a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com", "signing.example.com"),
        ("example.com", "example.com", True, True),
    ),
    (
        "B.4.3",
        {"bank.example": "v=DMARC1; p=reject; psd=y", "giant.bank.example": "v=DMARC1; p=none"},
        ("giant.bank.example", "mail.giant.bank.example", "mail.mega.bank.example"),
        ("giant.bank.example", "giant.bank.example", True, False),
    ),
]


@pytest.mark.parametrize(("section", "records", "names", "expected"), B4)
def test_appendix_b4(suites, section, records, names, expected):
    text = (suites / "dmarc" / "rfc9989-B4-examples.txt").read_text(encoding="utf-8")
    prose = " ".join(text.partition(f"{section}. ")[2].split())
    assert prose.index(f"Author Domain: {names[0]} ") < prose.index(f"MailFrom Domain: {names[1]} ")
    assert f"DKIM-Authenticated Identifier: {names[2]} " in prose
    zone = Zone.from_dict({f"_dmarc.{name}": [("TXT", record)] for name, record in records.items()})
    author, mail_from, signer = names
    result = run(
        evaluate(author, spf=(mail_from, True), dkim=[(signer, True)], suffixes=bundled_suffixes()),
        zone,
    )
    tree = result.treewalk
    assert (tree.organizational_domain, tree.record.domain, tree.spf_aligned, tree.dkim_aligned == (True,)) == expected
    assert result.result == "pass"
