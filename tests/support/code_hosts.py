"""A local server that stands in for the APIs of GitHub and GitLab: comments, pages, accounts and injected faults."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "only-in-this-test-1f0c"
COMMENTS, NOTES = r"/repos/shop/web/issues/(7)/comments", r"/projects/42/merge_requests/(7)/notes"
ONE_COMMENT, ONE_NOTE = r"/repos/shop/web/issues/comments/(\d+)", rf"{NOTES}/(\d+)"
Fault = tuple[int, dict[str, str], dict[str, Any]]


@dataclass
class Platform:
    """The comments of pull request 7. Each of ``faults`` is returned once, to a request that starts with its words."""

    login: str | None = None
    """The account of the token; None if the token may not look it up, such as a workflow's own."""
    page: int = 100
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    after_write: bool = False
    """Whether a fault of a POST follows after the comment is created."""
    address: str = ""
    _next: int = 100

    def write(self, body: str, login: str = "github-actions[bot]", **more: Any) -> dict[str, Any]:
        """Add a comment of an account."""
        self._next += 1
        comment = {
            "id": self._next,
            "body": body,
            "user": {"login": login},
            "author": {"id": _identity(login)},
            "html_url": f"https://github.example/shop/web/pull/7#issuecomment-{self._next}",
            "system": False,
            **more,
        }
        self.comments.append(comment)
        return comment

    @property
    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [one["body"] for one in self.comments]

    def answer(
        self, method: str, path: str, query: str, headers: Any, body: Any
    ) -> Fault | tuple[int, dict[str, str], Any]:
        """Return status, headers and content of the response to a request."""
        self.requests.append(f"{method} {path}")
        if headers.get("Authorization") != f"Bearer {TOKEN}" and headers.get("PRIVATE-TOKEN") != TOKEN:
            return 401, {}, {"message": "Bad credentials"}
        fault = next((one for one in self.faults if f"{method} {path}".startswith(one[0])), None)
        if fault:
            self.faults.remove(fault)
            if self.after_write and method == "POST":
                self.write(body["body"], self.login or "github-actions[bot]")
            return fault[1]
        if path == "/user":
            account = {"login": self.login, "id": _identity(self.login)}
            return (
                (200, {}, account) if self.login else (403, {}, {"message": "Resource not accessible by integration"})
            )
        if re.fullmatch(f"{COMMENTS}|{NOTES}", path):
            if method == "POST":
                return 201, {}, self.write(body["body"], self.login or "github-actions[bot]")
            return self._list(path, int((re.search(r"[?&]page=(\d+)", query) or [0, 1])[1]), "notes" in path)
        found = re.fullmatch(ONE_COMMENT, path) or re.fullmatch(ONE_NOTE, path)
        one = next((one for one in self.comments if found and str(one["id"]) == found.groups()[-1]), None)
        if one is None:
            return 404, {}, {"message": "404 Not found"}
        if method == "DELETE":
            self.comments.remove(one)
            return 204, {}, None
        one["body"] = body["body"]
        return 200, {}, one

    def _list(self, path: str, page: int, newest_first: bool) -> tuple[int, dict[str, str], Any]:
        everything = self.comments[::-1] if newest_first else self.comments
        begin = (page - 1) * self.page
        more = begin + self.page < len(everything)
        link = {"Link": f'<{self.address}{path}?per_page=100&page={page + 1}>; rel="next"'} if more else {}
        return 200, link, everything[begin : begin + self.page]


def _identity(login: str | None) -> int:
    return sum(map(ord, login or ""))


@contextmanager
def serving(platform: Platform) -> Iterator[Platform]:
    """Serve the platform at ``platform.address``."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            path, _, query = self.path.partition("?")
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, headers, response = platform.answer(self.command, path, f"?{query}", self.headers, body)
            content = b"" if response is None else json.dumps(response).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    platform.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
