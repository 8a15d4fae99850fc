"""What of words that Discord does not show us? A bot without the message content intent sees none of most messages in servers.

It does see private ones, those that mention it, and replies to what it wrote itself, for these mention it, too
(https://discord.com/developers/docs/events/gateway#message-content-intent). A persona speaks through a webhook there, and a
reply to that mentions nobody. Where the bot has the right but does not listen to all talk, REST shows the words; elsewhere
whoever replied is told what to do instead: once a day, by the bot itself, so that a reply to that is heard.
"""

from typing import Any

from bots.desk import language_of
from bots.discord.holding import Holding
from bots.discord.reading import Heard
from bots.discord.wire import asked
from bots.words import say
from gator.clock import now

NO_REPLIES = (
    "Somebody in a server replied to what it said, and Discord did not show it the words. Switch on Message Content Intent "
    "under Bot in the developer portal; until then it asks people to mention it."
)


class Unread:
    def __init__(self, held: Holding) -> None:
        self._held = held

    def is_hidden(self, data: dict[str, Any], said: Heard) -> bool:
        """Whether that is for us and says more than we see."""
        held = self._held
        listens = held.reads_all and held.account.options.get("hears_names")
        return said.to_us and not said.private and not data.get("content") and not said.attachments and not listens

    async def shown(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The message with its words, where Discord gives them when asked; None where it does not."""
        if not self._held.reads_all:
            return None
        whole: dict[str, Any] = await asked(self._held.http.get_message(int(data["channel_id"]), int(data["id"])))
        known: dict[str, Any] = {key: data[key] for key in ("guild_id", "member", "referenced_message") if key in data}
        return {**whole, **known} if whole.get("content") or whole.get("attachments") else None

    async def tell(self, said: Heard) -> None:
        """Say what to do instead: to them once a day, and to the account's owner."""
        held = self._held
        seat = await held.seat(said.person, said.channel, private=False)
        if seat is None:
            return  # a stranger in a server gets no answer of Gator's
        key = f"unread:{held.id}:{said.person.external_id}:{now():%Y-%m-%d}"
        async with held.core.store.open_work(held.itself) as work:
            conversation = await work.conversations.get(seat.conversation.id)
            language = await language_of(work, conversation) or held.core.settings.language
            words = say("unread", language, bot=f"<@{held.me.user}>")
            told = await held.core.delivery.tell(work, conversation, words, key, reply_to=str(said.id))
        await held.core.delivery.show(held.workspace, conversation, told)
        await held.say_once(NO_REPLIES)
