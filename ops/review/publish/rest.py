"""A REST API as far as comments need it: JSON, page by page, with errors in words. The token enters no text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

TIMEOUT = (5, 30)  # seconds to connect, and between two bytes
PAGES = 100
_ADDRESS = "see that the address is that of its API"
_SECONDARY = "secondary rate limit"
LONGEST_WAIT = 60  # seconds; who is asked to wait longer is told so instead


class RestError(Exception):
    """The platform did not do it; the text says what it said and what would be right."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class PassingError(RestError):
    """It may do it later: a fault of its own, or a limit of requests. ``wait``: in how many seconds, 0 where it did not say."""

    def __init__(self, text: str, status: int = 0, wait: float = 0) -> None:
        super().__init__(text, status)
        self.wait = wait


class Rest:
    """One API, one account. ``right`` says for a status code what would be right."""

    def __init__(self, address: str, headers: dict[str, str], secret: str, right: dict[int, str]) -> None:
        self._address, self._secret, self._right = address.rstrip("/"), secret, right
        self._session = requests.Session()
        self._session.headers.update(headers)
        # Else a .netrc of the machine would take the place of the token.
        self._session.auth = lambda request: request

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, over all its pages."""
        url: str | None = f"{self._address}{path}?per_page=100"
        for _ in range(PAGES):
            answer = self._answer("GET", str(url))
            found = self._json(answer)
            if not isinstance(found, list):
                raise RestError(f"{self._host} answered {path} with no list: {_ADDRESS}")
            yield from found
            url = answer.links.get("next", {}).get("url")
            if not url:
                return
            if _origin(url) != _origin(self._address):
                raise RestError(
                    f"{self._host} says that the next page is on {_origin(url)}: the token is not sent there"
                )
        raise RestError(f"{self._host}: more than {PAGES} pages of comments")

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request; what it answers. Raises RestError, or PassingError where the same may work later."""
        found = self._json(self._answer(method, f"{self._address}{path}", body))
        if not isinstance(found, dict):
            raise RestError(f"{self._host} answered {path} with no object: {_ADDRESS}")
        return found

    @property
    def _host(self) -> str:
        return urlsplit(self._address).netloc

    def _answer(self, method: str, url: str, body: dict[str, Any] | None = None) -> requests.Response:
        try:
            answer = self._session.request(method, url, json=body, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            reason = type(error).__name__  # its text can hold addresses with credentials
            raise PassingError(f"{self._host} cannot be reached ({reason})") from None
        if 200 <= answer.status_code < 300:
            return answer
        said = f"{self._host} answered {method} with {answer.status_code}: {self._said(answer)}"
        if answer.status_code >= 500 or _limited(answer, said):
            raise PassingError(said, answer.status_code, _wait(answer))
        right = self._right.get(answer.status_code)
        raise RestError(f"{said}. Right would be {right}" if right else said, answer.status_code)

    def _said(self, answer: requests.Response) -> str:
        if answer.status_code < 400:
            return "it is elsewhere now"
        try:
            found = answer.json()
            text = (
                str(found.get("message") or found.get("error") or "no reason")
                if isinstance(found, dict)
                else "no reason"
            )
        except ValueError:
            text = answer.reason or "no reason"
        return " ".join(text.replace(self._secret, "***").split())[:200]

    def _json(self, answer: requests.Response) -> Any:
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise RestError(f"{self._host} answered with no JSON: {_ADDRESS}") from None


def _limited(answer: requests.Response, said: str) -> bool:
    """GitHub tells its limits by 403 too; only the ones that it wants to be tried again carry one of these."""
    headers = answer.headers
    return answer.status_code == 429 or (
        answer.status_code == 403
        and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or _SECONDARY in said.lower())
    )


def _wait(answer: requests.Response) -> float:
    after, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
    if after.isdigit():
        return float(after)
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(1.0, float(reset) - time.time())
    return float(LONGEST_WAIT) if _SECONDARY in answer.text.lower() else 0.0  # GitHub asks for a minute at least


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
