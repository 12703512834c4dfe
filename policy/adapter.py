"""Turn the rules into policies. Only this module depends on Pulumi's policy SDK."""

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

_EMPTY = Stack([])


class Pack:
    """All policies. It keeps the inputs of each resource, because a stack policy sees only the outputs.

    In a preview the outputs are empty if the provider's cluster does not exist yet. After an update they contain the
    API server's defaults and the autoscaler's replica count.
    """

    def __init__(self) -> None:
        self._inputs: dict[str, Resource] = {}

    def policies(self) -> list[Policy]:
        """Return one policy for each rule, at the rule's level unless a stack's configuration sets another."""
        return [self._across(rule) if rule.across else self._single(rule) for rule in RULES]

    def _single(self, rule: Rule) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            resource = self._inputs[args.urn] = _resource(args)
            for message in rule.judge(resource, plain(args.get_config() or {}), _EMPTY):
                report(message, None)

        def remediate(args: ResourceValidationArgs) -> Any:
            props: Any = args.props
            for patch in rule.remedies(_resource(args), plain(args.get_config() or {})):
                props = changed(props, patch.path, patch.value)
            return None if props is args.props else props

        return ResourceValidationPolicy(
            rule.name,
            rule.description,
            validate,
            EnforcementLevel(rule.level.value),
            PolicyConfigSchema(configured.schema(rule)),
            remediate if rule.remedy else None,
        )

    def _across(self, rule: Rule) -> StackValidationPolicy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:
            stack = Stack([self._inputs.get(one.urn) or self._other(one) for one in args.resources])
            for resource in stack.resources:
                for message in rule.judge(resource, plain(args.get_config() or {}), stack):
                    report(message, resource.urn)

        return StackValidationPolicy(
            rule.name,
            rule.description,
            validate,
            EnforcementLevel(rule.level.value),
            PolicyConfigSchema(configured.schema(rule)),
        )

    def _other(self, one: PolicyResource) -> Resource:
        """Return a resource that was not judged on its own: it is only read, or the update targets others."""
        return _resource(one, managed=not self._inputs)


def _resource(args: ResourceValidationArgs | PolicyResource, *, managed: bool = True) -> Resource:
    props = plain(args.props)
    provider = plain(args.provider.props) if args.provider else None
    ignored = tuple(args.opts.ignore_changes)
    return Resource(
        args.resource_type,
        args.name,
        args.urn,
        props or UNKNOWN,  # nothing is known of a resource without properties
        ignored,
        provider,
        managed,
        args.provider.urn if args.provider else "",
    )
