r"""Reports from a mailbox, by IMAP (RFC 9051, and RFC 3501 before it): whatever was not yet acknowledged is fetched.

Fetching changes nothing (``BODY.PEEK``). A message is acknowledged by a keyword of ours beside ``\Seen``, which a person
who opens the mail sets too; or it is moved, or deleted. UIDs hold as long as the folder's UIDVALIDITY stays: where that
has changed nothing is acknowledged, and the store counts once what it is given again.

It trusts the server with its own mail and nothing else: certificates are checked, the size of a message is asked before
the message is, and the octets go to the store as they are. It touches flags, and no message that is not safe already.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, LoginError

from todoku.intake.portions import portions
from todoku.intake.source import MAX_ITEM, Item, SourceAway, too_large
from todoku.net.sources.acknowledgement import Acknowledgement
from todoku.net.sources.bounded_imap import SECONDS, BoundedClient
from todoku.net.sources.mailbox_address import Address
from todoku.words.errors import UsageError
from todoku.words.verdict import Text

KEYWORD = "TodokuTaken"
CONNECT_SECONDS, READ_SECONDS = 20.0, 60.0
LOOK_SECONDS = (
    60.0  # for all that looking or listening takes: meanwhile no other mailbox is heard, nor whoever asks to end
)
WINDOW = 50_000  # messages of one search: what imaplib takes of one line is bounded
MOST = 10_000_000  # messages of a mailbox: a server that claims more is not believed
SIZES_AT_ONCE = 500  # messages whose size is asked together
AT_ONCE = 100  # messages of one FETCH
AT_ONCE_OCTETS = 8 * 2**20

NO_IMAP = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What imapclient raises beside its own where a server's answer has another shape than the question asks for."""

_CODE = re.compile(r"\[([A-Z-]{2,40})\]")  # RFC 5530

LogIn = Callable[[IMAPClient, str], None]
"""Signs a user in. Raises ``LoginError`` where the server refuses, ``SourceAway`` where there is no secret to be had."""


class Mailbox:
    """One folder. It connects when it is asked, and stays connected until it is closed or broken off."""

    def __init__(
        self, address: Address, log_in: LogIn, trusted: ssl.SSLContext, acknowledgement: Acknowledgement
    ) -> None:
        """Connect to nothing yet."""
        self.name = f"{address.scheme}://{address.user}@{address.host}:{address.port}/{address.folder}"
        self._address = address
        self._log_in = log_in
        self._trusted = trusted
        self._acknowledgement = acknowledgement
        self._client: BoundedClient | None = None
        self._listens = False
        self._seconds = SECONDS
        self._validity = 0
        self._passed_over: dict[int, Text] = {}

    def items(self) -> Iterator[Item]:
        """Every message that is not yet acknowledged. Raises ``SourceAway``, and ``UsageError`` where it can keep no mark."""
        self._passed_over = {}
        with self._told():
            waiting = iter(self._waiting())
        while some := list(islice(waiting, SIZES_AT_ONCE)):
            with self._told():
                wanted = list(self._wanted(self._connected().fetch(some, ["RFC822.SIZE"])))
            for uids in portions(wanted, AT_ONCE, AT_ONCE_OCTETS):
                with self._told():
                    fetched = self._connected().fetch(uids, ["BODY.PEEK[]"])
                yield from self._taken(fetched)

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Mark, move or delete these messages. Those of another UIDVALIDITY are left: they come again, and count once."""
        with self._told():
            if self._client is None:
                self._selected()
            own = f"{self._validity}:"
            uids = [int(one.removeprefix(own)) for one in ids if one.startswith(own)]
            if uids:
                self._done_with(self._connected(), uids)

    def skipped(self) -> Sequence[Text]:
        """Messages that are too large."""
        return list(self._passed_over.values())

    def listen(self) -> int | None:
        """The socket, once the server is to tell of new mail by it (IDLE, RFC 2177); None where it cannot. Raises as ``items`` does.

        Part of what it tells may be read already and wait in a buffer, so that the socket stays silent of it: look again soon.
        """
        with self._told(LOOK_SECONDS):
            client, _ = self._selected()
            if not client.has_capability("IDLE"):
                return None
            client.idle()
            self._listens = True
            return int(client.socket().fileno())

    def has_some(self) -> bool:
        """Whether there is something to fetch, leaving out what was passed over. Raises as ``items`` does."""
        with self._told(LOOK_SECONDS):
            return any(uid not in self._passed_over for uid in self._waiting())

    def close(self) -> None:
        """Sign out."""
        client, listens = self._client, self._listens
        self._client, self._listens = None, False
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError, *NO_IMAP):
                client.allow(CONNECT_SECONDS)
                if listens:
                    client.idle_done()
                client.logout()

    def _waiting(self) -> list[int]:
        """The UIDs of what is to be fetched, lowest first."""
        client, number = self._selected()
        wanted = ["UNDELETED"]
        if self._acknowledgement.how == "seen":
            wanted += ["UNKEYWORD", KEYWORD]
        found: list[int] = []
        for first in range(1, number + 1, WINDOW):
            last = first + WINDOW - 1
            found += client.search([f"{first}:{last if last < number else '*'}", *wanted])
        return sorted(set(found))

    def _selected(self) -> tuple[BoundedClient, int]:
        """The folder as it stands now, and how many messages are in it."""
        if self._client is None:
            self._client = self._signed_in()
        client = self._connected()
        told = client.select_folder(self._address.folder)
        self._validity = int(told.get(b"UIDVALIDITY", 0))
        self._look_at_marks(told)
        number = int(told.get(b"EXISTS", 0))
        if number > MOST:
            raise SourceAway(
                Text(
                    f"{self.name}: the server claims {number:,} messages, more than any mailbox holds",
                    f"{self.name}: サーバーの示すメール数({number:,}通)が、メールボックスとしてありえない大きさです",
                )
            )
        return client, number

    def _look_at_marks(self, told: Mapping[bytes, Any]) -> None:
        """Raises ``UsageError`` where the server would forget the keyword: the same mail would be fetched for ever."""
        flags = told.get(b"PERMANENTFLAGS", ())
        if self._acknowledgement.how == "seen" and b"\\*" not in flags and KEYWORD.encode() not in flags:
            raise UsageError(
                Text(
                    f"{self.name} keeps no keywords: set [ingest] acknowledge to move:FOLDER or delete",
                    f"{self.name} はキーワードを保存できません。[ingest] acknowledge に move:FOLDER か delete を指定してください",
                )
            )

    def _connected(self) -> BoundedClient:
        """The connection, ready for a command."""
        if self._client is None:
            raise imaplib.IMAP4.abort("the connection is closed")
        if self._listens:
            self._listens = False
            self._client.idle_done()
        return self._client

    def _signed_in(self) -> BoundedClient:
        address = self._address
        at_once = address.scheme == "imaps"
        client = BoundedClient(
            address.host,
            address.port,
            ssl=at_once,
            ssl_context=self._trusted if at_once else None,
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )
        client.allow(self._seconds)
        try:
            if not at_once:
                client.starttls(self._trusted)
            self._log_in(client, address.user)
        except BaseException:
            with suppress(OSError):
                client.shutdown()
            raise
        return client

    def _wanted(self, sizes: Mapping[int, Mapping[bytes, Any]]) -> Iterator[tuple[int, int]]:
        """The UIDs that are to be fetched, with their sizes; what is too large is passed over."""
        for uid, about in sorted(sizes.items()):
            size = int(about.get(b"RFC822.SIZE", 0))
            if size > MAX_ITEM:
                self._pass_over(uid)
            else:
                yield uid, size

    def _taken(self, fetched: Mapping[int, Mapping[bytes, Any]]) -> Iterator[Item]:
        for uid, about in sorted(fetched.items()):
            octets = about.get(b"BODY[]")
            if not isinstance(octets, bytes):  # removed by somebody meanwhile, or only told of
                continue
            if len(octets) > MAX_ITEM:  # more than the server said before
                self._pass_over(uid)
                continue
            yield Item(f"{self._validity}:{uid}", octets, name=f"{self.name} UID {uid}")

    def _pass_over(self, uid: int) -> None:
        self._passed_over[uid] = too_large(f"{self.name} UID {uid}")

    def _done_with(self, client: IMAPClient, uids: list[int]) -> None:
        match self._acknowledgement.how:
            case "move" if client.has_capability("MOVE"):  # RFC 6851
                client.move(uids, self._acknowledgement.place)
            case "move":
                client.copy(uids, self._acknowledgement.place)
                self._delete(client, uids)
            case "delete":
                self._delete(client, uids)
            case _:
                client.add_flags(uids, [KEYWORD, "\\Seen"], silent=True)

    def _delete(self, client: IMAPClient, uids: list[int]) -> None:
        """Without UIDPLUS (RFC 4315) the mark stays: EXPUNGE would remove what others have marked, too."""
        client.delete_messages(uids, silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)

    @contextmanager
    def _told(self, seconds: float = SECONDS) -> Iterator[None]:
        """Whatever the server or the way to it does not allow ends the connection and is told in one line. ``seconds``: for all of it."""
        self._seconds = seconds
        if self._client is not None:
            self._client.allow(seconds)
        try:
            yield
        except (imaplib.IMAP4.error, OSError, *NO_IMAP) as error:
            self._forget()
            raise SourceAway(self._why(error)) from error
        except (SourceAway, UsageError):
            self._forget()
            raise

    def _forget(self) -> None:
        client, self._client, self._listens = self._client, None, False
        if client is not None:
            with suppress(OSError):
                client.shutdown()

    def _why(self, error: Exception) -> Text:
        match error:
            case LoginError() if isinstance(error.__context__, imaplib.IMAP4.abort):
                return Text(
                    f"{self.name}: the server broke off while the user signed in",
                    f"{self.name}: サインインの途中で接続が切れました",
                )
            case LoginError():
                code = _CODE.search(str(error))  # of the server's words no more: they might quote ours
                why = f" ({code[1]})" if code else ""
                return Text(
                    f"{self.name}: the server does not let this user in{why}: look at name and password",
                    f"{self.name}: サインインできませんでした{why.strip()}。ユーザー名とパスワードを確認してください",
                )
            case CapabilityError():
                return Text(
                    f"{self.name}: the server lacks what is needed: {error}",
                    f"{self.name}: サーバーが必要な機能に対応していません: {error}",
                )
            case ssl.SSLCertVerificationError():
                return Text(
                    f"{self.name}: its certificate is not trusted: {error.verify_message}. A CA of your own goes into [ingest] ca_file",
                    f"{self.name}: 証明書を信頼できません: {error.verify_message}。独自の認証局は [ingest] ca_file に指定してください",
                )
            case ValueError() | TypeError() | AttributeError() | LookupError() | ArithmeticError() | RecursionError():
                return Text(
                    f"{self.name}: the server's answer is not IMAP",
                    f"{self.name}: サーバーの応答がIMAPとして読めません",
                )
            case TimeoutError():
                return Text(f"{self.name}: the server does not answer", f"{self.name}: サーバーが応答しません")
        said = " ".join(str(getattr(error, "strerror", None) or error).split())[:200]
        return Text(
            f"{self.name}: the mailbox cannot be read: {said}", f"{self.name}: メールボックスを読めません: {said}"
        )
