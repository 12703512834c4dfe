"""Access to an API server, by the kubeconfig that the program itself uses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, TypeVar

from ..errors import ErrorKind, tagged
from ..errors import verification as errors
from .api_object import ApiObject
from .kubeconfig import parsed

T = TypeVar("T")
ANSWER_SECONDS = 10
_ahead: list[threading.Thread] = []


@cache
def load_ahead() -> None:
    """Start to import the official client in a thread, so that 0.25 s of imports overlap with the deployment."""

    def load() -> None:
        # A program's directory leaves sys.path when its main module ends. A search through the path at that moment can
        # miss an entry. The client is then imported when it is used.
        with suppress(ImportError):
            import kubernetes

            kubernetes.client.ApiClient  # noqa: B018 (reading the attribute imports it)

    # A daemon thread: a program that ends early does not wait for it.
    _ahead.append(threading.Thread(target=load, name="import the Kubernetes client", daemon=True))
    _ahead[0].start()


class InspectionError(Exception):
    """The API server does not respond, or returns an error.

    ``text`` is the message without its error id, for use within another message. ``str()`` includes the id.
    """

    def __init__(self, text: str, kind: ErrorKind | None = None) -> None:
        super().__init__(tagged(text, kind) if kind else text)
        self.text, self.kind = text, kind


class ForbiddenError(InspectionError):
    """The account lacks the permission for a request."""


class Client:
    """The official Kubernetes client for one context of a kubeconfig, which is passed as text."""

    def __init__(self, kubeconfig: str, context: str | None = None) -> None:
        # Imported here: it takes a quarter of a second, which only runs that contact an API server should pay.
        import kubernetes

        self._sdk = kubernetes
        try:
            self._api = kubernetes.config.new_client_from_config_dict(parsed(kubeconfig), context=context)  # type: ignore[no-untyped-call]
        except (kubernetes.config.ConfigException, ValueError) as error:  # such as data that is not base64
            raise InspectionError(f"the kubeconfig cannot be used: {error}", errors.KUBECONFIG_INVALID) from None

    def __getattr__(self, group: str) -> Any:
        """Return the API of a group by its name in the official client, such as ``client.AppsV1Api``."""
        for thread in _ahead:
            thread.join()  # modules that import one another must not be loaded by two threads at once
        return getattr(self._sdk.client, group)(self._api)

    def call(self, function: Callable[..., T], *args: Any, **options: Any) -> T | None:
        """Call a function of the official client; return None if the object does not exist. Raises InspectionError."""
        return self._call(function, args, options, (404,))

    def call_if_permitted(self, function: Callable[..., T], *args: Any, **options: Any) -> T | None:
        """Call a function of the official client; return None also if the account may not. Raises InspectionError."""
        return self._call(function, args, options, (403, 404))

    def get_if_permitted(self, path: str) -> dict[str, Any] | None:
        """Return the plain answer to a path; None if it does not exist, or if the account may not read it.

        The official client's models take half a second to load: too long for every preview. Raises InspectionError.
        """
        return self._call(self._get, (path,), {}, (403, 404))

    def get_object(self, path: str) -> ApiObject | None:
        """Return the object at a path; None if it does not exist. Raises InspectionError, also without permission."""
        answer = self._call(self._get, (path,), {}, (404,))
        return None if answer is None else ApiObject(answer)

    def list_objects(self, path: str, selector: str = "", *, required: bool = True) -> tuple[ApiObject, ...]:
        """Return the objects below a path that match a label selector.

        Raises InspectionError. Without permission that happens only if they are ``required``; else none are returned.
        """
        query = [("labelSelector", selector)] if selector else []
        answer = self._call(self._get, (path, query), {}, (404,) if required else (403, 404))
        return () if answer is None else tuple(map(ApiObject, answer.get("items") or ()))

    def exists(self, path: str) -> bool | None:
        """Return whether a path exists, reading only its metadata; None if the account may not read it."""
        accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        try:
            return self._call(self._get, (path, (), accept), {}, (404,)) is not None
        except ForbiddenError:
            return None

    def dry_run_create(self, path: str, body: dict[str, Any]) -> str | None:
        """Return why the API server would reject the creation of an object; None if it would accept it."""
        try:
            self._call(self._send, ("POST", path, [("dryRun", "All")], body), {}, ())
        except InspectionError as error:
            return error.text
        return None

    def _get(
        self, path: str, query: Sequence[tuple[str, str]] = (), accept: str = "application/json", **options: Any
    ) -> Any:
        return self._send("GET", path, query, None, accept, **options)

    def _send(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: Any,
        accept: str = "application/json",
        **options: Any,
    ) -> Any:
        headers = {"Accept": accept, **({"Content-Type": "application/json"} if body else {})}
        request = self._api.param_serialize(
            method, path, header_params=headers, query_params=list(query), body=body, auth_settings=["BearerToken"]
        )
        response = self._api.call_api(*request, **options)
        response.read()
        if response.status >= 400:
            raise self._sdk.client.ApiException(status=response.status, reason=response.reason, body=response.data)
        return json.loads(response.data)

    def _call(
        self, function: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any], absent: tuple[int, ...]
    ) -> T | None:
        try:
            return function(*args, _request_timeout=ANSWER_SECONDS, **options)
        except self._sdk.client.ApiException as error:
            if error.status in absent:
                return None
            text = f"the API server returned {error.status} ({_message(error.body) or error.reason})"
            if error.status == 403:
                raise ForbiddenError(text, errors.API_SERVER_FORBIDDEN) from None
            raise InspectionError(text, errors.API_SERVER_ERROR) from None
        except Exception as error:  # the transport's own, from several libraries
            text = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
            raise InspectionError(
                f"the API server does not respond ({text[:200]})", errors.API_SERVER_UNREACHABLE
            ) from None


@lru_cache(maxsize=8)
def shared_client(kubeconfig: str, context: str | None = None) -> Client:
    """Return one client per cluster for all requests: each parses the kubeconfig and opens connections of its own."""
    return Client(kubeconfig, context)


def _message(body: Any) -> str:
    """Return the message of the API server, such as the missing permission; empty if there is none."""
    try:
        return str(json.loads(body)["message"])
    except (TypeError, ValueError, KeyError):
        return ""
