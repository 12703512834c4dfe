# Each target is one command, for convenience. `pulumi` itself works in this folder too.
STACK ?= dev
SUITE ?=
VERSIONS ?=
export VERSIONS
CLUSTER ?= kwok
PYTHON ?= python3
VENV := venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help up deploy drift preview review policy destroy adopt convert env render cluster cluster-down drill mutations changes test lint bench package docs recording

define HELP
Usage: make COMMAND [STACK=dev] [ARGS="..."]. ARGS is passed on to the command.

Deploy         up            Create or update the stack, and verify it
               destroy       Delete the stack with everything in it
               adopt         Import a backend that already runs into the stack
               convert       Write stack files from manifests [FILE=web.yaml]
               env           Print the variables that pulumi needs for the stack
               render        Print the manifests, without a cluster
Change safely  preview       Show what an update would change
               review        Report how a change affects availability
               policy        Check the stack with the policy pack
               deploy        Review, update, and roll back a failed release
               drift         Report manual changes on the cluster
Develop        test          Run tests [SUITE=unit,cluster,nodes,engine,corpus]
               lint          Check code, types, layers and documentation
               docs          Serve the documentation
               package       Build the Python package into dist/
               cluster       Start a local cluster [CLUSTER=kwok|nodes]
               cluster-down  Delete the local cluster
               recording     Record `make up` for the README
Laboratory     drill         Break backends and measure [DRILL=drain,rollout]
               mutations     Check that drills notice a lost safeguard
               changes       Compare reviews with real updates [CHANGE=image]
               bench         Measure the program [BENCH=one,many] [SIZES=1,10]
endef
export HELP

help:
	@echo "$$HELP"

# The stamp is written only after the installation has succeeded, so a partial virtualenv is never used.
venv/.installed: requirements.txt requirements-dev.txt constraints.txt
	@echo "python: installing the pinned packages into venv/ (about half a minute, once)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=...")'
	@$(PYTHON) -m venv venv
	@venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

up deploy drift preview review destroy adopt: venv/.installed
	@$(VENV) -m ops.cli $@ $(STACK) $(ARGS)

convert: venv/.installed
	@$(VENV) -m ops.convert $(or $(FILE),-) $(ARGS)

env: venv/.installed
	@$(VENV) -m ops.cli env $(STACK)

# Its own virtualenv: the policy SDK pins another protobuf than pulumi. PulumiPolicy.yaml names the folder.
policy/venv/.installed: policy/requirements.txt policy/constraints.txt
	@echo "policy: installing the pinned packages into policy/venv/ (about half a minute, once)" >&2
	@$(PYTHON) -m venv policy/venv
	@policy/venv/bin/pip install --quiet --disable-pip-version-check -r policy/requirements.txt
	@touch $@

POLICY_CONFIG := $(wildcard policy/config/$(STACK).json)

policy: venv/.installed policy/venv/.installed
	@$(VENV) -m policy.configured $(POLICY_CONFIG)
	@$(VENV) -m ops.cli preview $(STACK) --policy-pack policy $(if $(POLICY_CONFIG),--policy-pack-config $(POLICY_CONFIG)) $(ARGS)

render: venv/.installed
	@$(VENV) -m ops.render $(STACK) $(ARGS)

cluster: venv/.installed
	@case "$(CLUSTER)" in kwok|nodes) ;; *) echo "CLUSTER: unknown cluster $(CLUSTER); valid values: kwok, nodes" >&2; exit 1;; esac
	@$(VENV) -m components.devcluster up --nodes $(CLUSTER)

cluster-down: venv/.installed
	@$(VENV) -m components.devcluster down

drill: venv/.installed
	@$(VENV) -m lab.testbed --drill "$(DRILL)" --baselines "$(BASELINES)" $(if $(REPORT),--report "$(REPORT)") \
	  $(if $(filter command,$(firstword $(origin KUBECONFIG))),--kubeconfig "$(KUBECONFIG)" --context "$(CONTEXT)" \
	  --namespace "$(NAMESPACE)" $(if $(NAME),--name "$(NAME)"),--cluster $(if $(filter command,$(firstword $(origin CLUSTER))),$(CLUSTER),nodes)) $(ARGS)

# Removes one safeguard at a time from a copy of the component: a drill must notice. About three minutes each; needs root.
mutations: venv/.installed
	@$(VENV) -m lab.mutations "$(MUTATION)"

# Makes changes with the real engine: the review of each must agree with what the cluster did. Takes many minutes.
changes: venv/.installed
	@$(VENV) -m lab.changes "$(CHANGE)" $(ARGS)

test: venv/.installed
	@$(VENV) -m tools.test "$(SUITE)"

# Its own virtualenv: checkov pins packages that conflict with pulumi's.
venv-checkov/.installed: tools/graders/requirements.txt tools/graders/constraints.txt | venv/.installed
	@echo "checkov: installing the pinned packages into venv-checkov/ (about half a minute, once)" >&2
	@$(PYTHON) -m venv venv-checkov
	@venv-checkov/bin/pip install --quiet --disable-pip-version-check -r tools/graders/requirements.txt
	@touch $@

# The library for users of Python. pip installs the build tool into a temporary environment.
package: venv/.installed
	@rm -rf dist && venv/bin/pip wheel --no-deps --quiet --disable-pip-version-check --wheel-dir dist . && ls dist/*.whl

lint: venv/.installed venv-checkov/.installed
	@$(VENV) -m tools.lint

# Half an hour or more with all parts and sizes. Only figures from an idle machine are comparable.
bench: venv/.installed
	@$(VENV) -m lab.bench --parts "$(BENCH)" --sizes "$(SIZES)" $(if $(REPORT),--report "$(REPORT)") $(ARGS)

# Serves the documentation with live reload. `make lint` builds it strictly.
docs: venv/.installed
	@NO_MKDOCS_2_WARNING=1 $(VENV) -m mkdocs serve

# Records `make up` in a clean copy as the picture in the README. About a minute and a half.
recording: venv/.installed
	@$(VENV) -m tools.docs.recording
