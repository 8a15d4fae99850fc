"""How does Gator send on Telegram? `TelegramChannel`: pieces of messages, signs of typing, streamed drafts."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ChatAction
from telegram.error import ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bots.channel import Action, Button, Change, Outbound, Piece, Receipt
from bots.telegram import files, pieces
from bots.telegram.entities import first_units
from bots.telegram.failing import ours, seconds
from bots.telegram.line import Line, remember
from bots.telegram.media import send_media, styles
from bots.telegram.moves import follow_move, note_reachable
from bots.telegram.places import Place, number_of
from bots.telegram.splitting import MESSAGE
from gator.errors import Refused, Unavailable, Unconfirmed

log = structlog.get_logger()

_ACTIONS = {
    "typing": ChatAction.TYPING,
    "recording": ChatAction.RECORD_VOICE,
    "uploading": ChatAction.UPLOAD_PHOTO,
}
_DONE = ("not modified", "message to delete not found")  # what Telegram says of a change that is made already


class TelegramChannel:
    name = "telegram"
    reads_rows = False

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def holds(self, account: str) -> bool:
        return account in self.lines

    def pieces(self, text: str, kinds: list[tuple[str, str]]) -> list[Piece]:
        return pieces.pieces(text, kinds)

    def wait_s(self, account: str, thread: str, count: int, most_s: float) -> float:
        """See Channel.wait_s. Where there is no such chat nothing waits: to send there is refused, and that is told."""
        line = self.lines.get(account)
        try:
            return line.limits.ask(_moved(line, Place.of(thread)), count, most_s) if line else 0.0
        except Refused:
            return 0.0

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. A time-out is Unconfirmed: Telegram has no idempotency key and shows no bot what it sent."""
        line = self._line(item.account)
        place = _moved(line, Place.of(item.thread))
        if item.change:
            await _change(line, place, item, item.change)
            return Receipt("")
        try:
            sent = await self._send(line, place, item)
        except ChatMigrated as moved:
            place = Place(moved.new_chat_id)
            await follow_move(line, item.thread, place)
            sent = await self._send(line, place, item)
        line.drafts.pop(item.thread, None)
        first, *more = (place.message(one.message_id) for one in sent)
        return Receipt(first, (first, *more) if more else ())

    async def _send(self, line: Line, place: Place, item: Outbound) -> Sequence[Message]:
        """One call of the Bot API; what went wrong is remembered before it is told."""
        try:
            with ours(repeatable=False):
                return await _call(line, place, item)
        except (Refused, Unavailable) as no:
            if isinstance(no.__cause__, RetryAfter):
                line.limits.close(place, seconds(no.__cause__))
            if isinstance(no.__cause__, Forbidden):
                await note_reachable(line, item.thread, False)
            raise

    async def find(self, item: Outbound) -> Receipt | None:  # noqa: ARG002  # as the protocol has it
        """See Channel.find. A bot cannot read back what it sent, so this never knows."""
        raise Unconfirmed("Telegram does not say what became of a message.", remedy="Look into the chat.")

    async def act(self, account: str, thread: str, action: Action) -> None:
        line = self.lines.get(account)
        if line is None:
            return
        place = Place.of(thread)
        if line.limits.may_show(place):
            try:
                await line.bot.send_chat_action(
                    place.chat, _ACTIONS[action], message_thread_id=place.topic, read_timeout=5, pool_timeout=1
                )
            except RetryAfter as wait:
                line.limits.close(place, seconds(wait))
            except TelegramError as no:
                log.debug("action_not_shown", account=account, error=type(no).__name__)

    async def draft(self, account: str, thread: str, draft: str, text: str) -> str:  # noqa: ARG002  # as in Channel
        """See Channel.draft. A draft of Telegram's is no message: it vanishes by itself, so this gives ""."""
        line, place = self.lines.get(account), Place.of(thread)
        if line and not text.strip():
            line.drafts.pop(thread, None)
        if line and line.has_drafts and place.is_private and text.strip() and line.limits.may_show(place):
            await self._show_draft(line, place, thread, text)
        return ""

    async def _show_draft(self, line: Line, place: Place, thread: str, text: str) -> None:
        words, entities = styles(first_units(text, MESSAGE))
        number = line.drafts.get(thread) or line.next_draft()
        remember(line.drafts, thread, number)
        try:
            await line.bot.send_message_draft(
                place.chat,
                number,
                words,
                message_thread_id=place.topic,
                entities=entities,
                read_timeout=5,
                pool_timeout=1,
            )
        except InvalidToken:  # 404: what the library makes of a method that the server does not know
            line.has_drafts = False
        except RetryAfter as wait:
            line.limits.close(place, seconds(wait))
        except TelegramError as no:
            log.debug("draft_not_shown", account=line.account.id, error=type(no).__name__)

    async def fetch(self, account: str, ref: str, into: Path, limit_bytes: int) -> None:
        """See Channel.fetch."""
        await files.fetch(self._line(account), ref, into, limit_bytes)

    def _line(self, account: str) -> Line:
        line = self.lines.get(account)
        if line is None:
            raise Unavailable("This process does not receive and send for the account.", retry_after_s=5)
        return line


def _moved(line: Line, place: Place) -> Place:
    """Where the chat is now: a group that became a supergroup has another number."""
    return Place(line.moved.get(place.chat, place.chat), place.topic)


async def _call(line: Line, place: Place, item: Outbound) -> Sequence[Message]:
    where: dict[str, Any] = {
        "chat_id": place.chat,
        "message_thread_id": place.topic,
        "reply_parameters": _answers(item.reply_to),
        "reply_markup": keyboard(item.buttons),
    }
    if item.media:
        return await send_media(line, where, item)
    text, entities = styles(item.text)
    if not text and item.assets:
        raise Unavailable("What the message carries is still being made.")
    if not text:
        raise Refused("There is nothing in the message that Telegram could show.")
    no_preview = LinkPreviewOptions(is_disabled=True)
    return [await line.bot.send_message(text=text, entities=entities, link_preview_options=no_preview, **where)]


async def _change(line: Line, place: Place, item: Outbound, change: Change) -> None:
    """Edit or delete what the bot sent. Raises Refused where that cannot be (any more): a bot deletes for 48 hours."""
    for one in change.goes or ([change.of] if change.removes else []):
        await _changed(line.bot.delete_message, _where(place, one))
    if not change.removes:
        await _changed(partial(_reword, line, item, change), _where(place, change.of))
    elif change.files > 1 and not change.goes:  # it was sent when only the first of an album's messages was kept
        raise Refused("An album cannot be taken back whole.")


def _where(place: Place, message: str) -> dict[str, Any]:
    number = number_of(message)
    if number is None:
        raise Refused("That is no message of Telegram's.")
    return {"chat_id": place.chat, "message_id": number}


async def _changed(call: Callable[..., Awaitable[Any]], where: dict[str, Any]) -> None:
    """Make the call, unless that was done before."""
    try:
        with ours(repeatable=True):
            await call(**where)
    except Refused as no:
        if not any(done in no.message.lower() for done in _DONE):
            raise


async def _reword(line: Line, item: Outbound, change: Change, **where: Any) -> None:
    text, entities = styles(item.text)
    if change.files:
        await line.bot.edit_message_caption(caption=text or None, caption_entities=entities or None, **where)
        return
    no_preview = LinkPreviewOptions(is_disabled=True)
    await line.bot.edit_message_text(text, entities=entities, link_preview_options=no_preview, **where)


def _answers(reply_to: str) -> ReplyParameters | None:
    """What it hangs under; where that was deleted meanwhile, it stands alone."""
    number = number_of(reply_to) if reply_to else None
    return ReplyParameters(number, allow_sending_without_reply=True) if number else None


def keyboard(buttons: list[Button]) -> InlineKeyboardMarkup | None:
    """Two buttons in a row."""
    keys = [InlineKeyboardButton(one.label, callback_data=one.press) for one in buttons]
    return InlineKeyboardMarkup([keys[at : at + 2] for at in range(0, len(keys), 2)]) if keys else None
