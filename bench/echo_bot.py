"""What does a bot cost that does nothing but ask the model? The reference of bench.chat_load: bare aiohttp, no rows, no memory.

    python -m bench.echo_bot '{"model": URL, "telegram": [[URL, TOKEN], …], "discord": [[URL, GATEWAY, TOKEN], …]}'

It polls Telegram, holds Discord's gateway and serves the frames of the web page, all in one process. It keeps the order of a
chat by answering its messages one after the other, and keeps nothing else: whatever it was doing when it dies is lost.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

Send = Callable[[str], Awaitable[None]]


class EchoBot:
    def __init__(self, model: str, session: aiohttp.ClientSession) -> None:
        self._model, self._session = model, session
        self._last: dict[str, asyncio.Task[None]] = {}  # chat: whoever answers there, last in its queue

    def hear(self, chat: str, text: str, send: Send) -> None:
        """Answer it once what came before it in its chat is answered."""
        self._last[chat] = asyncio.create_task(self._answer(self._last.get(chat), text, send))

    async def _answer(self, before: asyncio.Task[None] | None, text: str, send: Send) -> None:
        if before:
            await asyncio.wait({before})
        asked = {"model": "echo", "messages": [{"role": "user", "content": text}]}
        async with self._session.post(f"{self._model}/v1/chat/completions", json=asked) as answer:
            said = (await answer.json())["choices"][0]["message"]["content"]
        await send(said)

    async def telegram(self, url: str, token: str) -> None:
        base, offset = f"{url}/bot{token}", 0
        while True:
            ask = {"offset": offset, "timeout": 25, "limit": 100}
            async with self._session.post(f"{base}/getUpdates", data=ask) as answer:
                updates = (await answer.json())["result"]
            for update in updates:
                offset = update["update_id"] + 1
                message = update["message"]
                self.hear(
                    f"telegram {message['chat']['id']}", message["text"], self._sender(base, message["chat"]["id"])
                )

    def _sender(self, base: str, chat: int) -> Send:
        async def send(text: str) -> None:
            async with self._session.post(f"{base}/sendMessage", data={"chat_id": chat, "text": text}) as answer:
                await answer.read()

        return send

    async def discord(self, url: str, gateway: str, token: str) -> None:
        async with self._session.ws_connect(gateway) as socket:
            await socket.send_json({"op": 2, "d": {"token": token, "intents": 1 << 12, "properties": {}}})
            me = ""
            async for frame in socket:
                event = json.loads(frame.data)
                if event["t"] == "READY":
                    me = event["d"]["user"]["id"]
                elif event["t"] == "MESSAGE_CREATE" and event["d"]["author"]["id"] != me:
                    channel = event["d"]["channel_id"]
                    self.hear(f"discord {channel}", event["d"]["content"], self._writer(url, token, channel))

    def _writer(self, url: str, token: str, channel: str) -> Send:
        async def send(text: str) -> None:
            where = f"{url}/api/v10/channels/{channel}/messages"
            headers = {"Authorization": f"Bot {token}"}
            async with self._session.post(where, json={"content": text}, headers=headers) as answer:
                await answer.read()

        return send

    async def open_session(self, request: web.Request) -> web.Response:
        name = (await request.json())["name"].replace(" ", "-")
        about = {"user": name, "conversation": name, "access_token": name, "refresh_token": name}
        return web.json_response(about, status=201)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        said = 0

        async def send(text: str) -> None:
            nonlocal said
            said += 1
            message = {"id": str(said), "author": "persona", "content": text}
            await socket.send_json({"type": "new_message", "message": message})

        async for one in socket:
            frame = json.loads(one.data)
            if frame["type"] == "join_conversation":
                await socket.send_json({"type": "conversation_joined"})
            elif frame["type"] == "send_message":
                await socket.send_json({"type": "message_accepted", "client_id": frame["client_id"]})
                self.hear(f"web {frame['conversation_id']}", frame["content"], send)
        return socket


async def run(told: dict[str, Any]) -> None:
    """Serve until ended; says on stdout at which port."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        bot = EchoBot(told["model"], session)
        app = web.Application()
        app.router.add_post("/api/v1/public/personas/{slug}/session", bot.open_session)
        app.router.add_get("/ws/{user}", bot.serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        lines = [bot.telegram(*one) for one in told["telegram"]] + [bot.discord(*one) for one in told["discord"]]
        listening = asyncio.gather(*lines)
        print(runner.addresses[0][1], flush=True)
        await listening


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
