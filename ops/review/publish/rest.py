"""A JSON client for a REST API: pages, retries, and errors in words. The token appears in no text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from components.errors import ErrorKind
from ops.errors import UserError
from ops.review.errors import CODE_HOST_REJECTED, CODE_HOST_RESPONSE_INVALID, CODE_HOST_UNAVAILABLE

TIMEOUT = (5, 30)  # seconds to connect, and between two bytes
PAGES = 100
_ADDRESS = "check that the address is that of its API"
_SECONDARY = "secondary rate limit"
LONGEST_WAIT = 60  # seconds; a longer wait is reported instead


class RestError(UserError):
    """A request failed; the text quotes the platform and names the fix."""

    def __init__(self, text: str, kind: ErrorKind, status: int = 0) -> None:
        super().__init__(text, kind)
        self.status = status


class TransientError(RestError):
    """A request that may succeed later, such as after a rate limit. ``wait`` is in seconds, 0 if it is unknown."""

    def __init__(self, text: str, status: int = 0, wait: float = 0) -> None:
        super().__init__(text, CODE_HOST_UNAVAILABLE, status)
        self.wait = wait


class Rest:
    """One API and one account. ``remedies`` maps status codes to what to do about them."""

    def __init__(self, address: str, headers: dict[str, str], secret: str, remedies: dict[int, str]) -> None:
        self._address, self._secret, self._remedies = address.rstrip("/"), secret, remedies
        self._session = requests.Session()
        self._session.headers.update(headers)
        # Otherwise a .netrc on this machine would replace the token.
        self._session.auth = lambda request: request

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield every entry of a list, over all its pages. Raises RestError or TransientError."""
        url: str | None = f"{self._address}{path}?per_page=100"
        for _ in range(PAGES):
            response = self._request("GET", str(url))
            entries = self._json(response)
            if not isinstance(entries, list):
                raise RestError(
                    f"{self._host} did not return a list for {path}: {_ADDRESS}", CODE_HOST_RESPONSE_INVALID
                )
            yield from entries
            url = response.links.get("next", {}).get("url")
            if not url:
                return
            if _origin(url) != _origin(self._address):
                raise RestError(
                    f"{self._host} names a next page on {_origin(url)}: the token is not sent there",
                    CODE_HOST_RESPONSE_INVALID,
                )
        raise RestError(f"{self._host}: more than {PAGES} pages of comments", CODE_HOST_RESPONSE_INVALID)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send one request, and return the response's object. Raises RestError or TransientError."""
        entry = self._json(self._request(method, f"{self._address}{path}", body))
        if not isinstance(entry, dict):
            raise RestError(f"{self._host} did not return an object for {path}: {_ADDRESS}", CODE_HOST_RESPONSE_INVALID)
        return entry

    @property
    def _host(self) -> str:
        return urlsplit(self._address).netloc

    def _request(self, method: str, url: str, body: dict[str, Any] | None = None) -> requests.Response:
        try:
            response = self._session.request(method, url, json=body, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            reason = type(error).__name__  # its text can contain addresses with credentials
            raise TransientError(f"{self._host} cannot be reached ({reason})") from None
        if 200 <= response.status_code < 300:
            return response
        message = f"{self._host} answered {method} with {response.status_code}: {self._reason(response)}"
        if response.status_code >= 500 or _rate_limited(response, message):
            raise TransientError(message, response.status_code, _wait(response))
        remedy = self._remedies.get(response.status_code)
        raise RestError(f"{message}. {remedy}" if remedy else message, CODE_HOST_REJECTED, response.status_code)

    def _reason(self, response: requests.Response) -> str:
        if response.status_code < 400:
            return "it has moved"
        try:
            content = response.json()
            text = (
                str(content.get("message") or content.get("error") or "no reason")
                if isinstance(content, dict)
                else "no reason"
            )
        except ValueError:
            text = response.reason or "no reason"
        return " ".join(text.replace(self._secret, "***").split())[:200]

    def _json(self, response: requests.Response) -> Any:
        try:
            return response.json() if response.content else {}
        except ValueError:
            raise RestError(f"{self._host} did not return JSON: {_ADDRESS}", CODE_HOST_RESPONSE_INVALID) from None


def _rate_limited(response: requests.Response, message: str) -> bool:
    """Return whether a request may be retried. GitHub reports limits as 403 too, marked by one of these headers."""
    headers = response.headers
    return response.status_code == 429 or (
        response.status_code == 403
        and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or _SECONDARY in message.lower())
    )


def _wait(response: requests.Response) -> float:
    after, reset = response.headers.get("retry-after", ""), response.headers.get("x-ratelimit-reset", "")
    if after.isdigit():
        return float(after)
    if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(1.0, float(reset) - time.time())
    return float(LONGEST_WAIT) if _SECONDARY in response.text.lower() else 0.0  # GitHub asks for at least a minute


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
