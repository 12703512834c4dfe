"""Work that goes on in the background of a drill."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Background(ABC):
    """Work between ``start()`` and ``stop()``; as a context manager, for as long as its block runs."""

    @abstractmethod
    def start(self) -> None:
        """Start the work."""

    @abstractmethod
    def stop(self) -> None:
        """End the work. Does nothing once it has ended."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
