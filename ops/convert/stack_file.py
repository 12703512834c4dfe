"""Write the stack file of a converted workload, with a marked line above each setting that only its owner knows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import yaml

from ops.convert.paths import get_at
from ops.convert.paths import steps as _steps
from ops.convert.repair import CLUSTER

MARK = "# TODO:"
_WIDTH = 100
_HEADER = (
    "# yaml-language-server: $schema=./settings.schema.json\n"
    "# Converted from {source}. Answer each line that is marked with TODO, then run make preview or make adopt.\n"
)
_CLUSTER = "Name the cluster: the context of the kubeconfig that it is reached by."


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write every value in full."""
        return True


def stack_file(settings: Mapping[str, Any], questions: Mapping[str, str], source: str) -> str:
    """Return the text of a stack file. ``questions``: by the key of a setting, what its owner must answer."""
    content = {"config": {"ha-backend:cluster": dict(CLUSTER), "ha-backend:backend": dict(settings)}}
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=10**6, allow_unicode=True)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    marks: dict[int, list[str]] = {}
    path: list[str | int] = ["config", "ha-backend:cluster", "context"]
    marks.setdefault(_line(root, path), []).append(_CLUSTER)
    for key, question in questions.items():
        path = ["config", "ha-backend:backend", *_existing(settings, key)]
        marks.setdefault(_line(root, path), []).append(question)
    lines = []
    for number, line in enumerate(text.splitlines()):
        indent = line[: len(line) - len(line.lstrip())]
        for question in marks.get(number, ()):
            first = f"{indent}{MARK} "
            lines += textwrap.wrap(
                question,
                max(_WIDTH, len(first) + 40),
                initial_indent=first,
                subsequent_indent=f"{indent}#   ",
                break_on_hyphens=False,
                break_long_words=False,
            )
        lines.append(line)
    return _HEADER.format(source=" ".join(source.split())) + "\n".join(lines) + "\n"


def _existing(settings: Any, key: str) -> list[str | int]:
    """Return the path of a key, or of the closest group around it that the settings have."""
    path = _steps(key)
    while path and get_at(settings, path[:-1]) is None:
        path.pop()
    while path and get_at(settings, path) is None:
        parent = get_at(settings, path[:-1])
        if isinstance(parent, dict) and path[-1] in parent:
            break
        path.pop()
    return path


def _line(root: Any, path: list[str | int]) -> int:
    """Return the number of the line on which a value's key is, from 0."""
    node, line = root, 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line
    return line
