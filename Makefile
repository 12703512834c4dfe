# Saves typing: each target is one command of the rooms it names. `pulumi` itself works in this folder as well.
STACK ?= dev
SUITE ?=
VERSIONS ?=
export VERSIONS
CLUSTER ?= kwok
PYTHON ?= python3
VENV := venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help up deploy drift preview review policy destroy adopt env render cluster cluster-down drill mutations changes test lint bench package docs recording

help:
	@echo "make up | deploy | drift | preview | review | policy | destroy | adopt | env [STACK=dev]   make render STACK=prod   make cluster [CLUSTER=kwok|nodes] | cluster-down"
	@echo "make drill [DRILL=rollout,drain] [BASELINES=plain|none] [REPORT=DIR] [CLUSTER=kwok] [ARGS=--subset]"
	@echo "make drill KUBECONFIG=FILE CONTEXT=NAME NAMESPACE=NAME [NAME=backend-service]   make mutations [MUTATION=preStop]"
	@echo "make changes [CHANGE=image,port] [ARGS=--list]"
	@echo "make test [SUITE=unit,cluster,nodes,engine] [VERSIONS=all]   make lint   make package   (README.md says what each does)"
	@echo "make bench [BENCH=cluster,one,many,program] [SIZES=1,10] [REPORT=DIR] [ARGS=--list]"

# Kept whole or not at all: the stamp is written only after the installation has succeeded.
venv/.installed: requirements.txt requirements-dev.txt constraints.txt
	@echo "python: installing the pinned packages into venv/ (about half a minute, once)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=...")'
	@$(PYTHON) -m venv venv
	@venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

up deploy drift preview review destroy adopt: venv/.installed
	@$(VENV) -m ops.cli $@ $(STACK) $(ARGS)

env: venv/.installed
	@$(VENV) -m ops.cli env $(STACK)

# A virtualenv of its own: the policy SDK pins another protobuf than pulumi. PulumiPolicy.yaml names the folder.
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
	@case "$(CLUSTER)" in kwok|nodes) ;; *) echo "CLUSTER=$(CLUSTER) is not known; right would be: kwok, nodes" >&2; exit 1;; esac
	@$(VENV) -m components.devcluster up --nodes $(CLUSTER)

cluster-down: venv/.installed
	@$(VENV) -m components.devcluster down

drill: venv/.installed
	@$(VENV) -m lab.testbed --drill "$(DRILL)" --baselines "$(BASELINES)" $(if $(REPORT),--report "$(REPORT)") \
	  $(if $(filter command,$(firstword $(origin KUBECONFIG))),--kubeconfig "$(KUBECONFIG)" --context "$(CONTEXT)" \
	  --namespace "$(NAMESPACE)" $(if $(NAME),--name "$(NAME)"),--cluster $(if $(filter command,$(firstword $(origin CLUSTER))),$(CLUSTER),nodes)) $(ARGS)

# Takes one safeguard at a time out of a copy of the component: a drill must notice. About three minutes each; needs root.
mutations: venv/.installed
	@$(VENV) -m lab.mutations "$(MUTATION)"

# Makes changes on the real engine: what review said of each and what the cluster then did must agree. Many minutes.
changes: venv/.installed
	@$(VENV) -m lab.changes "$(CHANGE)" $(ARGS)

test: venv/.installed
	@$(VENV) -m tools.test "$(SUITE)"

# A virtualenv of its own: checkov pins packages that clash with pulumi's.
venv-checkov/.installed: tools/graders/requirements.txt tools/graders/constraints.txt | venv/.installed
	@echo "checkov: installing the pinned packages into venv-checkov/ (about half a minute, once)" >&2
	@$(PYTHON) -m venv venv-checkov
	@venv-checkov/bin/pip install --quiet --disable-pip-version-check -r tools/graders/requirements.txt
	@touch $@

# For users of Python: all rooms in one package. The build tool comes by itself, into an environment of its own.
package: venv/.installed
	@rm -rf dist && venv/bin/pip wheel --no-deps --quiet --disable-pip-version-check --wheel-dir dist . && ls dist/*.whl

lint: venv/.installed venv-checkov/.installed
	@$(VENV) -m tools.lint

# Half an hour and more with all parts and sizes; a machine that does nothing else gives figures that can be compared.
bench: venv/.installed
	@$(VENV) -m lab.bench --parts "$(BENCH)" --sizes "$(SIZES)" $(if $(REPORT),--report "$(REPORT)") $(ARGS)

# Serves the documentation with live reload. `make lint` builds it strictly.
docs: venv/.installed
	@NO_MKDOCS_2_WARNING=1 $(VENV) -m mkdocs serve

# Records `make up` in a clean copy as the picture in the README. About a minute and a half.
recording: venv/.installed
	@$(VENV) -m tools.docs.recording
