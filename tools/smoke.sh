#!/usr/bin/env bash
# Runs the two commands of the README in a fresh clone: `make up` twice, then `make destroy`. First without pulumi (the trial),
# then with it if it is installed. Nothing may be left behind: no process, no folder.
set -euo pipefail
command -v pgrep >/dev/null || { echo "FAILED: pgrep (procps) is needed to find processes that are left"; exit 1; }
project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'cd "$work/clone" 2>/dev/null && make destroy >/dev/null 2>&1; rm -rf "$work"' EXIT
cache=${HA_BACKEND_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ha-backend}
unset PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE PULUMI_CONFIG_PASSPHRASE_FILE PULUMI_ACCESS_TOKEN

git clone --quiet "$project" "$work/clone"
ln -s "$project/venv" "$work/clone/venv"
touch "$work/clone/venv/.installed"

# A PATH with every program but pulumi.
mkdir "$work/bin"
IFS=:
for folder in $PATH; do
  for file in "$folder"/*; do
    name=${file##*/}
    # The first on PATH wins, as in a shell; an empty folder leaves the pattern itself.
    case $name in pulumi*) ;; *) [ -e "$file" ] && [ ! -L "$work/bin/$name" ] && ln -s "$file" "$work/bin/$name" ;; esac
  done
done
unset IFS
if PATH="$work/bin" command -v pulumi; then echo "FAILED: pulumi is still on the trial's PATH"; exit 1; fi

check() {
  local kubectl; kubectl=$(echo "$cache"/*/kubectl)
  "${kubectl%% *}" --kubeconfig "$work/clone/.ha-backend/clusters/dev/kubeconfig" get deploy,svc,hpa,pdb -n backend-service
}
gone() {
  if pgrep -f "$work/clone/.ha-backend" >/dev/null; then echo "FAILED: processes are left"; exit 1; fi
  if [ -e "$work/clone/.ha-backend" ]; then echo "FAILED: .ha-backend is left: $(ls -A "$work/clone/.ha-backend")"; exit 1; fi
  if [ -n "$(git -C "$work/clone" status --porcelain --untracked-files=no)" ]; then echo "FAILED: tracked files changed"; exit 1; fi
}

cd "$work/clone"
export HOME="$work" HA_BACKEND_CACHE=$cache
echo "-- trial"
PATH="$work/bin" make up
check
PATH="$work/bin" make up 2>&1 | tee "$work/second" | grep "nothing to change" || { cat "$work/second"; exit 1; }
PATH="$work/bin" make destroy
gone

if command -v pulumi >/dev/null; then
  echo "-- engine"
  make up
  check
  (eval "$(make -s env)"; pulumi preview --expect-no-changes --stack dev --non-interactive)
  git checkout --quiet Pulumi.dev.yaml  # plain pulumi writes its encryption salt there
  make destroy
  gone
else
  echo "SKIPPED: the engine's make up, there is no pulumi on PATH"
fi
echo "smoke: ok"
