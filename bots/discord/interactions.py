"""What does somebody do with our commands, buttons and forms? Acknowledged at once, done once, answered to them alone."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

import structlog

from bots import commands, words
from bots.discord import buttons, completing, menus, slash
from bots.discord.holding import Holding
from bots.discord.reading import person
from bots.discord.replying import Reply
from bots.discord.wire import asked
from bots.doorway import Person, Seat
from gator.errors import Conflict, Forbidden, GatorError, Refused, Unavailable
from tools.capability import Turn

log = structlog.get_logger()

_SLOWEST_RETRY_S = 300.0
_COMMANDS_FAIL = "Discord does not take the bot's commands; they stay as they were."


class FindSeat(Protocol):
    def __call__(self, person: Person, channel: str, *, private: bool) -> Awaitable[Seat | None]: ...


class Interactions:
    def __init__(self, held: Holding, seat: FindSeat) -> None:
        self._held = held
        self._seat = seat

    async def publish(self) -> None:
        """Have Discord know our commands. The same again changes nothing there."""
        application = int(self._held.me.application)
        menu: Any = menus.menu(self._held.account)
        pause_s = 2.0
        while True:
            try:
                await asked(self._held.http.bulk_upsert_global_commands(application, payload=menu))
                return
            except Refused as no:
                log.warning("discord_commands_refused", account=self._held.id, why=no.message)
                await self._held.say_once(_COMMANDS_FAIL)
                return
            except Unavailable as wait:  # the account talks all the same
                await asyncio.sleep(wait.retry_after_s or pause_s)
                pause_s = min(2 * pause_s, _SLOWEST_RETRY_S)

    async def take(self, data: dict[str, Any]) -> None:
        """See to one interaction. Raises KeyError, TypeError or ValueError for a malformed one."""
        reply = Reply(self._held.http, self._held.me.application, str(int(data["id"])), str(data["token"]))
        user, private = data.get("user") or data["member"]["user"], "guild_id" not in data
        who = person(user, data.get("member"), str(data.get("locale") or ""))
        if data.get("channel"):
            self._held.places.learn({"guild_id": data.get("guild_id"), **data["channel"]})
        channel = str(int(data["channel_id"]))
        try:
            match data["type"]:
                case 2:  # a command
                    await self._command(reply, data, who, channel, private)
                case 3:  # a button
                    await self._press(reply, data, who, channel, private)
                case 4:  # typing one, and asking what there is
                    await self._complete(reply, data["data"], await self._seat(who, channel, private=private))
                case 5:  # a form
                    await self._form(reply, data, who, channel, private)
        except GatorError as no:  # it came twice or too late, or Discord is away: there is nobody to tell
            log.warning("discord_interaction_dropped", account=self._held.id, code=no.code)

    # Commands

    async def _command(self, reply: Reply, data: dict[str, Any], who: Person, channel: str, private: bool) -> None:
        await reply.take()
        seat = await self._seat(who, channel, private=private)
        name, options = str(data["data"]["name"]), data["data"].get("options") or []
        argument = menus.argument(options)
        key = f"discord:{reply.id}"
        language = self._language(seat, who)
        try:
            core, account = self._held.core, self._held.account
            answer = await commands.obey(core, account, seat, who, name, argument, key)
            if seat is None and private:  # whoever was paired just now has a chat, in which they are told things
                await self._seat(who, channel, private=True)
            if answer is None and (seat is None or account.persona_id):
                answer = words.say("unknown_command" if seat else "stranger", language, code=f"/{name}")
            elif answer is None and seat:
                answer = await slash.carry_out(core, name, options, self._turn(seat, reply.id), key)
                if (
                    answer and private
                ):  # it is part of the talk with Gator; elsewhere it is for the operator's eyes alone
                    await core.tell(seat.conversation, answer, key)
                    answer = ""
        except GatorError as no:
            answer = words.retold(str(no), language)
        except TimeoutError:
            answer = words.say("took_too_long", language)
        await (reply.say(answer) if answer else reply.withdraw())

    async def _complete(self, reply: Reply, data: dict[str, Any], seat: Seat | None) -> None:
        typed = next((one for one in data.get("options") or [] if one.get("focused")), None)
        if typed is None or seat is None or self._held.account.persona_id:
            await reply.offer([])
            return
        try:
            turn = self._turn(seat, reply.id)
            choices = await completing.offers(str(typed["name"]), str(typed["value"]), turn)
        except GatorError as no:
            log.info("discord_nothing_offered", account=self._held.id, code=no.code)
            choices = []
        await reply.offer(choices)

    def _turn(self, seat: Seat, interaction: str) -> Turn:
        room = seat.conversation
        turn = self._held.core.brain.turn(seat.principal, interaction, room.id, language=room.language)
        return slash.turn_of(turn, interaction)

    def _language(self, seat: Seat | None, who: Person) -> str:
        """Which they read: as in their chat, else as their app, else the usual."""
        return (seat.conversation.language if seat else "") or who.locale or self._held.core.settings.language

    # Approvals

    async def _press(self, reply: Reply, data: dict[str, Any], who: Person, channel: str, private: bool) -> None:
        press = str(data["data"]["custom_id"])
        if press.startswith(buttons.EDIT):  # a form cannot come later; who fills it in is asked when it comes back
            language = self._language(await self._seat(who, channel, private=private), who)
            await reply.open_form(press, words.say("button_edit", language), words.say("form_text", language))
            return
        await reply.take_press()
        await self._use(reply, data, who, await self._seat(who, channel, private=private), press, None)

    async def _form(self, reply: Reply, data: dict[str, Any], who: Person, channel: str, private: bool) -> None:
        text = str(data["data"]["components"][0]["components"][0]["value"])
        press = str(data["data"]["custom_id"]).removeprefix(buttons.EDIT)
        await reply.take_press()
        await self._use(reply, data, who, await self._seat(who, channel, private=private), press, text)

    async def _use(
        self, reply: Reply, data: dict[str, Any], who: Person, seat: Seat | None, press: str, text: str | None
    ) -> None:
        """Do what the button stands for; it and its neighbours are spent then, also when somebody else was faster."""
        if seat is None or self._held.account.persona_id:
            await reply.add(words.say("press_foreign", self._language(seat, who)))
            return
        language, spent = self._language(seat, who), True
        try:
            said = (await self._held.core.press(seat.principal, press, text, seat.conversation.id)).said
        except Conflict as late:
            said = words.retold(late.message, language)
        except Forbidden as foreign:
            said, spent = foreign.message, False
        except GatorError as no:
            said, spent = words.retold(str(no), language), False
        if spent and (data.get("message") or {}).get("components"):
            await reply.redraw(buttons.spent(data["message"]["components"]))
        await reply.add(said)
