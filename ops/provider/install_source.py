"""Where this plugin was installed from: what it makes by itself must be asked of the same plugin again, also in a destroy."""

from __future__ import annotations

import re
from pathlib import Path

import pulumi

from ops.provider.version import version


def options(folder: Path) -> pulumi.ResourceOptions:
    """Version and address of the plugin in ``folder``, in the form that the engine gives the folders of installed plugins.

    One from a repository has its address as a name, e.g. ``resource-github.com_owner_name.git_plugin-v1.2.0``; any other, such
    as a checkout that a program names by its path, is found by its name alone.
    """
    installed = re.fullmatch(
        r"resource-([^_]+[.][^_]+)_([^_]+)_(.+?)(?:[.]git)?_plugin-v(\d+[.]\d+[.]\d+.*)", folder.name
    )
    if not installed:
        return pulumi.ResourceOptions(version=version())
    host, owner, name, number = installed.groups()
    return pulumi.ResourceOptions(version=number, plugin_download_url=f"git://{host}/{owner}/{name}/plugin")
