"""The HTTP requests for credentials, against a local server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from petiole._runtime.http import request


class Handler(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self) -> None:
        if self.path == "/long":
            return self.answer(200, bytes(2 * 1024 * 1024))
        if self.path == "/moved":
            return self.answer(302, b"elsewhere")
        return self.answer(200, f"{self.command} {self.path} {self.headers.get('X-Shown')}".encode())

    do_PUT = do_GET

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_requests(url: str) -> None:
    assert request("GET", f"{url}/a/b?c=d%20e", {"X-Shown": "yes"}, 5) == (200, b"GET /a/b?c=d%20e yes")
    assert request("PUT", url, {}, 5) == (200, b"PUT / None")


def test_redirections_are_not_followed(url: str) -> None:
    assert request("GET", f"{url}/moved", {}, 5) == (302, b"elsewhere")


def test_answers_without_end(url: str) -> None:
    with pytest.raises(OSError, match="too great a length"):
        request("GET", f"{url}/long", {}, 5)


def test_no_answer(closed_port: int) -> None:
    with pytest.raises(OSError, match=r"127\.0\.0\.1: .*refused") as caught:
        request("GET", f"http://127.0.0.1:{closed_port}/?secret", {}, 5)
    assert "secret" not in str(caught.value)
