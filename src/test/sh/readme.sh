#!/usr/bin/env bash
# Runs every command of README.md in its order, from the checkout's root. mvn verify, which .ci/run ran just before, is left out.
set -euo pipefail
cd "$(dirname "$0")/../../.."
script=$(mktemp)
trap 'rm -f "$script"' EXIT
awk '/^```sh$/ {code = 1; next} /^```$/ {code = 0} code' README.md | grep -vx 'mvn verify' >"$script"
[ "$(wc -l <"$script")" -gt 10 ] || { echo "readme.sh: README.md has no commands" >&2; exit 1; }
rm -rf /tmp/varve-tour
bash -euxo pipefail "$script"
