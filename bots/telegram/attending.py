"""What is done about an update? It is read, and what it says goes to the core: a message, a correction, a press, a command.

Nothing is answered here but strangers on Gator's own account, presses and commands that nobody has a seat for. When `attend`
returns, what came in is in the journal.
"""

import time
from collections import OrderedDict
from typing import Any

import structlog
from telegram import Update
from telegram.error import TelegramError

from bots import channel, words
from bots.doorway import Seat
from bots.reactions import Reaction
from bots.telegram import receiving
from bots.telegram.groups import Me, names_of
from bots.telegram.line import Line, identity, remember
from bots.telegram.moves import follow_move, note_reachable
from bots.telegram.places import Place
from bots.telegram.receiving import Edited, Moved, Pressed, Reachable, Received, Said
from gator.errors import GatorError, NotFound, Refused
from memory.models import Account

log = structlog.get_logger()

NAME = "telegram"
ALBUM_SETTLE_S = 1.0  # its pictures come as messages of their own, within a moment
_TOAST = 200  # characters: https://core.telegram.org/bots/api#answercallbackquery
_NAMES_FOR_S = 60.0
_STRANGER_EVERY_S = 60.0
_ANSWER_S = 5.0  # what is answered here holds up the updates behind it


class Attendant:
    """Attends to one bot's updates."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._account = line.account
        self._core = line.core
        self._names: tuple[float, frozenset[str]] = (float("-inf"), frozenset())
        self._told: OrderedDict[str, float] = OrderedDict()  # strangers, and when they were last told who we are

    def serves(self, account: Account) -> bool:
        """Whether it attends to the account as it is now."""
        ours = self._account
        return (ours.credential, ours.persona_id, ours.options) == (
            account.credential,
            account.persona_id,
            account.options,
        )

    async def attend(self, raw: Any) -> None:
        """Have what the update says in the journal. Raises whatever the store raises when it cannot be kept now."""
        me = await self._me()
        received = _read(raw, me, self._line)
        if received is None:
            return
        try:
            await self._act(received, _number(raw))
        except Refused as no:
            log.info("update_dropped", account=self._account.id, update=_number(raw), code=no.code)

    async def _act(self, received: Received, update: int) -> None:
        match received:
            case Said():
                await self._hear(received, update)
            case Edited():
                where = (NAME, self._account.id, received.id, received.text)
                await self._core.edited(*where, workspace=self._account.workspace)
            case Reaction():
                await self._core.reactions.take(NAME, self._account.id, received, workspace=self._account.workspace)
            case Pressed():
                await self._press(received)
            case Moved():
                await follow_move(self._line, received.old.thread, received.new)
            case Reachable():
                await note_reachable(self._line, received.place.thread, received.yes)

    async def _me(self) -> Me:
        """Who we are here. A persona's name is read again every minute: it may be renamed."""
        id, handle = identity(self._line)
        at = time.monotonic()
        if self._account.persona_id and at - self._names[0] > _NAMES_FOR_S:
            async with self._core.store.open_work(self._line.worker, reads=True) as work:
                try:
                    persona = await work.personas.get(self._account.persona_id)
                    nickname = str(persona.character.get("nickname") or "")
                    self._names = (at, names_of(persona.name) | names_of(nickname))
                except NotFound:
                    self._names = (at, frozenset())
        return Me(id, handle, self._names[1])

    # Messages

    async def _hear(self, said: Said, update: int) -> None:
        if said.is_group and not self._account.persona_id:
            return  # Gator's business is not for groups: others read along there
        kind = "group" if said.is_group else "direct"
        seat = await self._core.doorway.seat(self._account, said.person, said.place.thread, kind, said.title)  # type: ignore[arg-type]
        if said.command and await self._obey(said, seat, update):
            if seat is None:  # whoever was paired just now has a chat from now on, in which they are told things
                await self._core.doorway.seat(self._account, said.person, said.place.thread)
            return
        if seat is None:
            await self._turn_away(said)
            return
        await self._core.receive(self._inbound(said, seat))

    def _inbound(self, said: Said, seat: Seat) -> channel.Inbound:
        usual_s = self._core.settings.settle_s
        settle_s = usual_s if self._account.persona_id else ALBUM_SETTLE_S if said.in_album else 0.0
        return channel.Inbound(
            channel=NAME,
            account=self._account.id,
            platform_id=said.id,
            conversation=seat.conversation.id,
            principal=seat.principal,
            text=said.text,
            attachments=[one.as_data() for one in said.attachments],
            reply_to=said.reply_to,
            locale=said.person.locale,
            settle_s=settle_s,
        )

    async def _obey(self, said: Said, seat: Seat | None, update: int) -> bool:
        """Whether the command was one of ours. What nobody has a seat for is answered here."""
        from bots import commands

        key = f"{NAME}:{self._account.id}:{update}"
        answer = await commands.obey(self._core, self._account, seat, said.person, said.command, said.argument, key)
        if answer:
            await self._say(said.place, answer)
        return answer is not None

    async def _turn_away(self, said: Said) -> None:
        """Tell a stranger how to become an operator, once in a while."""
        at = time.monotonic()
        if at - self._told.get(said.person.external_id, float("-inf")) > _STRANGER_EVERY_S:
            remember(self._told, said.person.external_id, at)
            await self._say(said.place, words.say("stranger", said.person.locale or self._core.settings.language))

    async def _say(self, place: Place, text: str) -> None:
        """Say it at once; when it does not arrive, whoever asked asks again."""
        if self._line.limits.ask(place) > 0:
            return
        try:
            await self._line.bot.send_message(place.chat, text, message_thread_id=place.topic, read_timeout=_ANSWER_S)
        except TelegramError as no:
            log.info("answer_not_sent", account=self._account.id, error=type(no).__name__)

    # Buttons

    async def _press(self, pressed: Pressed) -> None:
        language = pressed.person.locale or self._core.settings.language
        said, asks = words.say("press_foreign", language), False
        try:
            seat = await self._seat_of(pressed)
            if seat:
                language = seat.conversation.language or language
                result = await self._core.press(seat.principal, pressed.press, room=seat.conversation.id)
                said, asks = result.said, result.asks_text
                await self._take_buttons(pressed)
        except GatorError as no:
            said = words.retold(no.message, language)
            if no.code == "conflict":  # used, stale or expired: nobody can press it any more
                await self._take_buttons(pressed)
        finally:
            await self._answer_press(pressed.query, said)
        if asks:
            await self._say(pressed.place, said)

    async def _seat_of(self, pressed: Pressed) -> Seat | None:
        """The operator's seat; None for anybody else, and wherever others could press, too."""
        own_chat = pressed.place.chat == int(pressed.person.external_id)
        if self._account.persona_id or not own_chat:
            return None
        return await self._core.doorway.seat(self._account, pressed.person, pressed.place.thread)

    async def _take_buttons(self, pressed: Pressed) -> None:
        if pressed.message is None:
            return
        try:
            await self._line.bot.edit_message_reply_markup(pressed.place.chat, pressed.message, read_timeout=_ANSWER_S)
        except TelegramError as no:  # they are gone already, or the message is
            log.debug("buttons_not_taken", account=self._account.id, error=type(no).__name__)

    async def _answer_press(self, query: str, said: str) -> None:
        """The button stops turning, whatever came of the press."""
        try:
            await self._line.bot.answer_callback_query(query, said[:_TOAST], read_timeout=_ANSWER_S)
        except TelegramError as late:  # Telegram forgets a press after some minutes
            log.debug("press_not_answered", account=self._account.id, error=type(late).__name__)


def _number(raw: Any) -> int:
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else 0


def _read(raw: Any, me: Me, line: Line) -> Received | None:
    """What it says; nothing, and one line in the log, when it cannot be read."""
    try:
        update = Update.de_json(raw, line.bot)
        return receiving.read(update, me)
    except Exception as odd:  # noqa: BLE001  # whatever the library trips over in a stranger's update
        log.warning("update_unreadable", account=line.account.id, update=_number(raw), error=type(odd).__name__)
        return None
