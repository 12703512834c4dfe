"""The settings of the Job that runs once for each release, before the first new pod."""

from pydantic import Field

from .base import SettingsModel


class ReleaseJob(SettingsModel):
    """A Job with the backend's image, environment and files, such as a migration of its database.

    It runs to its end before the Deployment changes. If it fails, `pulumi up` fails, and the pods of the previous
    release keep serving. It runs once for each release: whenever the image, the environment, the files, `podTemplate`
    or these settings change.
    """

    command: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="Command of the container, such as [/app/migrate]. If omitted, the image's entrypoint.",
    )
    args: list[str] = Field(default_factory=list, max_length=100, description="Arguments of the command.")
    timeout_seconds: int = Field(
        300, ge=1, le=86400, description="Seconds after which Kubernetes ends the Job and counts it as failed."
    )
    retries: int = Field(
        0, ge=0, le=20, description="How often Kubernetes runs it again if it fails (the Job's backoffLimit)."
    )
