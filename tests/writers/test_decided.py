"""What should stand after a change, worked out from what stands now: no zone, no server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.net.writers.dns_writer import Written, decided, stands_in
from todoku.words.change import Output, RecordSet, RecordSetChange

NAME = "example.com"
SPF, OLD_SPF, SITE = "v=spf1 include:amazonses.com ~all", "v=spf1 -all", "google-site-verification=abc"


def held(*values, rdtype="TXT", ttl=300, name=NAME):
    return RecordSet(name, rdtype, tuple(sorted(values)), ttl if values else 0)


def change(*add, remove=(), before=None, ttl=300, rdtype="TXT"):
    return RecordSetChange(before or held(rdtype=rdtype), tuple(add), tuple(remove), ttl)


class TestMerge:
    def test_new_set(self):
        assert decided(change(SPF, ttl=600), held()) == held(SPF, ttl=600)

    def test_replaced_value(self):
        before = held(OLD_SPF, SITE)
        assert decided(change(SPF, remove=(OLD_SPF,), before=before), before) == held(SPF, SITE)

    def test_value_that_others_added_meanwhile_is_kept(self):
        asked = change(SPF, remove=(OLD_SPF,), before=held(OLD_SPF))
        assert decided(asked, held(OLD_SPF, SITE)) == held(SPF, SITE)

    def test_last_value_leaves_an_empty_set(self):
        assert decided(change(remove=(SITE,), before=held(SITE)), held(SITE)) == held()

    @pytest.mark.parametrize(
        ("rdtype", "spelled", "standing"),
        [
            ("CNAME", "Token.dkim.amazonses.com", "token.DKIM.amazonses.com"),
            ("MX", "10 Feedback-SMTP.eu-west-1.amazonses.com", "10 feedback-smtp.eu-west-1.amazonses.com"),
            ("AAAA", "2001:DB8::1", "2001:db8:0:0:0:0:0:1"),
        ],
    )
    def test_spellings_of_one_record_are_one(self, rdtype, spelled, standing):
        found = held(standing, rdtype=rdtype)
        assert decided(change(spelled, rdtype=rdtype), found).status == "unchanged"
        assert decided(change(remove=(spelled,), before=found, rdtype=rdtype), found) == held(rdtype=rdtype)

    def test_letter_case_of_a_text_counts(self):
        assert decided(change("Abc"), held("abc")) == held("abc", "Abc")


class TestTtl:
    def test_a_set_keeps_its_own(self):
        before = held(SITE, ttl=900)
        assert decided(change(SPF, before=before, ttl=900), held(SITE, ttl=60)) == held(SITE, SPF, ttl=60)

    def test_unless_another_is_meant(self):
        assert decided(change(SPF, before=held(SITE, ttl=900), ttl=300), held(SITE, ttl=900)) == held(
            SITE, SPF, ttl=300
        )

    def test_a_set_that_came_meanwhile_keeps_its_own(self):
        assert decided(change(SPF, ttl=300), held(SITE, ttl=60)) == held(SITE, SPF, ttl=60)

    def test_alone_is_a_change(self):
        before = held(SITE, ttl=900)
        assert decided(change(before=before, ttl=60), before) == held(SITE, ttl=60)

    @pytest.mark.parametrize(("ttl", "fine"), [(-1, False), (0, True), (2**31 - 1, True), (2**31, False)])
    def test_bounds(self, ttl, fine):
        verdict = decided(change(SPF, ttl=ttl), held())
        assert isinstance(verdict, RecordSet) is fine
        if not fine:
            assert verdict.status == "refused"


class TestUnchanged:
    def test_every_value_stands(self):
        assert decided(change(SPF), held(SPF, SITE)).status == "unchanged"

    def test_made_before(self):
        assert decided(change(SPF, remove=(OLD_SPF,), before=held(OLD_SPF)), held(SPF)).status == "unchanged"

    def test_removed_before(self):
        assert decided(change(remove=(OLD_SPF,), before=held(OLD_SPF)), held()).status == "unchanged"


class TestConflict:
    def test_value_to_remove_is_gone(self):
        verdict = decided(change(SPF, remove=(OLD_SPF,), before=held(OLD_SPF)), held(SITE))
        assert (verdict.status, verdict.found) == ("conflict", held(SITE))
        assert OLD_SPF in verdict.detail.en
        assert OLD_SPF in verdict.detail.ja

    @pytest.mark.parametrize(
        ("standing", "added"),
        [
            (OLD_SPF, SPF),
            ("V=SPF1 -all", SPF),
            ("v=spf1", SPF),
            ("v=DMARC1; p=none", "v=DMARC1;p=reject"),
            ("v = DMARC1; p=reject", "v=DMARC1; p=none"),
            ("V\t=DMARC1;p=reject", "v=DMARC1; p=none"),
            ("v=STSv1; id=1;", "v=STSv1; id=2;"),
            ("v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com"),
        ],
    )
    def test_second_record_of_which_one_only_counts(self, standing, added):
        verdict = decided(change(added), held(standing, SITE))
        assert (verdict.status, verdict.found) == ("conflict", held(standing, SITE))

    @pytest.mark.parametrize("standing", ["v=spf10 -all", "v=spf1-x", "x v=spf1 -all", "v=DMARC10"])
    def test_what_is_of_another_version_is_in_nobodys_way(self, standing):
        assert isinstance(decided(change(SPF, "v=DMARC1; p=none"), held(standing)), RecordSet)

    def test_two_that_stand_already_are_not_this_change_s_doing(self):
        found = held(SPF, OLD_SPF)
        assert decided(change(SITE), found) == held(SPF, OLD_SPF, SITE)

    def test_alias_came(self):
        alias = RecordSet(NAME, "CNAME", ("elsewhere.example",), 60)
        verdict = decided(change(SPF), held(), [alias])
        assert (verdict.status, verdict.found) == ("conflict", alias)
        assert "elsewhere.example" in verdict.detail.en

    def test_alias_where_something_else_stands(self):
        verdict = decided(change("target.example", rdtype="CNAME"), held(rdtype="CNAME"), [held(SITE)])
        assert (verdict.status, verdict.found) == ("conflict", held(SITE))

    def test_signatures_stand_beside_an_alias(self):
        signed = [RecordSet(NAME, "RRSIG", ("CNAME 13 2 300",), 300), RecordSet(NAME, "NSEC", ("a",), 300)]
        assert isinstance(decided(change("target.example", rdtype="CNAME"), held(rdtype="CNAME"), signed), RecordSet)

    def test_second_alias(self):
        found = held("other.example", rdtype="CNAME")
        verdict = decided(change("target.example", rdtype="CNAME"), found)
        assert (verdict.status, verdict.found) == ("conflict", found)

    def test_alias_is_replaced(self):
        found = held("other.example", rdtype="CNAME")
        asked = change("target.example", remove=("OTHER.example",), before=found, rdtype="CNAME")
        assert decided(asked, found) == held("target.example", rdtype="CNAME")

    def test_removal_is_in_nobodys_way(self):
        alias = RecordSet(NAME, "CNAME", ("elsewhere.example",), 60)
        assert decided(change(remove=(SITE,), before=held(SITE)), held(SITE), [alias]) == held()


def test_what_only_a_reply_will_show_is_not_written():
    asked = RecordSetChange(held(rdtype="CNAME"), ("{0}.dkim.amazonses.com",), outputs=(Output(1, "Tokens[0]"),))
    assert decided(asked, held(rdtype="CNAME")).status == "refused"

    assert decided(asked.filled("token"), held(rdtype="CNAME")).values == ("token.dkim.amazonses.com",)


class TestUndo:
    def test_restores_two_records_that_stood_against_each_other(self):
        before = held(SPF, OLD_SPF)
        asked = change(remove=(OLD_SPF,), before=before)
        assert decided(asked.undone, decided(asked, before)) == before

    def test_not_beside_one_that_came_meanwhile(self):
        asked = change(remove=(OLD_SPF,), before=held(OLD_SPF))
        assert decided(asked.undone, held(SPF)).status == "conflict"


VALUES = st.lists(st.sampled_from(["a", "b", "c", SPF, OLD_SPF]), unique=True, max_size=4)
TTLS = st.integers(0, 3)


@given(VALUES, VALUES, VALUES, TTLS, TTLS)
def test_what_was_decided_stands_and_its_undoing_leads_back(before, add, remove, ttl, was):
    start = RecordSet(NAME, "TXT", tuple(sorted(before)), was if before else 0)
    asked = RecordSetChange(start, tuple(add), tuple(value for value in remove if value in before), ttl)
    made = decided(asked, start)
    if isinstance(made, Written):
        assert (made.status, made.found) == ("unchanged", start)
        return
    assert stands_in(asked, made)
    assert decided(asked, made).status == "unchanged"
    back = decided(asked.undone, made)
    assert (back.found if isinstance(back, Written) else back) == start
