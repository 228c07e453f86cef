"""Records and signatures: what a domain publishes, what a message carries, and what follows from both."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from targets.registry import inflated, target
from targets.zones import known_zone, zone_of
from todoku.auth import bimi, mta_sts, tls_rpt
from todoku.auth.arc import seal, validate
from todoku.auth.ask import Answer, Question
from todoku.auth.dkim.canonical import Canonical, canonical, relaxed_body, relaxed_field, simple_body, without_b
from todoku.auth.dkim.crypto import load_ed25519, load_rsa, signed_digest
from todoku.auth.dkim.damage import diagnose
from todoku.auth.dkim.key import mismatch, read_key
from todoku.auth.dkim.selector import selector_key
from todoku.auth.dkim.sign import sign_digest
from todoku.auth.dkim.signature import decode_base64, read_signature
from todoku.auth.dkim.verify import verify as verified
from todoku.auth.dmarc import evaluate
from todoku.auth.dmarc.record import parse_record, read_record
from todoku.auth.lone_record import lone_record
from todoku.auth.mail_from import mail_from
from todoku.auth.spf.check import check_host, check_identity
from todoku.auth.spf.macro import MAX_EXPLANATION, MAX_NAME, domain_name, letters
from todoku.auth.spf.macro import parse as parse_macro
from todoku.auth.spf.macro import text as macro_text
from todoku.auth.spf.record import Fault, is_spf
from todoku.auth.spf.record import parse as parse_spf
from todoku.auth.spf.tree import spf_tree
from todoku.auth.suffixes import Suffixes
from todoku.mail.message import scan
from todoku.net.drivers import run
from todoku.words.errors import UsageError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SUFFIXES = Suffixes.from_text("com\nexample\njp\nco.jp\n*.kawasaki.jp\n!city.kawasaki.jp\n")

_TAGS = (
    b"v=1 a=rsa-sha256 a=ed25519-sha256 a=rsa-sha1 c=relaxed/simple c=simple c=relaxed/relaxed q=dns/txt d=example.com s=rsa s=s "
    b"i=@m.example.com t=1 x=2 l=3 h=from:to h=from:from:subject bh=AAAA b=AA== z= ; = : i=1 cv=none cv=pass cv=fail"
)
_DKIM = rb"(?<=\n)|;"


@target("auth.dkim.signature", words=_TAGS, phrases=(b"\r\n ", b"{{201*from:}}", b"}}", b"\xe4\xbe\x8b"), cut=rb";|=|:",
        seeds="dkim-signature arc-message-signature arc-seal")  # fmt: skip
def signature(data: bytes) -> None:
    """A signature's tags, as DKIM's and as ARC's: without a defect it has what a verifier needs."""
    text = inflated(data).decode("latin-1")
    found = read_signature(text)
    assert found.defect or (found.domain and found.selector and "from" in found.signed and found.b and found.bh)
    assert found.defect is None or found.defect.result in ("permerror", "temperror")
    of_arc = read_signature(text, ("i", "a", "b", "d", "s"))
    assert of_arc.defect or "." in of_arc.domain
    decode_base64(text)


@target(
    "auth.dkim.key", "auth.dkim.crypto",
    words=b"v=DKIM1 k=rsa k=ed25519 t=y t=s t=y:s s=email s=* s=tlsrpt h=sha256 h=sha1 p= p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= "
    b"n= g= ; MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA IDAQAB AQAB AwEAAQ== p=MCowBQYDK2VwAyEA",
    phrases=(b"{{1100*AAAA}}", b"{{3000*AAAA}}", b"{{120*/w==", b"}}"), cut=rb"[;=]", seeds="TXT keys", longest=600,
)  # fmt: skip
def key(data: bytes) -> None:
    """A public key and its use: a check, or what is wrong with it; a check of nonsense says no. Or a private key's file."""
    if data.startswith(b"-----BEGIN"):
        _private_key(data)
        return
    text, _, signed = inflated(data, few=10_000).decode("latin-1").partition("\n")
    found = read_key(text)
    assert (found.check is None) == (found.defect is not None)
    mismatch(found, read_signature(signed))
    if found.check is not None:
        assert found.check(data, bytes(32)) is False
    der = decode_base64(text.rpartition("p=")[2])
    assert der is None or signed_digest(der, data) is None


def _private_key(data: bytes) -> None:
    """A file whose last line is the algorithm: what signs so that its public key says yes, or what is wrong with it."""
    pem, _, algorithm = data.rpartition(b"\n")
    try:
        signature = sign_digest(bytes(32), pem, algorithm.decode("latin-1"))
    except UsageError as refused:
        assert refused.text.ja
    else:
        public = load_pem_private_key(pem, None).public_key()
        if isinstance(public, RSAPublicKey):
            loaded = load_rsa(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
        else:
            loaded = load_ed25519(public.public_bytes_raw())
        assert loaded.check is None or loaded.check(signature, bytes(32))


@target("auth.dkim.canonical", words=b"b= bh= ; = \t X: \r\n x: from", phrases=(b"\r\n\r\n", b" \r\n", b"\r", b"\n", b"  ", b"\x0b"),
        cut=rb"\r\n|[ \t]", seeds="body dkim-signature")  # fmt: skip
def canonical_form(data: bytes) -> None:
    """Canonical forms: once relaxed is relaxed for good, where no bare CR and LF meet in the end."""
    data = inflated(data)
    assert relaxed_body(relaxed_body(data)) == relaxed_body(data)
    assert simple_body(simple_body(data)) == simple_body(data)
    once = relaxed_field(b"X:" + data, 1)
    assert b"\r\n" in once or relaxed_field(once, 1) == once
    less = without_b(b"X:" + data, 1)
    assert less == b"X:" + data or len(less) < len(data) + 2
    found = scan(data)
    forms = canonical(found)
    assert canonical(found) is forms
    for name, form in (("simple", forms), ("relaxed", Canonical(found.body, found.by_name))):
        whole, length = form.body_hash(name, None)  # type: ignore[arg-type]
        assert form.body_hash(name, length)[0] == whole  # type: ignore[arg-type]
        assert form.body_hash(name, length // 2)[1] == length  # type: ignore[arg-type]
        if found.fields:
            form.header_hash(found.fields[0], [one.name for one in found.fields] * 2, name)  # type: ignore[arg-type]
            assert len(form.fields(found.fields[0].name, name)) == len(found.all(found.fields[0].name))  # type: ignore[arg-type]


@target("auth.dkim.verify", words=_TAGS + b" DKIM-Signature: From: Subject: \0 TXT TIMEOUT SERVFAIL p= v=DKIM1 k=ed25519 t=s s=tlsrpt",
        phrases=(b"\r\n\r\n", b"\0rsa._domainkey.example.com TXT TIMEOUT", (b"{{11*DKIM-Signature: v=1; a=rsa-sha256; d=example.com; "
                 b"s=rsa; h=from; bh=AAAA; b=AAAA\r\n}}"), b"{{11*rsa._domainkey.example.com TXT p=AAAA\n}}", b"}}"),
        cut=_DKIM, seeds="message")  # fmt: skip
def verify(data: bytes) -> None:
    """The signatures of a message, whose keys stand in the zone of the cases and behind a NUL: a result for each."""
    raw, _, lines = inflated(data, 30_000, 8_000).partition(b"\0")
    found = scan(raw)
    signatures = found.all("dkim-signature")
    results = run(verified(found, now=NOW), zone_of(lines))
    assert [one.offset for one in results] == [field.offset for field in signatures]
    for result in results:
        if result.result == "pass":
            assert result.header_intact
            assert result.body_intact
            assert result.domain
    assert len(run(verified(scan(raw, headers_only=True), now=None), known_zone())) == len(signatures)


@target("auth.dkim.damage", words=_TAGS + b" [list] =20 =3D <br> >From \xe2\x80\x99 \x1b$B", cut=_DKIM, seeds="message damaged",
        phrases=(b"\r\n\r\n", b"\r\n-- \r\nunsubscribe\r\n", b"Content-Transfer-Encoding: base64\r\n", b"\r\n.", b" \r\n", b"\n",
                 b"Content-Transfer-Encoding: quoted-printable\r\n", b"Content-Type: text/plain; charset=iso-2022-jp\r\n"))  # fmt: skip
def damage(data: bytes) -> None:
    """What was done to a signed message: what is said of it costs no more than its bounds, and never of what passes."""
    found = scan(inflated(data))
    for result in run(verified(found, now=NOW), known_zone()):
        if result.result != "pass":
            diagnose(found, result)


@target(
    "auth.arc", words=_TAGS + b" ARC-Seal: ARC-Message-Signature: ARC-Authentication-Results: Authentication-Results: i=2; i=50 i=51 i=0 (c) \0",
    phrases=(b"{{51*ARC-Seal: i=1; a=rsa-sha256; d=example.com; s=rsa; cv=none; b=AAAA\r\n}}", b"}}", b"\r\n\r\n", b"{{1001*a:b\r\n}}",
             b"\0rsa._domainkey.example.com TXT TIMEOUT", b"ARC-Authentication-Results: i=1; mx.example.com; none\r\n",
             b"ARC-Message-Signature: i=1; a=rsa-sha256; d=example.com; s=rsa; h=from; bh=AAAA; b=AAAA\r\n"),
    cut=_DKIM, seeds="message chains",
)  # fmt: skip
def arc(data: bytes) -> None:
    """A chain: one of RFC 8617's results; a seal upon it, where one is to be, is a chain again."""
    raw, _, lines = inflated(data, 20_000, 8_000).partition(b"\0")
    found = scan(raw)
    result = run(validate(found, now=NOW), zone_of(lines))
    instances = [one.instance for one in result.sets]
    assert instances == sorted(set(instances))
    assert result.oldest_pass is None or result.oldest_pass <= len(instances)
    if result.result == "pass":
        assert result.sets[-1].message_signature == "pass"
        assert all(one.seal == "pass" for one in result.sets)
    if data[-1:] == b"+" and found.body_start is not None and not found.strays and raw[:1] not in b" \t":
        fields = seal(
            found, result, authserv_id="mx.example.com", domain="example.com", selector="ed", private_key=_pem(),
            algorithm="ed25519-sha256",
        )  # fmt: skip
        longer = scan(fields + raw)
        if fields and not longer.limits and b"_domainkey" not in lines:  # its own key may be another one there
            again = run(validate(longer, now=NOW), zone_of(lines))
            assert again.result == ("fail" if result.result == "fail" else "pass") or again.cause == "dns-failed"


@cache
def _pem() -> bytes:
    from targets.zones import KEYS

    return (KEYS / "ed25519.pem").read_bytes()


_SPF = (
    b"v=spf1 all -all ~all ?all +all include:a.example include:b.example redirect=a.example redirect=b.example exp=e.example a mx ptr "
    b"a:c.example mx:c.example/24//64 exists:%{l1r+-}.a.example exists:%{i}.example ip4:192.0.2.0/24 ip6:2001:db8::/32 ptr:example.com "
    b"%{s} %{l} %{o} %{d} %{i} %{p} %{v} %{h} %{c} %{r} %{t} %{D2r.} %% %_ %- /24 //64 x=%{s} include: : / = a.example. .example"
)
_ZONE = (
    b"TXT A AAAA MX PTR CNAME SOA TIMEOUT SERVFAIL example.com a.example b.example c.example e.example mx.example.com "
    b"1.2.0.192.in-addr.arpa _dmarc.example.com _dmarc.com 192.0.2.1 2001:db8::1 10"
)


@target("auth.spf.record", "auth.spf.macro", words=_SPF, phrases=(b" ", b"{{300*%{d}}}", b"{{300*a}}", b"{{60*%{s}.}}", b"}}", b"\xe3"),
        cut=rb"[ :=/%}]", seeds="TXT")  # fmt: skip
def spf_record(data: bytes) -> None:
    """A record and its macros: compiled or one term that is wrong; what a macro-string grows to is bounded."""
    text = inflated(data).decode("latin-1")
    compiled = parse_spf(text if is_spf(text) else "v=spf1 " + text)
    if isinstance(compiled, Fault):
        assert compiled.term in text
    else:
        for directive in compiled.directives:
            assert 0 <= directive.prefix4 <= 32
            assert 0 <= directive.prefix6 <= 128
            assert directive.network & directive.mask == directive.network
            assert directive.text in text
    values = dict.fromkeys("slodiphvcrt", text[:300] + "%{d}.x-y+z")
    for explanation in (False, True):
        parts = parse_macro(text, explanation=explanation)
        if parts is not None:
            assert len(domain_name(parts, values)) <= MAX_NAME
            assert len(macro_text(parts, values)) <= MAX_EXPLANATION
            assert letters(parts) <= values.keys()


@target(
    "auth.spf.check", words=_SPF + b" " + _ZONE,
    phrases=(b" ", b"\n", b"\n192.0.2.1 joe@example.com mx.example.com\n", b"\n2001:db8::1 @ x\n", b"a.example TXT v=spf1 ",
             b"{{11*include:a.example }}", b"{{11*c.example MX 10 mx.example.com\n}}", b"e.example TXT %{i} is not allowed%{h}\n",
             b"1.2.0.192.in-addr.arpa PTR mx.example.com\n", b"mx.example.com A 192.0.2.1\n", b"example.com TXT v=spf1 -all\n", b"}}"),
    cut=rb"[ \n]", seeds="spf",
)  # fmt: skip
def spf(data: bytes) -> None:
    """A record evaluated in a zone of the input's own: one of RFC 7208's results, within its limits. Line 2: who sends."""
    record, _, rest = inflated(data, few=1_000).partition(b"\n")
    who, _, lines = rest.partition(b"\n")
    ip, sender, helo = (*who.decode("latin-1").split(" "), "", "", "")[:3]
    zone = zone_of(b"example.com TXT v=spf1 " + record + b"\n" + lines, alone=True)
    domain = sender.rpartition("@")[2] or "example.com"
    engine = check_host(ip or "192.0.2.1", domain, sender or "joe@example.com", helo=helo, default_explanation="no")
    result = run(engine, zone)
    same = run(check_identity(ip or "192.0.2.1", f"<{sender or 'joe@example.com'}>", helo), zone)
    assert same.result == result.result or not sender.rpartition("@")[2]
    run(check_identity(ip, "", helo or "example.com"), zone)
    assert result.lookups <= 11
    assert result.voids <= 3
    assert result.explanation.isascii()
    assert bool(result.explanation) == (result.result == "fail")
    assert (result.result in ("pass", "fail", "softfail")) <= (result.cause == "matched")
    assert all(one.cost >= 0 for one in result.nodes)


@target(
    "auth.spf.tree", "auth.mail_from", words=_SPF + b" " + _ZONE + b" amazonses.com feedback-smtp.us-west-2.amazonses.com feedback-smtp.x",
    phrases=(b" ", b"\n", b"a.example TXT v=spf1 ", b"{{31*include:a.example }}", b"{{11*include:b.example }}", b"example.com TXT TIMEOUT\n",
             b"{{11*c.example MX 10 mx.example.com\n}}", b"example.com MX 10 feedback-smtp.us-west-2.amazonses.com\n", b"}}"),
    cut=rb"[ \n]", seeds="tree",
)  # fmt: skip
def spf_cost(data: bytes) -> None:
    """The tree behind a record, and a MAIL FROM domain with it: bounded, whatever includes whatever."""
    record, _, lines = inflated(data, few=1_000).partition(b"\n")
    zone = zone_of((b"example.com TXT v=spf1 " + record + b"\n" if record else b"") + lines, alone=True)
    tree = run(spf_tree("example.com"), zone)
    assert tree.lookups <= 31 * 600  # terms of a record that is as long as an input may become
    assert len(tree.nodes) <= 31
    assert not tree.cause or tree.cause == "no-record" or tree.term_domain
    mx = zone.answers([Question("example.com", "MX")])[0]
    found = run(mail_from(mx, named=True), zone)
    assert not found.problem or found.problem != "spf-broken" or found.spf.cause


_DMARC = (
    b"v=DMARC1 p=none p=quarantine p=reject sp=none sp=reject np=quarantine adkim=s aspf=s adkim=r rua=mailto:a@example.com "
    b"ruf=https://a.example/x fo=1 t=y t=n psd=y psd=n psd=u pct=50 ri=1 rf=afrf ; = , !10m mailto: https:"
)


@target("auth.dmarc.record", words=_DMARC, phrases=(b"; ", b"{{40*x=y;}}", b"{{40*mailto:a@b,}}", b"{{600*x=y;}}", b"}}", b"\xe3"),
        cut=rb"[;=,]", seeds="TXT")  # fmt: skip
def dmarc_record(data: bytes) -> None:
    """A policy record: usable only where the whole list is valid; a defect is named where one is."""
    text = inflated(data).decode("latin-1")
    for whole in (text, "v=DMARC1;" + text):
        record = read_record(whole, "example.com")
        assert record is not None or not whole.startswith("v=DMARC1;")
        if record is not None:
            assert record.policy in ("none", "quarantine", "reject")
            assert record.usable or record.defects
            assert (parse_record(whole, "example.com") is None) == (not record.usable)


@target(
    "auth.dmarc.evaluate", "auth.dmarc.discovery",
    words=_DMARC + b" " + _ZONE + b" a.b.c.d.e.f.g.h.example.com com co.jp a.example.co.jp _dmarc. pass fail none city.kawasaki.jp",
    phrases=(b"_dmarc.example.com TXT v=DMARC1; ", b"_dmarc.com TXT v=DMARC1; psd=y\n", b"\n", b" ", b"a.example.com pass example.com\n",
             b"example.com SOA a b 1 2 3 4 5\n", b"_dmarc.example.com TXT TIMEOUT\n", b"_dmarc.a.example.com TXT v=DMARC1; p=none; psd=n\n",
             b"{{30*pass x.example.com }}", b"}}", b"{{70*a.}}"),
    cut=rb"[ \n;]", seeds="dmarc",
)  # fmt: skip
def dmarc(data: bytes) -> None:
    """A verdict. Line 1: the author domain, then words ``pass``, ``fail`` or ``none``, each before a domain; then the zone."""
    who, _, lines = inflated(data, few=1_000).partition(b"\n")
    author, *words = who.decode("latin-1").split(" ")
    passed = {"pass": True, "fail": False, "none": None}
    pairs = [(domain, passed.get(word, False)) for word, domain in pairwise(words) if word in passed]
    engine = evaluate(author, spf=pairs[0] if pairs else None, dkim=pairs[1:], suffixes=SUFFIXES)
    result = run(engine, zone_of(lines, alone=True))
    if result.result == "pass":
        assert any(ok for _, ok in pairs)
    assert len(result.answers) <= 60 + 8 * len(pairs)
    assert (result.record is None) == (result.record_domain is None)
    assert len(result.alignment.dkim) == len(pairs[1:])
    assert result.methods_differ in (True, False)
    assert result.policy or result.result not in ("pass", "fail")
    assert result.discovery == "treewalk" or result.record is not None


@target(
    "auth.mta_sts", "auth.tls_rpt", "auth.bimi", "auth.lone_record", "auth.dkim.selector",
    words=b"v=STSv1 v=TLSRPTv1 v=BIMI1 id=1 id= rua=mailto:a@b rua=https://a.example/ l=https://a.example/x.svg a= l= ; , = x=y v=DKIM1 p= "
    b"p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ k=rsa k=ed25519 amzn dkim.amazonses.com example.com s._domainkey.example.com s.example.com "
    b"TXT CNAME A NS TIMEOUT SERVFAIL s._domainkey s.dkim.amazonses.com _domainkey.example.com NXDOMAIN",
    phrases=(b"; ", b"\n", b"v=STSv1; id=1;", b"v=TLSRPTv1;rua=mailto:a@b", b"s._domainkey.example.com CNAME s.dkim.amazonses.com\n",
             b"s._domainkey.example.com TXT p=\n", b"s.dkim.amazonses.com TXT p=\n"),
    cut=rb"[;=,\n ]", seeds="TXT",
)  # fmt: skip
def records(data: bytes) -> None:
    """The records that stand alone at their names: MTA-STS, TLS-RPT, BIMI, and the key of a selector. Line 1: its text."""
    text, _, lines = data.decode("latin-1").partition("\n")
    texts = tuple(text.split("\t")) if text else ()
    answer = Answer(Question("_x.example.com", "TXT"), texts, "ok" if texts else "nodata")
    for kind in (mta_sts, tls_rpt, bimi):
        found = lone_record(answer, kind.VERSION, kind.defect)
        assert (found.status == "invalid") <= bool(found.detail)
        assert bool(found.record) == (found.status not in ("none", "dns-failed"))
        kind.defect(text)
    zone = zone_of(lines.encode("latin-1"), alone=True)
    for engine in (mta_sts.mta_sts, tls_rpt.tls_rpt, bimi.bimi):
        run(engine("example.com"), zone)
    for selector in ("s", "abcdefghijklmnopqrstuvwxyz234567"):
        found_key = run(selector_key(selector, "example.com"), zone)
        assert found_key.name.startswith(selector)
        assert not found_key.failed or found_key.problem
        assert found_key.easy >= (selector != "s")
