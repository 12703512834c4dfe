"""Invalid keys, types and values in a stack file or in a component's arguments."""

from __future__ import annotations

from .kind import ErrorKind

UNKNOWN_SETTING = ErrorKind(
    "unknown-setting",
    "Unknown setting",
    "The key is not a setting. A misspelled key would be ignored silently, and the default would apply without your "
    "noticing.",
    "Use one of the valid keys in the message. The settings reference lists them all.",
)
RENAMED_SETTING = ErrorKind(
    "renamed-setting",
    "Renamed setting",
    "The setting has a new name. The old name has no effect.",
    "Use the new name from the message. The value keeps its meaning.",
)
MISSING_SETTING = ErrorKind(
    "missing-setting",
    "Missing setting",
    "The setting is required and has no default.",
    "Add the key. The message quotes its description.",
)
WRONG_TYPE = ErrorKind(
    "wrong-type",
    "Wrong type",
    'The value has another type than the setting. Values are not converted: `replicas: "3"` is a string, and a number '
    "without quotes is never a string.",
    "Write a value of the type in the message. In YAML, put strings that look like numbers in quotes.",
)
OUT_OF_RANGE = ErrorKind(
    "out-of-range",
    "Value out of range",
    "The value is too small, too large or too long, or the list has too few or too many entries.",
    "Use a value within the bounds in the message.",
)
INVALID_FORMAT = ErrorKind(
    "invalid-format",
    "Invalid format",
    "The value has the right type, but Kubernetes, the cloud or Linux would reject its form.",
    "Write the value in the form that the message describes.",
)
INVALID_CHOICE = ErrorKind(
    "invalid-choice",
    "Invalid choice",
    "The setting accepts a fixed set of values, and this is not one of them. Values are case-sensitive.",
    "Use one of the valid values in the message.",
)
DUPLICATE_ENTRY = ErrorKind(
    "duplicate-entry",
    "Duplicate entry",
    "The same entry occurs more than once in a list whose entries must be unique. Kubernetes would merge or reject "
    "them.",
    "Keep one of the entries, or give the other one a different name.",
)
TOO_DEEP = ErrorKind(
    "nested-too-deep",
    "Value nested too deep",
    "The value has more levels than any setting.",
    "Check the indentation of the stack file, and remove the surplus levels.",
)
ENCRYPTED_SETTING = ErrorKind(
    "encrypted-setting",
    "Encrypted setting",
    "The value was set with `pulumi config set --secret`. Settings are plain: a preview prints the availability "
    "promise that is computed from them.",
    "Set the value without `--secret`. For secret environment variables, use `backend.generatedSecrets`, or reference "
    "a Secret that you manage elsewhere in `backend.podTemplate`.",
)
PROVIDER_CONFIGURATION = ErrorKind(
    "default-provider-configuration",
    "Configuration of the default Kubernetes provider",
    "Every resource uses an explicit provider for the cluster that the settings name. Configuration of the default "
    "provider would have no effect, and could make you believe that you deploy to another cluster.",
    "Remove the `kubernetes:` key, and name the cluster in `cluster`.",
)
NO_EFFECT = ErrorKind(
    "setting-without-effect",
    "Setting without effect",
    "Another setting makes this one have no effect, so the stack file describes something that does not exist.",
    "Omit the setting, or change the other setting that the message names.",
)
BALANCER_WITHOUT_PLACEMENTS = ErrorKind(
    "balancer-without-placements",
    "Balancer without placements",
    "`balancer` describes what distributes requests over several clusters, and the stack has one cluster.",
    "Omit `balancer`, or list the clusters in `placements`.",
)
PLAIN_SECRET = ErrorKind(
    "plain-secret",
    "Secret in plain text",
    "The values of the Secret would be in the stack file, in the state and in rendered manifests, where many can read "
    "them.",
    "Refer to a Secret that exists, use an ExternalSecret, or let `generatedSecrets` make the values.",
)
