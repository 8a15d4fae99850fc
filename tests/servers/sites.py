"""Somebody else's web site: one page, under a strict content security policy of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_HEAD = '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A site</title><body>'


class Site:
    """Its page may be changed at any time. Named `localhost`: to a browser, 127.0.0.1 is another site than that."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.body = ""
        self.policy = ""


@contextmanager
def site() -> Iterator[Site]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = f"{_HEAD}{told.body}".encode()
            self.send_response(200)
            for name, value in {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(data)),
                "Content-Security-Policy": told.policy,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    told = Site(server.server_address[1])
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    running.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        running.join(10)
