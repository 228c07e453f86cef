"""The 22 attacks of espoofer (Chen et al., USENIX Security 2020) with the attacker's own SPF and DKIM in order.

None gives an aligned pass to the domain that is spoofed, and what programs would read differently is named.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

import todoku
from hostile import P, signed
from todoku.words.verdict import Missing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
VICTIM = "legitimate.com"
ATTACKER_IP = "192.0.2.66"
SPF_ATTACKER = ("TXT", f"v=spf1 ip4:{ATTACKER_IP} -all")
ZONE = todoku.Zone.from_dict(
    {
        "attack.com": [SPF_ATTACKER, ("MX", (10, "mx.attack.com"))],
        "*.attack.com": [SPF_ATTACKER, ("TXT", f"v=DKIM1; p={P}")],
        "selector._domainkey.attack.com": [("TXT", f"v=DKIM1; p={P}")],
        "_dmarc.attack.com": [("TXT", "v=DMARC1; p=none")],
        VICTIM: [("TXT", "v=spf1 ip4:192.0.2.1 -all"), ("MX", (10, "mx.legitimate.com"))],
        "_dmarc.legitimate.com": [("TXT", "v=DMARC1; p=reject")],
        "example.com": [SPF_ATTACKER, ("MX", (10, "mx.example.com"))],  # a mail service that both use
        "_dmarc.example.com": [("TXT", "v=DMARC1; p=reject")],
    }
)

# What is said of each: the DMARC result ("" where no From domain is the one From domain), why, and which defects of From.
NAMED: dict[str, tuple[str, str, set[str]]] = {
    "server_a1": ("fail", "spf-none", set()),  # MAIL FROM in a subdomain that does not exist
    "server_a2": ("fail", "spf-fail", set()),  # <(any@legitimate.com>
    "server_a3": ("fail", "dkim-malformed", {"nul"}),  # a NUL in s=: no signature by its grammar
    "server_a4": ("fail", "from-other-domain", set()),  # a quote in d=: no domain
    "server_a5": ("fail", "nothing-authenticated", set()),  # legitimate.com(a.attack.com: no domain, so SPF says none
    "server_a6": ("fail", "from-other-domain", set()),  # two @ in MAIL FROM: the last one counts
    "server_a7": ("fail", "from-other-domain", set()),  # a route in MAIL FROM
    "server_a8": ("", "no-author-domain", {"duplicate-field", "from-several-addresses"}),
    "server_a9": ("", "no-author-domain", {"leading-blank", "from-several-addresses"}),
    "server_a10": ("", "no-author-domain", {"space-before-colon", "duplicate-field", "from-several-addresses"}),
    "server_a11": ("", "no-author-domain", {"field-syntax", "from-several-addresses"}),
    "server_a12": ("", "no-author-domain", {"field-syntax", "missing-from"}),
    "server_a13": ("", "no-author-domain", {"field-syntax", "missing-from"}),
    "server_a14": ("", "no-author-domain", {"from-several-addresses"}),
    "server_a15": ("", "no-author-domain", {"encoded-word-misplaced", "from-syntax", "from-several-addresses"}),
    "server_a16": ("", "no-author-domain", {"from-route"}),
    "server_a17": ("", "no-author-domain", {"from-syntax", "from-several-addresses"}),
    "server_a18": ("", "no-author-domain", {"from-several-addresses"}),
    "server_a19": ("", "no-author-domain", {"from-syntax", "from-several-addresses"}),
    "client_a1": ("", "no-author-domain", {"duplicate-field", "from-several-addresses"}),
    "client_a2": ("pass", "spf-only-aligned", {"from-several-addresses"}),  # both are of the service that sent it
    "client_a3": ("pass", "spf-only-aligned", set()),  # the service let one user write as another: nobody can see it
}
SIGNATURES = ("none", "own", "victim's name in d=")


@pytest.fixture(scope="module")
def cases(suites):
    lines = (suites / "espoofer" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


def look(case, signature: str) -> todoku.Report:
    """The report on an attack, sent from the attacker's address, with one more signature of the attacker's."""
    raw = base64.b64decode(case["raw_b64"])
    if case["dkim"]:
        raw = signed(raw, d=case["dkim"]["d"], s=case["dkim"]["s"], h="from")
    if signature == "own":
        raw = signed(raw, d="attack.com", s="selector", h="from")
    elif signature != "none":
        raw = signed(raw, d=VICTIM, s="selector", h="from")
    envelope = todoku.Envelope(ip=ATTACKER_IP, helo=case["helo"], mail_from=case["mail_from"][1:-1])
    return todoku.check(raw, envelope, resolver=ZONE, now=NOW)


def test_the_table_names_every_attack(cases):
    assert set(cases) == set(NAMED)


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("attack", NAMED)
def test_no_aligned_pass_for_the_victim(cases, attack, signature):
    report = look(cases[attack], signature)
    dmarc = report.evidence.dmarc
    if VICTIM in report.evidence.author.domains:
        assert isinstance(dmarc, Missing) or dmarc.result == "fail"
        said = {one.result for one in report.verdicts if one.requirement == "dmarc-alignment"}
        assert "pass" not in said
    for one in report.evidence.dkim:
        assert one.result != "pass" or one.domain == "attack.com"
    assert report.evidence.spf.result != "pass" or report.evidence.spf.domain != VICTIM


@pytest.mark.parametrize("attack", NAMED)
def test_the_attack_is_named(cases, attack):
    report = look(cases[attack], "none")
    result, reason, defects = NAMED[attack]
    dmarc = report.evidence.dmarc
    (alignment,) = (one for one in report.verdicts if (one.requirement, one.receiver) == ("dmarc-alignment", "gmail"))
    assert ("" if isinstance(dmarc, Missing) else dmarc.result, alignment.reason.tag) == (result, reason)
    assert {one.tag for one in report.evidence.defects} - {"boundary-unused"} == defects
    (form,) = (one for one in report.verdicts if (one.requirement, one.receiver) == ("message-format", "gmail"))
    assert form.result == ("fail" if defects or case_is_unreadable(report) else "pass")


def case_is_unreadable(report: todoku.Report) -> bool:
    """Some of the attacks declare a multipart and never open it; that is named too."""
    return any(one.tag == "boundary-unused" for one in report.evidence.defects)
