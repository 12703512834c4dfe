"""A local server that replaces every official download host."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from components.devcluster import catalog, download

PROGRAM = b"#!/bin/sh\necho fake\n"


@dataclass
class Mirror:
    """Files by path, and the paths that were requested."""

    files: dict[str, bytes] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    cut: bool = False
    """Whether connections break before the end of a file."""

    def serve(
        self, name: str, content: bytes, sums: str | None = None, kubernetes: str = catalog.DEFAULT_VERSION
    ) -> None:
        program = catalog.program(name, kubernetes)
        url = download._address(program.url, program)
        self.files[_path(url)] = content
        if sums is not None and program.checksums:
            self.files[_path(download._address(program.checksums, program))] = sums.encode()


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def serving() -> Iterator[tuple[Mirror, str]]:
    """Serve a mirror and yield it with its address."""
    mirror = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mirror.requested.append(self.path)
            content = mirror.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"") + 1000 * mirror.cut))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield mirror, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
