"""Errors of the review and of its comment on a pull request."""

from __future__ import annotations

from components.errors import ErrorKind

NOT_A_PREVIEW = ErrorKind(
    "not-a-preview",
    "Input is not a preview",
    "The review reads the JSON that Pulumi prints for a preview. The input is something else, is cut off, or names no "
    "resource, so its effect on availability cannot be computed.",
    "Pass the output of `pulumi preview --json`, or the file that `make review ARGS='--save FILE'` writes.",
)
PREVIEW_OF_OTHER_STACK = ErrorKind(
    "preview-of-other-stack",
    "Preview of another stack",
    "The preview describes another project or another stack. A review of it would vouch for the wrong change.",
    "Pass a preview of the named stack.",
)
PREVIEW_FILE_REJECTED = ErrorKind(
    "preview-file-rejected",
    "Preview file rejected",
    "The file comes from a job that runs the proposed change, so it is untrusted data. Symbolic links and files over "
    "the size limit are rejected.",
    "Pass a regular file below the limit that the message names.",
)
PREVIEW_INCOMPLETE = ErrorKind(
    "preview-incomplete",
    "Preview is incomplete",
    "The engine reported errors, so resources are missing from the preview. They may change in any way.",
    "Fix the errors that are listed with it, then create the preview again.",
)
REVIEW_FILE_UNREADABLE = ErrorKind(
    "review-file-unreadable",
    "File cannot be read",
    "The file does not exist, is not readable, or is not text.",
    "Pass a readable file that `pulumi preview --json` wrote.",
)
REVIEW_FILE_NOT_WRITABLE = ErrorKind(
    "review-file-not-writable",
    "File cannot be written",
    "The preview cannot be saved to the file of `--save`.",
    "Pass a file in a folder that exists and that you can write to.",
)
REVIEW_SHOWS_NO_SECRETS = ErrorKind(
    "review-shows-no-secrets",
    "A review never shows secrets",
    "A review may be published as a comment, so it always masks secrets.",
    "Omit `--show-secrets`.",
)
NOT_IN_CI = ErrorKind(
    "not-in-ci",
    "No pull request to comment on",
    "The command found neither the variables of GitHub Actions nor those of GitLab CI.",
    "Run it in a job for a pull request, or set `GITHUB_TOKEN`, `GITHUB_REPOSITORY` and `--number`. To read the review "
    "locally, run `make review`.",
)
CI_VARIABLE_INVALID = ErrorKind(
    "ci-variable-invalid",
    "CI variable missing or invalid",
    "A variable that names the pull request, the API or the token is unset or malformed. The token is sent only to an "
    "encrypted address.",
    "Set each variable that the message names to a value of the form that it describes.",
)
CODE_HOST_REJECTED = ErrorKind(
    "code-host-rejected",
    "Request rejected by GitHub or GitLab",
    "The platform refused to read or write comments. Usually the token lacks a permission, or the pull request does "
    "not exist.",
    "Use a token with the permission that the message names.",
)
CODE_HOST_UNAVAILABLE = ErrorKind(
    "code-host-unavailable",
    "GitHub or GitLab unavailable",
    "The platform did not respond, failed, or limited the rate of requests, and retries did not help.",
    "Run the job again later.",
)
CODE_HOST_RESPONSE_INVALID = ErrorKind(
    "code-host-response-invalid",
    "Unexpected response from GitHub or GitLab",
    "The response is not what the platform's API documents. The address may be that of a web page or of a proxy.",
    "Set the API address that the message names, such as `https://api.github.com` or `https://gitlab.example/api/v4`.",
)
