"""The way to an API server, by the kubeconfig that the program uses itself."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, TypeVar

from .kubeconfig import parsed

T = TypeVar("T")
ANSWER_SECONDS = 10
_ahead: list[threading.Thread] = []


class _Still(MetaPathFinder):
    """Finds modules where they were when it was made, for one thread."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self._path = list(sys.path)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if self.thread != threading.get_ident() or path is not None:
            return None
        return PathFinder.find_spec(name, self._path, target)


@cache
def load_ahead() -> None:
    """Begins to load what asking for a backend needs of the official client: best spent while others work."""
    # A program's folder leaves sys.path when its main part ends. Whoever looks for a module just then misses an entry.
    still = _Still()
    sys.meta_path.append(still)

    def load() -> None:
        still.thread = threading.get_ident()
        import kubernetes

        kubernetes.client.ApiClient  # noqa: B018 (it is loaded by being named)

    # A daemon: a program that ends early does not wait for it.
    _ahead.append(threading.Thread(target=load, name="loading the Kubernetes client", daemon=True))
    _ahead[0].start()


class InspectionError(Exception):
    """The API server does not answer; the text says what it said."""


class ForbiddenError(InspectionError):
    """The account may not ask for it."""


class Seen(dict[str, Any]):
    """An object as the API server tells it, read by the names of the official client: ``seen.status.ready_replicas``.

    What is not there is None. The client's own models would be read alike, and take half a second to load. Of a name that holds
    capitals, such as ``podIP``, only the plain form can be used.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _seen(self.get(_camel(name)))


def _seen(value: Any) -> Any:
    if isinstance(value, dict):
        return Seen(value)
    return [_seen(each) for each in value] if isinstance(value, list) else value


@cache
def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


class Client:
    """The official Kubernetes client for one context of a kubeconfig, given as text."""

    def __init__(self, kubeconfig: str, context: str | None = None) -> None:
        # Imported here: a quarter of a second that only runs which really ask should pay.
        import kubernetes

        self._sdk = kubernetes
        try:
            self._api = kubernetes.config.new_client_from_config_dict(parsed(kubeconfig), context=context)  # type: ignore[no-untyped-call]
        except (kubernetes.config.ConfigException, ValueError) as error:  # such as data that is not base64
            raise InspectionError(f"the kubeconfig cannot be used: {error}") from None

    def __getattr__(self, group: str) -> Any:
        """The API of one group by its name in the official client, e.g. ``client.AppsV1Api``."""
        for thread in _ahead:
            thread.join()  # modules that import one another must not be loaded from two sides at once
        return getattr(self._sdk.client, group)(self._api)

    def ask(self, call: Callable[..., T], *args: Any, **more: Any) -> T | None:
        """The answer; None where there is no such object. Raises InspectionError, also where it may not be seen."""
        return self._ask(call, args, more, (404,))

    def glance(self, call: Callable[..., T], *args: Any, **more: Any) -> T | None:
        """The same for what can be done without: None also where it may not be seen."""
        return self._ask(call, args, more, (403, 404))

    def look(self, path: str) -> dict[str, Any] | None:
        """The plain answer to one path; None where there is nothing, or it may not be seen.

        The official client's models take half a second to load: too long for every preview.
        """
        return self._ask(self._get, (path,), {}, (403, 404))

    def read(self, path: str) -> Seen | None:
        """The object at a path; None where there is none. Raises InspectionError, also where it may not be seen."""
        answer = self._ask(self._get, (path,), {}, (404,))
        return None if answer is None else Seen(answer)

    def listed(self, path: str, selector: str = "", *, needed: bool = True) -> tuple[Seen, ...]:
        """The objects below a path, by their labels; none where they may not be seen and are not ``needed``."""
        query = [("labelSelector", selector)] if selector else []
        answer = self._ask(self._get, (path, query), {}, (404,) if needed else (403, 404))
        return () if answer is None else tuple(map(Seen, answer.get("items") or ()))

    def sees(self, path: str) -> bool | None:
        """Whether there is something at a path, of which nothing but its metadata is read; None where it may not be seen."""
        only = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
        try:
            return self._ask(self._get, (path, (), only), {}, (404,)) is not None
        except ForbiddenError:
            return None

    def tries(self, path: str, content: dict[str, Any]) -> str | None:
        """What the API server has against making an object, which it does not make; None where it has nothing."""
        try:
            self._ask(self._sent, ("POST", path, [("dryRun", "All")], content), {}, ())
        except InspectionError as error:
            return str(error)
        return None

    def _get(
        self, path: str, query: Sequence[tuple[str, str]] = (), accept: str = "application/json", **more: Any
    ) -> Any:
        return self._sent("GET", path, query, None, accept, **more)

    def _sent(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        body: Any,
        accept: str = "application/json",
        **more: Any,
    ) -> Any:
        headers = {"Accept": accept, **({"Content-Type": "application/json"} if body else {})}
        wanted = self._api.param_serialize(
            method, path, header_params=headers, query_params=list(query), body=body, auth_settings=["BearerToken"]
        )
        answer = self._api.call_api(*wanted, **more)
        answer.read()
        if answer.status >= 400:
            raise self._sdk.client.ApiException(status=answer.status, reason=answer.reason, body=answer.data)
        return json.loads(answer.data)

    def _ask(
        self, call: Callable[..., T], args: tuple[Any, ...], more: dict[str, Any], absent: tuple[int, ...]
    ) -> T | None:
        try:
            return call(*args, _request_timeout=ANSWER_SECONDS, **more)
        except self._sdk.client.ApiException as error:
            if error.status in absent:
                return None
            said = _message(error.body) or error.reason
            raise (ForbiddenError if error.status == 403 else InspectionError)(
                f"the API server answers {error.status} ({said})"
            ) from None
        except Exception as error:  # the transport's own, of several libraries
            text = " ".join(str(error.__cause__ or error).split()) or type(error).__name__
            raise InspectionError(f"the API server does not answer ({text[:200]})") from None


@lru_cache(maxsize=8)
def shared(kubeconfig: str, context: str | None = None) -> Client:
    """One client for all that is asked of a cluster: each reads the kubeconfig anew and opens connections of its own."""
    return Client(kubeconfig, context)


def _message(body: Any) -> str:
    """What the API server says in words, such as which permission is missing."""
    try:
        return str(json.loads(body)["message"])
    except (TypeError, ValueError, KeyError):
        return ""
