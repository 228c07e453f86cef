"""What was done to a message is named rightly, or only in general, and never wrongly."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import damaged_mail
import todoku
from damaged_mail import NOW, ZONE, Case, cases, mails, signature, signature_of_ses, with_field
from todoku.auth.dkim.canonical import canonical
from todoku.auth.dkim.damage import GENERAL, Damage, diagnose
from todoku.auth.dkim.damage.added import MAX_LINES
from todoku.auth.dkim.damage.body import MAX_REWRAPPED, MAX_REWRAPPED_LINES
from todoku.auth.dkim.damage.header import MAX_COPIES
from todoku.auth.dkim.damage.search import LARGE, MANY_LINES, MAX_HASHES, MAX_OCTETS, Search
from todoku.auth.dkim.sign import sign_digest, with_b
from todoku.auth.dkim.signature import read_signature
from todoku.auth.dkim.verify import verify
from todoku.evidence.authentication import MAX_DIAGNOSED
from todoku.mail.message import scan
from todoku.net.drivers import run

SEEDS = (1, 4711)
LATER = datetime.fromtimestamp(NOW + 3_600, UTC)
MAILS = mails(Random(7))
PLAIN = MAILS["plain"]
TOLD = re.compile(r"beyond_guessing|(?:plain|flowed|long-lines|8bit|jis|qp) \S+ body-cut")
"""Cases that nothing in the message tells apart from others, so that the general name is right for them."""


def damages(raw: bytes) -> list[Damage]:
    """The damage of each signature that fails, or could not be verified."""
    message = scan(raw)
    results = run(verify(message, now=LATER), ZONE)
    return [diagnose(message, result) for result in results if result.result != "pass"]


def damage(raw: bytes) -> Damage:
    """The damage by the topmost signature that fails."""
    return damages(raw)[0]


@pytest.fixture(scope="module", params=SEEDS)
def named(request: pytest.FixtureRequest) -> list[tuple[Case, Damage]]:
    """Every generated case in which the damage broke the signature, with what it was called."""
    found = [(case, damages(case.raw)) for case in cases(request.param)]
    return [(case, broken[0]) for case, broken in found if broken]


def is_right(case: Case, called: Damage) -> bool:
    return called.tag == case.tag and called.field == case.field


def test_nothing_is_named_wrongly(named: list[tuple[Case, Damage]]) -> None:
    wrong = [(case.name, called) for case, called in named if called.tag not in GENERAL and not is_right(case, called)]
    assert len(named) > 1_000
    assert not wrong


def test_each_of_the_twelve_damages_is_named_rightly(named: list[tuple[Case, Damage]]) -> None:
    right: Counter[str] = Counter()
    general: defaultdict[str, list[str]] = defaultdict(list)
    for case, called in named:
        if is_right(case, called):
            right[case.tag] += 1
        else:
            general[case.tag].append(case.name)
    assert len(right) == 12
    for tag, count in right.items():
        print(f"{tag:24} {count:4} right, {len(general[tag]):3} in general")
    assert not [name for names in general.values() for name in names if not TOLD.search(name)]


@pytest.mark.parametrize("form", ["relaxed/simple", "relaxed/relaxed", "simple/simple"])
def test_a_footer_is_measured(form: str) -> None:
    footer = b"-- \r\nSent to the list.\r\n"
    raw = signature(PLAIN, form) + PLAIN.raw + footer
    assert damage(raw) == Damage("body-footer-added", octets=len(footer))


def test_a_footer_below_a_large_body() -> None:
    mail = PLAIN._replace(body=b"A line of text.\r\n" * (LARGE // 17 + 1))
    assert damage(signature(mail, "relaxed/relaxed") + mail.raw + b"Footer\r\n") == Damage(
        "body-footer-added", octets=8
    )


@pytest.mark.parametrize(("lines", "tag"), [(MAX_LINES, "body-footer-added"), (MAX_LINES + 1, "body-changed")])
def test_a_footer_has_a_bound(lines: int, tag: str) -> None:
    assert damage(signature(PLAIN, "relaxed/relaxed") + PLAIN.raw + b"Footer\r\n" * lines).tag == tag


@pytest.mark.parametrize(("size", "tag"), [(LARGE - 9, "body-text-added"), (LARGE, "body-changed")])
def test_a_large_body_gets_only_what_is_cheap(size: int, tag: str) -> None:
    mail = PLAIN._replace(body=b"x" * 998 * (size // 998) + b"x" * (size % 998 - 2) + b"\r\n")
    raw = signature(mail, "relaxed/relaxed") + mail._replace(body=b"Banner\r\n" + mail.body).raw
    assert damage(raw).tag == tag


@pytest.mark.parametrize(("lines", "tag"), [(MANY_LINES - 1, "body-text-added"), (MANY_LINES, "body-changed")])
def test_so_does_one_of_many_lines(lines: int, tag: str) -> None:
    mail = PLAIN._replace(body=b"x\r\n" * lines)
    raw = signature(mail, "relaxed/relaxed") + mail._replace(body=b"Banner\r\n" + mail.body).raw
    assert damage(raw).tag == tag


def with_a_broken_line(size: int, lines: int) -> bytes:
    """A message of which a relay broke the first line; its body has then so many octets and lines."""
    first, broken = b"x" * 60 + b" " + b"x" * 60 + b"\r\n", b"x" * 60 + b"\r\n" + b"x" * 60 + b"\r\n"
    length, longer = divmod(size - len(broken), lines - 2)
    others = b"".join((b"y " * 40)[: length - 3 + (number < longer)] + b"y\r\n" for number in range(lines - 2))
    after = PLAIN._replace(body=broken + others)
    assert (len(after.body), after.body.count(b"\n")) == (size, lines)
    return signature(PLAIN._replace(body=first + others), "relaxed/relaxed") + after.raw


@pytest.mark.parametrize(
    ("size", "lines", "tag"),
    [
        (MAX_REWRAPPED, 950, "body-rewrapped"),
        (MAX_REWRAPPED + 1, 950, "body-changed"),
        (9_000, MAX_REWRAPPED_LINES, "body-rewrapped"),
        (9_000, MAX_REWRAPPED_LINES + 1, "body-changed"),
    ],
)
def test_lines_are_joined_in_short_bodies_alone(size: int, lines: int, tag: str) -> None:
    assert damage(with_a_broken_line(size, lines)).tag == tag


def search_for_plain() -> Search:
    return Search(read_signature(scan(signature(PLAIN, "simple/simple") + PLAIN.raw).fields[0].value))


@pytest.mark.parametrize(("guesses", "found"), [(MAX_HASHES - 1, True), (MAX_HASHES, False)])
def test_guesses_are_counted(guesses: int, found: bool) -> None:
    search = search_for_plain()
    assert not any(search.finds(b"another\r\n") for _ in range(guesses))
    assert (search.spent, search.finds(PLAIN.body)) == (not found, found)


@pytest.mark.parametrize(("octets", "found"), [(MAX_OCTETS - 1, True), (MAX_OCTETS, False)])
def test_hashed_octets_are_counted(octets: int, found: bool) -> None:
    search = search_for_plain()
    assert not search.finds(b"x" * octets)
    assert (search.spent, search.finds(PLAIN.body)) == (not found, found)


def test_only_the_first_failed_signatures_are_searched() -> None:
    raw = signature(PLAIN, "relaxed/relaxed") * (MAX_DIAGNOSED + 1) + PLAIN.raw + b"Footer\r\n"
    dkim = todoku.check(raw, resolver=ZONE, settings=todoku.Settings(now=LATER)).evidence.dkim
    assert [one.damage for one in dkim] == [Damage("body-footer-added", octets=8)] * MAX_DIAGNOSED + [None]


@pytest.mark.parametrize("page", [b"</html>\r\n", b"text\r\n"])
def test_a_multipart_without_an_end_is_cut_unless_its_last_part_is_whole(page: bytes) -> None:
    mail = MAILS["mixed"]
    body = mail.body[: mail.body.index(b"--b0undary_1\r\nContent-Type: application")]
    html = b"--b0undary_1\r\nContent-Type: text/html\r\n\r\n<html>" + page
    found = damage(signature(mail, "relaxed/relaxed") + mail._replace(body=body + html).raw)
    assert found == (Damage("body-changed") if b"html" in page else Damage("body-cut", confident=False))


def test_the_whole_body_was_added() -> None:
    mail = PLAIN._replace(body=b"")
    raw = signature(mail, "relaxed/relaxed") + mail.raw + b"One\r\nTwo\r\n"
    assert damage(raw) == Damage("body-footer-added", octets=10)


def test_a_footer_of_blanks_is_white_space() -> None:
    raw = signature(PLAIN, "simple/simple") + PLAIN.raw + b" \r\n"
    assert damage(raw) == Damage("body-whitespace-added", octets=3)


def test_a_banner_above_the_text() -> None:
    banner = b"CAUTION: this message is from outside.\r\n\r\n"
    raw = signature(PLAIN, "relaxed/relaxed") + PLAIN._replace(body=banner + PLAIN.body).raw
    assert damage(raw) == Damage("body-text-added", octets=len(banner))


def test_a_part_beside_the_others() -> None:
    mail = MAILS["mixed"]
    part = b"--b0undary_1\r\nContent-Type: text/plain\r\n\r\nA list's footer.\r\n"
    body = mail.body.removesuffix(b"--b0undary_1--\r\n") + part + b"--b0undary_1--\r\n"
    raw = signature(mail, "relaxed/relaxed") + mail._replace(body=body).raw
    assert damage(raw) == Damage("body-part-added", octets=len(part))


def test_no_relay_encodes_into_what_is_no_encoding() -> None:
    mail = MAILS["alternative-8bit"]
    body = mail.body.replace(b"Content-Transfer-Encoding: 8bit", b"Content-Transfer-Encoding: 8xyzzy", 1)
    assert damage(signature(mail, "relaxed/relaxed") + mail._replace(body=body).raw).tag == "body-changed"


def test_a_multipart_around_the_body() -> None:
    inner = b"--m\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + PLAIN.body + b"\r\n"
    body = inner + b"--m\r\nContent-Type: text/plain\r\n\r\nA list's footer.\r\n--m--\r\n"
    around = with_field(PLAIN, "Content-Type", b'multipart/mixed; boundary="m"')._replace(body=body)
    assert damage(signature(PLAIN, "relaxed/relaxed") + around.raw).tag == "body-part-added"


@pytest.mark.parametrize(
    ("before", "after", "tag"),
    [
        (b"From here\r\n", b">From here\r\n", "body-from-escaped"),
        (b"..\r\n", b".\r\n", "body-dots-changed"),
        (b".signature\r\n", b"..signature\r\n", "body-dots-changed"),
        (b"one\ntwo\r\n", b"one\r\ntwo\r\n", "body-changed"),
        (b"\r\none\r\n", b"one\r\n", "body-whitespace-lost"),
        (b"one\r\n", b"\r\none\r\n", "body-whitespace-added"),
        (b"one\r\n", b"one \r\n", "body-whitespace-added"),
        (b"text\r\n-- \r\nname\r\n", b"text\r\n--\r\nname\r\n", "body-whitespace-lost"),
    ],
)
def test_what_mailboxes_and_relays_do_to_lines(before: bytes, after: bytes, tag: str) -> None:
    signed = (
        PLAIN._replace(body=b"text\r\n" * 3 + before) if not before.startswith(b"\r\n") else PLAIN._replace(body=before)
    )
    damaged = signed._replace(body=signed.body.removesuffix(before) + after)
    if tag == "body-whitespace-added" and after.startswith(b"\r\n"):
        signed, damaged = PLAIN._replace(body=before), PLAIN._replace(body=after)
    assert damage(signature(signed, "simple/simple") + damaged.raw).tag == tag


def test_bare_line_feeds() -> None:
    bare = PLAIN._replace(body=PLAIN.body.replace(b"\r\n", b"\n"))
    assert damage(signature(bare, "relaxed/relaxed") + PLAIN.raw).tag == "body-line-ends-changed"
    assert damage(signature(PLAIN, "relaxed/relaxed") + bare.raw).tag == "body-line-ends-changed"


def test_a_body_shorter_than_its_length_tag() -> None:
    mail = PLAIN._replace(body=b"One line.\r\nAnother line.\r\n")
    field = signature(mail, "relaxed/relaxed").replace(b" bh=", b" l=26; bh=", 1)
    assert damage(field + mail._replace(body=b"One line.\r\n").raw) == Damage("body-cut", octets=15)


def test_only_the_last_delimiter_is_missing() -> None:
    mail = MAILS["mixed"]
    cut = mail._replace(body=mail.body.removesuffix(b"--b0undary_1--\r\n"))
    assert damage(signature(mail, "relaxed/relaxed") + cut.raw) == Damage("body-cut", octets=16)


def test_a_signature_above_that_a_list_made_says_nothing_of_white_space() -> None:
    changed = PLAIN._replace(body=b"Another text.\r\n")
    received = b"Received: from a by b; Mon, 21 Sep 2026 23:13:21 +0900\r\n"
    of_list = signature(changed, "relaxed/relaxed")
    raw = of_list + received + signature(PLAIN, "relaxed/simple") + changed.raw
    assert damage(raw).tag == "body-changed"


class TestHeader:
    def test_the_value_that_was_signed_is_shown(self) -> None:
        marked = with_field(PLAIN, "Subject", b"[news] " + PLAIN.fields["Subject"])
        found = damage(signature(PLAIN, "relaxed/relaxed") + marked.raw)
        assert found == Damage("header-changed", field="subject", detail="Your order 4711 has been sent")

    def test_two_fields_at_once(self) -> None:
        listed = with_field(PLAIN, "Subject", b"[news] " + PLAIN.fields["Subject"])
        listed = with_field(listed, "From", b"Example Shop via news <news@lists.example.org>")
        listed = with_field(listed, "Reply-To", b"Example Shop <shop@example.com>")
        found = damage(signature(PLAIN, "relaxed/relaxed") + listed.raw)
        assert (found.tag, found.field) == ("header-changed", "from, subject")

    def test_from_is_suspected_where_a_list_wrote_itself_into_it(self) -> None:
        listed = with_field(PLAIN, "From", b"Shop via news <news@lists.example.org>")
        listed = with_field(listed, "Reply-To", b"The real shop <sales@example.com>")
        found = damage(signature(PLAIN, "relaxed/relaxed") + listed.raw)
        assert found == Damage("header-changed", field="from", confident=False)

    def test_copies_in_the_signature_tell_any_change(self) -> None:
        changed = with_field(PLAIN, "Subject", b"Something else altogether")
        z = b" z=Subject:" + PLAIN.fields["Subject"].replace(b" ", b"=20") + b";"
        message = scan(with_z(PLAIN, z) + changed.raw)
        (result,) = run(verify(message, now=LATER), ZONE)
        assert diagnose(message, result) == Damage(
            "header-changed", field="subject", detail="Your order 4711 has been sent"
        )

    def test_a_field_that_was_not_there(self) -> None:
        bare = PLAIN._replace(fields={name: value for name, value in PLAIN.fields.items() if name != "Subject"})
        found = damage(signature(bare, "relaxed/relaxed") + PLAIN.raw)
        assert (found.tag, found.field) == ("header-added", "subject")

    @pytest.mark.parametrize(
        ("copies", "tag"),
        [(2, "header-duplicated"), (MAX_COPIES, "header-duplicated"), (MAX_COPIES + 1, "header-differs")],
    )
    def test_copies_of_a_field(self, copies: int, tag: str) -> None:
        field = b"Subject: " + PLAIN.fields["Subject"] + b"\r\n"
        below = field + b"Subject: quite another\r\n"
        above = b"Subject: yet another\r\n" * (copies - 2)
        raw = signature(PLAIN, "relaxed/relaxed") + above + PLAIN.raw.replace(field, below)
        assert damage(raw).tag == tag

    def test_a_field_that_is_gone(self) -> None:
        bare = PLAIN._replace(fields={name: value for name, value in PLAIN.fields.items() if name != "MIME-Version"})
        found = damage(signature(PLAIN, "relaxed/relaxed") + bare.raw)
        assert found == Damage("header-removed", field="mime-version", detail="1.0")

    def test_all_fields_folded_anew(self) -> None:
        long = with_field(PLAIN, "To", b"Taro Yamada <taro@example.net>,\r\n\thanako@example.org")
        long = with_field(long, "Subject", b"One\r\n\ttwo")
        flat = long._replace(fields={name: value.replace(b"\r\n\t", b"\r\n ") for name, value in long.fields.items()})
        found = damage(signature(long, "simple/simple") + flat.raw)
        assert (found.tag, found.field) == ("header-changed", "to, subject")

    def test_without_a_key_to_read_it_the_name_is_general(self) -> None:
        changed = with_field(PLAIN, "Subject", b"Something else altogether")
        assert damage(signature(PLAIN, "relaxed/relaxed") + changed.raw).tag == "header-differs"
        assert damage(signature(PLAIN, "relaxed/relaxed", selector="ed") + changed.raw).tag == "signature-differs"

    def test_ed25519_can_be_tried(self) -> None:
        marked = with_field(PLAIN, "Subject", b"[news] " + PLAIN.fields["Subject"])
        found = damage(signature(PLAIN, "relaxed/relaxed", selector="ed") + marked.raw)
        assert (found.tag, found.field) == ("header-changed", "subject")

    def test_a_mangled_signature_is_not_a_wrong_key(self) -> None:
        field = re.sub(rb"b=[^=]{4}(?=[^=]*=*\r\n\Z)", b"b=", signature(PLAIN, "relaxed/relaxed"))
        assert damage(field + PLAIN.raw).tag == "signature-differs"


def with_z(mail: damaged_mail.Mail, z: bytes) -> bytes:
    """A signature of a mail with the tag z= in it."""
    (field,) = scan(signature(mail, "relaxed/relaxed").replace(b" bh=", z + b" bh=", 1)).fields
    field = field.__class__(field.name, re.sub(rb" b=.*\Z", b" b=", field.raw, flags=re.DOTALL), field.colon, -1)
    digest = canonical(scan(mail.raw)).header_hash(field, damaged_mail.SIGNED, "relaxed")
    return with_b(field, sign_digest(digest, damaged_mail.CUSTOMER, "rsa-sha256")).raw + b"\r\n"


class TestSes:
    BY_SES = with_field(
        with_field(PLAIN, "Message-ID", b"<0102-abc-000000@ap-northeast-1.amazonses.com>"),
        "Date",
        b"Mon, 21 Sep 2026 14:13:25 +0000",
    )

    def test_it_writes_date_and_message_id_anew(self) -> None:
        raw = signature(PLAIN, "relaxed/relaxed") + self.BY_SES.raw
        assert damage(signature_of_ses(raw) + raw) == Damage("ses-overwrites", field="date, message-id")

    def test_what_was_signed_after_it_is_not_its_doing(self) -> None:
        changed = with_field(self.BY_SES, "Subject", b"Something else altogether")
        raw = signature(self.BY_SES, "relaxed/relaxed") + signature_of_ses(self.BY_SES.raw) + changed.raw
        assert [one.tag for one in damages(raw)] == ["header-differs", "header-differs"]

    def test_a_wrong_key_comes_first(self) -> None:
        raw = signature(PLAIN, "relaxed/relaxed", selector="wrong") + self.BY_SES.raw
        assert damage(signature_of_ses(raw) + raw).tag == "key-does-not-match"


def test_what_could_not_be_looked_at_has_no_damage() -> None:
    field = signature(PLAIN, "relaxed/relaxed").replace(b"v=1", b"v=2")
    assert damage(field + PLAIN.raw) == Damage("not-examined", confident=False)


pieces = st.sampled_from(
    [
        *(
            b"\r\n",
            b"\n",
            b"\r",
            b" ",
            b"\t",
            b"--b0undary_1",
            b"--",
            b"\r\n\r\n",
            b"=",
            b"=\r\n",
            b"=E3",
            b"AAAA",
            b"</body>",
        ),
        *(
            b"\x1b$B",
            b"\xe3\x81",
            b"Content-Type: text/plain; charset=utf-8",
            b"From: ",
            b"Subject: =?utf-8?B?",
            b":",
            b">From ",
        ),
        *(b"Content-Transfer-Encoding: base64", b"DKIM-Signature: v=1; ", b"<html>", b"\x00", b".", b"x" * 80, b"[a] "),
    ]
)
edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), pieces), min_size=1, max_size=6)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(sorted(MAILS)), st.sampled_from(damaged_mail.FORMS), edits)
def test_it_never_raises(build: str, form: str, changes: list[tuple[float, int, bytes]]) -> None:
    raw = signature(MAILS[build], form) + MAILS[build].raw
    for where, dropped, added in changes:
        at = int(where * len(raw))
        raw = raw[:at] + added + raw[at + dropped :]
    for found in damages(raw):
        assert found.octets is None or found.octets >= 0
