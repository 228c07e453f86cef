"""Whatever a client says of itself: the border hop's address is the one that the server saw, or there is no border hop."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from todoku.mail.message import scan
from todoku.mail.route import trace

SEEN, CLAIMED = "198.51.100.66", "203.0.113.10"

# Each server's form as if it copied the client's words as they are: HELO name, ident server's answer or certificate, MAIL
# FROM, recipient. {name} is a reverse name that anyone can own, {own} one that leads back to the address.
FORMS = (
    "from {helo} ({name} [IP]) by mx.example.net with SMTP id 1 for <{rcpt}>",
    "from {helo} ({name} [IP]) by mx.example.net (Haraka/3.0) with ESMTP id 1 envelope-from <{mail}>",
    "from {helo} ([IP]) by mx.google.com with ESMTPS id x for <{rcpt}> (version=TLS1_3 cipher=X bits=128/128)",
    "from {helo} ({name}. [IP]) by mx.google.com with ESMTPS id x",
    "from {helo} (IP) by X.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 1",
    "from {helo} (IP) by EX01.example.net (10.0.0.5) with Microsoft SMTP Server id 15.1",
    "from {name} (HELO {helo}) ({ident}@IP) by mx.example.net with SMTP",
    "from {name} (HELO {helo}) (IP) by mx.example.net with SMTP",
    "from IP (EHLO {helo}) by 10.217.151.74 with SMTPs (version=TLS1_3 cipher=X)",
    "from {own} ([IP]:3 helo={helo}) by mx.example.net with esmtps (TLS1.3) tls X (Exim 4.96) (envelope-from <{mail}>) id 1",
    "from {own} ([IP] helo={helo} ident={ident}) by mx.example.net with esmtp (Exim 4.96) id 1 for {rcpt}",
    "from [IP] (port=5 helo={helo} ident={ident}) by mx.example.net with esmtp (Exim 4.96) (envelope-from <{mail}>) id 1",
    'from {helo} ({own} [IP]) (Client CN "{ident}", Issuer "x" (verified OK)) by mx.example.net (Postfix) with ESMTPS id 1',
    "from {helo} ({ident}@{own} [IP]) by mx.example.net (8.17.1/8.17.1) with ESMTP id 1 for <{rcpt}>",
    "from {helo} ({ident}@{own} [IP] (may be forged)) by mx.example.net (8.17.1/8.17.1) with ESMTP id 1",
    "from {helo} ({name} [IP]) by mx1.icloud.com (Postfix) with ESMTPS id 1",
)
BELOW = (
    f"from b.example (b.example [{CLAIMED}]) by mailbox.example.net (Postfix) with ESMTPS id X",
    f"from b.example (b.example. [{CLAIMED}]) by mx.google.com with ESMTPS id X",
    f"from b.example ({CLAIMED}) by Y.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server id 1",
    f"from b.example (b.example [{CLAIMED}]) by mx2.icloud.com (Postfix) with ESMTPS id X",
)
NAMES = (
    "x.evil.example", "mailbox.example.net", "mx.example.net", "mx.google.com", "authenticated.evil.example", "helo=x",
    "a-ident=b.c", "unknown", "mail.protection.outlook.com",
)  # fmt: skip
PIECES = (
    " ", "(", ")", ") (", "<", ">", '"', ";", "@", ":", "\\", "x", "[10.0.0.1]", f"[{CLAIMED}]", "10.0.0.1", CLAIMED,
    "(10.0.0.1)", f"([{CLAIMED}])", "(mailbox.example.net [10.0.0.1])", "mailbox.example.net", "mx.google.com",
    "by mx.example.net", "by mx.google.com", " by ", " with ", "with IMAP", "with LMTP", "from", " id ", " for ", "(Postfix)",
    "(8.17.1/8.17.1)", "(Exim 4.96)", "helo=", "ident=", "HELO ", "EHLO y", 'Client CN "', "Authenticated sender: ",
    "envelope-from", "; Tue, 24 Nov 2026 01:00:00 +0000",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)


@settings(max_examples=1_000)
@given(st.sampled_from(FORMS), st.sampled_from(BELOW), st.sampled_from(NAMES), WORDS, WORDS | st.just("x"), WORDS)
def test_the_border_hop_is_what_the_server_saw(form, below, name, helo, other, quoted):
    said = form.format(
        helo=helo,
        name=name,
        own="x.evil.example",
        ident=other,
        mail=f'"{quoted}"@e.example',
        rcpt=f'"{quoted}"@example.net',
    ).replace("IP", SEEN)
    date = "Mon, 23 Nov 2026 17:00:02 -0800"
    header = f"Return-Path: <u@b.example>\r\nReceived: {said}; {date}\r\nReceived: {below}; {date}\r\nFrom: a@b.example\r\n\r\n"
    envelope = trace(scan(header.encode())).envelope
    assert envelope is None or envelope.ip == SEEN, said
