"""Where this plugin was installed from. Resources that it registers must name the same plugin, also in a destroy."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi

from ops.provider.version import version


def options(folder: Path) -> pulumi.ResourceOptions:
    """Return version and address of the plugin in ``folder``, whose name the engine gives installed plugins.

    A plugin from a repository has its address in the name, such as
    ``resource-github.com_owner_name.git_plugin-v1.2.0``.
    Any other, such as a checkout that a program names by its path, is found by its package name alone.
    """
    installed = re.fullmatch(
        r"resource-([^_]+[.][^_]+)_([^_]+)_(.+?)(?:[.]git)?_plugin-v(\d+[.]\d+[.]\d+.*)", folder.name
    )
    if not installed:
        return pulumi.ResourceOptions(version=version())
    host, owner, name, number = installed.groups()
    return pulumi.ResourceOptions(version=number, plugin_download_url=f"git://{host}/{owner}/{name}/plugin")
