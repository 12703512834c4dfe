"""Makes policies of the rules: the only part that knows Pulumi's policy SDK."""

from __future__ import annotations

from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy import configured
from policy.known import UNKNOWN
from policy.plain import changed, plain
from policy.resource import Resource
from policy.rule import Rule
from policy.rules import RULES
from policy.stack import Stack

_NOTHING = Stack([])


class Pack:
    """All policies. What each resource was given is kept, because a policy of the stack is shown only what became of it.

    In a preview that is nothing at all where the provider's own cluster is not there yet, and afterwards it is what the cluster
    made of it, with its defaults and the autoscaler's number.
    """

    def __init__(self) -> None:
        self._given: dict[str, Resource] = {}

    def policies(self) -> list[Policy]:
        """One for each rule, at its own level until a stack's configuration says another."""
        return [self._across(rule) if rule.across else self._single(rule) for rule in RULES]

    def _single(self, rule: Rule) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            resource = self._given[args.urn] = _resource(args)
            for message in rule.judge(resource, plain(args.get_config() or {}), _NOTHING):
                report(message, None)

        def remediate(args: ResourceValidationArgs) -> Any:
            props: Any = args.props
            for patch in rule.remedies(_resource(args), plain(args.get_config() or {})):
                props = changed(props, patch.path, patch.value)
            return None if props is args.props else props

        return ResourceValidationPolicy(
            rule.name,
            rule.what,
            validate,
            EnforcementLevel(rule.level.value),
            PolicyConfigSchema(configured.schema(rule)),
            remediate if rule.remedy else None,
        )

    def _across(self, rule: Rule) -> StackValidationPolicy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            stack = Stack([self._given.get(one.urn) or self._other(one) for one in args.resources])
            for resource in stack.resources:
                for message in rule.judge(resource, plain(args.get_config() or {}), stack):
                    report(message, resource.urn)

        return StackValidationPolicy(
            rule.name,
            rule.what,
            validate,
            EnforcementLevel(rule.level.value),
            PolicyConfigSchema(configured.schema(rule)),
        )

    def _other(self, one: PolicyResource) -> Resource:
        """One that was not judged by itself: it is only read, or an update of others left it out. Empty is not known."""
        return _resource(one, managed=not self._given)


def _resource(seen: ResourceValidationArgs | PolicyResource, *, managed: bool = True) -> Resource:
    props = plain(seen.props)
    provider = plain(seen.provider.props) if seen.provider else None
    ignored = tuple(seen.opts.ignore_changes)
    return Resource(
        seen.resource_type,
        seen.name,
        seen.urn,
        props or UNKNOWN,
        ignored,
        provider,
        managed,
        seen.provider.urn if seen.provider else "",
    )
