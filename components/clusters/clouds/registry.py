"""The clouds on which Cluster API can create a cluster, by the key of their settings."""

from .aws import Aws
from .azure import Azure
from .cloud import Cloud
from .development import Development
from .google import Google

CLOUDS: dict[str, type[Cloud]] = {
    "aws": Aws,
    "google": Google,
    "azure": Azure,
    "development": Development,
}
