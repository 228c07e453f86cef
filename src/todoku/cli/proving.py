"""The proof behind ``todoku apply``: the domain judged before and afterwards, and a message that a person can check."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from todoku.account.read import Wanted
from todoku.api import SECONDS
from todoku.apply.execution import Hands
from todoku.apply.journal import Before
from todoku.evidence.account import gather_account
from todoku.evidence.domain import gather_domain
from todoku.judging.judge import catalogue, judge
from todoku.mail.addr_spec import is_valid_addr_spec
from todoku.net.aws.errors import Failure
from todoku.net.drivers import Source, run, run_look
from todoku.net.suffix_list import bundled_suffixes
from todoku.net.writers.ses_writer import Sent
from todoku.plan.step import Plan
from todoku.receivers import ASKED_BY_DEFAULT
from todoku.words.errors import UsageError
from todoku.words.verdict import Terms, Text, Verdict

SUBJECT = Text("todoku: does this arrive as {domain}?", "todoku: {domain} からの到達確認")
BODY = Text(
    "This message was sent by todoku apply to prove that mail from {domain} through Amazon SES meets the receivers' "
    "requirements. Save it with its whole header and run: todoku check message.eml --mail transactional\n",
    "このメールは、{domain} からAmazon SES経由で送るメールが受信側の要件を満たすことを確かめるため、todoku apply が送信しました。"
    "ヘッダーを含めて保存し、todoku check message.eml --mail transactional を実行してください。\n",
)


class Post(msgspec.Struct, frozen=True):
    """A message to prove it by."""

    recipient: str
    author: str


def verdicts(plan: Plan, hands: Hands, source: Source) -> tuple[Verdict, ...]:
    """How the domain stands now: by SES and DNS where it is an identity that can be read, else by DNS alone."""
    now, suffixes = hands.clock.now(), bundled_suffixes()
    wanted = Wanted(profile=plan.profile, region=plan.region, identities=(plan.domain,))
    account = run_look(gather_account(wanted, now=now, suffixes=suffixes), source, hands.ses.api, seconds=SECONDS)
    evidence = next(iter(account.identities), None)
    if evidence is None:
        engine = gather_domain(plan.domain, selectors=(), mail_from_domains=(), now=now, suffixes=suffixes)
        evidence = run(engine, source, seconds=SECONDS)
    return judge(evidence, catalogue(), Terms(as_of=now.date(), receivers=ASKED_BY_DEFAULT))


def written_down(judged: Iterable[Verdict]) -> tuple[Before, ...]:
    """Verdicts as the journal keeps them."""
    return tuple(Before(one.requirement, one.receiver, one.result, one.reason.tag, one.missing) for one in judged)


def post_for(plan: Plan, recipient: str | None, author: str | None) -> Post | None:
    """The message that is asked for. Raises ``UsageError`` where it would prove nothing, or not be sent."""
    if recipient is None and author is None:
        return None
    if recipient is None or author is None:
        raise UsageError(
            Text(
                "--prove-by-mail ADDRESS and --from ADDRESS go together",
                "--prove-by-mail と --from は両方指定してください",
            )
        )
    for option, address in (("--prove-by-mail", recipient), ("--from", author)):
        if not is_valid_addr_spec(address):
            raise UsageError(
                Text(f"{option} {address!r} is not an address", f"{option} {address!r} はメールアドレスではありません")
            )
    domain = author.rpartition("@")[2].lower()
    if not f".{domain}".endswith(f".{plan.domain}"):
        raise UsageError(
            Text(
                f"--from {author!r}: the plan is for {plan.domain}, so that the From address has to be of that domain",
                f"--from {author!r}: この計画の対象は {plan.domain} です。同じドメインのアドレスを指定してください",
            )
        )
    return Post(recipient, author)


def sent(plan: Plan, hands: Hands, post: Post, *, japanese: bool) -> Text | Failure:
    """What a person is to do with the message that was sent, or why SES did not take it."""
    subject, body = ((text.ja if japanese else text.en).format(domain=plan.domain) for text in (SUBJECT, BODY))
    said = hands.ses.send(post.author, post.recipient, subject, body)
    return _to_check(post, said) if isinstance(said, Sent) else said


def _to_check(post: Post, said: Sent) -> Text:
    return Text(
        f"A message was sent to {post.recipient} (SES calls it {said.message_id}). When it is there, save it with its whole "
        "header (Gmail: More > Show original > Download Original) and run:\n"
        "  todoku check message.eml --mail transactional",
        f"{post.recipient} に確認用メールを送信しました(SESのMessageId: {said.message_id})。受信したらヘッダーを含めて保存し"
        "(Gmail: その他 >「メッセージのソースを表示」>「元のメールをダウンロード」)、次のコマンドで判定してください。\n"
        "  todoku check message.eml --mail transactional",
    )
