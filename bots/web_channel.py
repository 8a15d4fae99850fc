"""The web: browsers, the CLI and other clients of our own websocket. What is sent is a row; the frame only shows it sooner."""

from bots.channel import Outbound, Receipt
from bots.hub import Hub

NAME = "web"


class WebChannel:
    name = NAME

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def send(self, item: Outbound) -> Receipt:
        """See Channel.send. Never fails: whoever is away reads the row when they are back."""
        self._hub.publish(item.conversation, item.frame)
        return Receipt(item.message)
