"""``todoku postmaster`` as a user runs it. What is secret stands in no output and in no file but the consent's."""

from __future__ import annotations

import json
import re
import socket
import stat
import struct
import subprocess
import threading
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from google_lab import Place, real_yesterday
from postmaster_server import PostmasterServer
from todoku.net.google.consent import Asking, keep
from todoku.net.google.credentials import Client, Consent, client_in, is_safe
from todoku.words.errors import UsageError


@pytest.fixture
def signed_in(place: Place) -> Place:
    place.settings(credentials_file=place.google.key_file(place.folder))
    return place


def browse(process: subprocess.Popen[str]) -> str:
    """Do what a user does with the URL that is shown: open it, and be sent back. What was shown so far."""
    assert process.stderr is not None
    shown = ""
    while not (found := re.search(r"^  (http\S+)$", shown, re.MULTILINE)):
        shown += process.stderr.readline()
    back = re.search(r"redirect_uri=http%3A%2F%2F127.0.0.1%3A(\d+)", found[1])
    assert back
    for wrong in ("", "?state=wrong&code=evil", "?code=evil", "favicon.ico"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{back[1]}/{wrong}", timeout=10)
    with urlopen(found[1], timeout=10) as page:
        assert page.status == 200
        assert "ターミナル" in page.read().decode()
    return shown


def test_login_keeps_a_consent_with_which_google_can_be_asked(place: Place) -> None:
    place.google.add("example.com")
    process = place.start("login", "--client", str(place.google.client_file(place.folder)))
    shown = browse(process)
    out, err = process.communicate(timeout=60)
    place.said += shown + out + err
    kept = place.folder / ".config/todoku/postmaster.json"
    assert (process.returncode, out) == (0, f"The consent is kept in {kept}.\n")
    assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(kept.parent.stat().st_mode)) == (0o600, 0o700)
    assert [path.name for path in kept.parent.iterdir()] == ["postmaster.json"]
    assert place.run("domains") == (0, "example.com  verified  owner\n", "")


def test_who_goes_away_from_the_login_page_is_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    client = Client(client_id="c", client_secret="s", auth_uri="https://a.example/", token_uri="https://127.0.0.1:1/")

    def ask(port: int) -> None:
        for asked in (b"GET http://[::1/ HTTP/1.1\r\n\r\n", b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), 10) as asker:
                asker.sendall(asked)
                asker.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with Asking(client) as asking:
        port = urlsplit(parse_qs(urlsplit(asking.url).query)["redirect_uri"][0]).port
        assert port is not None
        asker = threading.Thread(target=ask, args=(port,))
        asker.start()
        assert asking.wait(1.0).en == "no consent was given"
        asker.join()
    assert capfd.readouterr().err == ""


def test_login_that_is_refused(place: Place) -> None:
    process = place.start("login", "--client", str(place.google.client_file(place.folder)))
    place.google.revoked = True
    shown = browse(process)
    out, err = process.communicate(timeout=60)
    place.said += shown + out + err
    assert (process.returncode, out) == (3, "")
    assert "Google gives no token: HTTP 400" in err
    assert not (place.folder / ".config").exists()


def test_from_a_new_domain_to_its_figures(signed_in: Place) -> None:
    google = signed_in.google
    code, out, err = signed_in.run("add", "Example.com.")
    assert (code, err) == (0, "")
    assert 'example.com. IN TXT "google-site-verification=example.com-TXT"' in out
    assert signed_in.run("add", "example.com")[:2] == (0, out)  # once more shows the same
    assert signed_in.run("verify", "example.com")[0] == 1
    assert signed_in.run("domains")[1] == "example.com  not verified  owner\n"
    google.published.add("example.com")
    assert signed_in.run("verify", "example.com")[:2] == (0, "example.com is verified.\n")
    google.count("example.com", "SPAM_RATE", "", {real_yesterday(): 0.002})
    code, out, err = signed_in.run("poll")
    assert (code, err) == (0, "")
    assert out.startswith("1 domains, 1 verified. 1 figures; ")
    assert out.endswith(" 0 not known.\n")


def test_domains_for_programs(signed_in: Place) -> None:
    assert "todoku postmaster add DOMAIN" in signed_in.run("domains")[1]
    signed_in.google.add("b.example", verified=False, permission="READER")
    signed_in.google.add("a.example")
    code, out, _ = signed_in.run("domains", "--format", "json")
    assert code == 0
    assert json.loads(out) == [
        {"domain": "a.example", "state": "VERIFIED", "permission": "OWNER"},
        {"domain": "b.example", "state": "UNVERIFIED", "permission": "READER"},
    ]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (
            "403",
            "HTTP 403 PERMISSION_DENIED SERVICE_DISABLED). In Google Cloud switch on the “Gmail Postmaster Tools API”",
        ),
        ("401", "Google refuses access (HTTP 401 UNAUTHENTICATED)"),
        ("huge", "there is more than todoku reads"),
    ],
)
@pytest.mark.parametrize("command", ["domains", "add example.com", "verify example.com", "poll"])
def test_refusal_is_one_line_and_exit_code_three(signed_in: Place, command: str, how: str, told: str) -> None:
    signed_in.google.always = how
    code, _, err = signed_in.run(*command.split())
    assert code == 3
    assert told in err
    assert err.count("\n") == 1


def test_consent_that_was_taken_back(place: Place) -> None:
    place.settings(token_file=place.google.consent_file(place.folder))
    place.google.revoked = True
    for command in ("domains", "poll"):
        code, _, err = place.run(command)
        assert code == 3
        assert err == (
            "todoku: the credentials are not valid any more: run `todoku postmaster login` again, or renew the service account's key "
            "(invalid_grant).\n"
        )


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (b"", "holds no consent"),
        (b"{}", "holds no consent"),
        (b"\xff", "holds no consent"),
        (
            b'{"token_uri": "http://example.com", "client_id": "a", "client_secret": "b", "refresh_token": "c"}',
            "holds no consent",
        ),
    ],
    ids=["empty", "no consent", "not text", "a token over http"],
)
def test_consent_that_is_none(place: Place, octets: bytes, told: str) -> None:
    (place.folder / "token").touch(mode=0o600)
    (place.folder / "token").write_bytes(octets)
    place.settings(token_file=place.folder / "token")
    code, out, err = place.run("domains")
    assert (code, out) == (2, "")
    assert told in err


def test_consent_in_a_place_that_cannot_be(place: Place) -> None:
    place.settings(token_file="a" * 300)
    code, out, err = place.run("domains")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "File name too long" in err


def test_key_that_is_none(place: Place) -> None:
    key = place.google.key_file(place.folder)
    whole = json.loads(key.read_text())
    elliptic = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for damage in (
        {"private_key": "PRIVATE KEY canary"},
        {"private_key": elliptic.decode()},
        {"token_uri": "http://example.com/token"},
    ):
        key.write_text(json.dumps(whole | damage))
        place.settings(credentials_file=key)
        code, _, err = place.run("domains")
        assert code == 2
        assert "is no key of a service account" in err


def test_without_credentials(place: Place) -> None:
    code, _, err = place.run("domains")
    assert code == 2
    assert "todoku postmaster login" in err
    assert place.run("login")[0] == 2
    assert place.run("add", "example")[0] == 2


def test_a_file_that_is_neither_key_nor_client(place: Place) -> None:
    (place.folder / "empty.json").touch(mode=0o600)
    (place.folder / "empty.json").write_text("{}")
    place.settings(credentials_file=place.folder / "empty.json")
    for command in ("domains", "login"):
        code, out, err = place.run(command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "empty.json is neither an OAuth client" in err


def test_a_web_client_cannot_sign_in_here(tmp_path: Path) -> None:
    (tmp_path / "client.json").touch(mode=0o600)
    (tmp_path / "client.json").write_text('{"web": {"client_id": "a", "client_secret": "b"}}')
    with pytest.raises(UsageError, match="Desktop app"):
        client_in(str(tmp_path / "client.json"))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        *(("https://example.com/token", True), ("http://127.0.0.1:1/token", True), ("http://[::1]/token", True)),
        *(("http://example.com", False), ("http://127.0.0.1.example.com", False), ("file:///token", False)),
        *(("", False), ("http://[", False)),
    ],
)
def test_where_secrets_may_go(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


def test_consent_is_written_whole_and_follows_no_link(tmp_path: Path) -> None:
    consent = Consent(token_uri="https://example.com", client_id="a", client_secret="b", refresh_token="c")
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("as it was")
    link.symlink_to(target)
    keep(link, consent)
    assert target.read_text() == "as it was"
    assert stat.S_IMODE(link.stat().st_mode) == 0o600
    for unfit in (tmp_path, target / "consent.json"):
        with pytest.raises(UsageError, match="cannot write"):
            keep(unfit, consent)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "target"]


def test_client_of_a_file(google: PostmasterServer, tmp_path: Path) -> None:
    client = client_in(str(google.client_file(tmp_path)))
    assert client == Client(
        client_id="client",
        client_secret=google.client_secret,
        auth_uri=f"{google.url}/auth",
        token_uri=f"{google.url}/token",
    )
