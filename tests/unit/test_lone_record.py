"""Records that count only where they stand alone: MTA-STS, TLS-RPT, BIMI."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import todoku
from todoku.auth import bimi, mta_sts, tls_rpt
from todoku.net.drivers import run

STS = "v=STSv1; id=20260101T000000"
LOGO = "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ([STS], "found"),
        (["hello", STS], "found"),
        ([], "none"),
        (["v=STSv2; id=1", "v=spf1 -all"], "none"),
        ([STS, "v=STSv1; id=2"], "several"),
        (["v=STSv1"], "invalid"),
        (["v=STSv1; id=a b"], "invalid"),
        ([todoku.TIMEOUT], "dns-failed"),
    ],
)
def test_what_stands_at_the_name(values: list[object], status: str) -> None:
    zone = todoku.Zone.from_dict({"_mta-sts.example.com": [("TXT", value) for value in values]})
    found = run(mta_sts.mta_sts("example.com"), zone)
    assert (found.name, found.status) == ("_mta-sts.example.com", status)
    assert bool(found.detail) is (status in ("several", "invalid", "dns-failed"))


def test_names() -> None:
    zone = todoku.Zone.from_dict(
        {
            "_smtp._tls.example.com": [("TXT", "v=TLSRPTv1; rua=mailto:a@example.com")],
            "default._bimi.example.com": [("TXT", LOGO)],
        }
    )
    assert run(tls_rpt.tls_rpt("example.com"), zone).status == "found"
    assert run(bimi.bimi("example.com"), zone).status == "found"


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (LOGO, ""),
        ("v=BIMI1; l=; a=", ""),
        ("v=BIMI1;l=https://example.com/logo.svg", ""),
        ("v=BIMI1", "l= is missing"),
        ("v=BIMI1; l=http://example.com/logo.svg", "l= is no https: address"),
        ("v=BIMI1; l=https://example.com/l.svg; a=file:x", "a= is no https: address"),
        ("v=BIMI1; l=; l=", "l= is repeated"),
    ],
)
def test_bimi(record: str, wrong: str) -> None:
    assert bimi.defect(record) == wrong


@pytest.mark.parametrize("defect", [mta_sts.defect, tls_rpt.defect, bimi.defect])
def test_defects_are_found_in_time_that_grows_with_the_record(defect) -> None:
    assert defect("v=STSv1" + " ;" * 50_000)
    assert defect("v=TLSRPTv1; rua=" + "mailto:a," * 20_000)


@given(st.text(st.characters(max_codepoint=255)).map(lambda text: f"v=STSv1;{text}"))
def test_no_record_raises(record: str) -> None:
    for defect in (mta_sts.defect, tls_rpt.defect, bimi.defect):
        assert isinstance(defect(record), str)
