#!/usr/bin/env bash
# Installs the Azure server of the tests, azurite, from src/test/npm/azurite, and prints the path of its program, for node.
# It lies outside the checkout, in ${VARVE_TEST_CACHE:-~/.cache/varve-test}/KEY, where KEY is the SHA-256 of what it is locked to and
# the version of node: what is there is not installed again. azurite.sh [--cached]: with --cached installs nothing.
# Ends with 3 where node or the packages can't be had, with 4 where --cached finds it not yet installed.
set -euo pipefail
locked=$(cd "$(dirname "$0")/../npm/azurite" && pwd)
cache=${VARVE_TEST_CACHE:-$HOME/.cache/varve-test}
program=node_modules/azurite/dist/src/blob/main.js
say() { echo "azurite.sh: $*" >&2; }

for tool in node npm; do
  command -v "$tool" >/dev/null || { say "there is no '$tool' on the PATH: install Node.js 20 or later"; exit 3; }
done
folder=$cache/$({ cat "$locked/package.json" "$locked/package-lock.json"; node --version; } | sha256sum | cut -d ' ' -f 1)
if [ ! -f "$folder/done" ]; then
  [ "${1:-}" != --cached ] || { say "azurite is not installed yet: run src/test/sh/azurite.sh"; exit 4; }
  mkdir -p "$folder"
  # A second one waits, and finds it then.
  exec {lock}>"$folder/lock"
  flock "$lock"
  if [ ! -f "$folder/done" ]; then
    say "installing azurite into $folder"
    cp "$locked/package.json" "$locked/package-lock.json" "$folder"
    # No package's own program runs; exactly what is locked comes.
    npm ci --prefix "$folder" --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error >&2 \
      || { say "azurite's packages can't be fetched from $(npm config get registry)"; exit 3; }
    [ -f "$folder/$program" ] || { say "there is no $program in azurite"; exit 3; }
    touch "$folder/done"
  fi
  exec {lock}>&-
fi
echo "$folder/$program"
