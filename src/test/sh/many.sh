#!/usr/bin/env bash
# Fifty processes create one repository at once, and fifty homes back up to it and restore from it, four at a time.
# many.sh FOLDER: leaves the repository in FOLDER/many for an independent checker.
set -euo pipefail
cd "$(dirname "$0")/../../.."
keep=${1:?folder to leave the repository in}/many
COUNT=50
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh
mkdir -p "$keep"
printf '%s' "$VARVE_PASSWORD" >"$keep/PASSWORD"
export VARVE_REPOSITORY=$keep/repo work

one() { # NUMBER: an image of its own, backed up and restored by a home of its own
  local home=$work/$1
  mkdir "$home"
  head -c $((2097152 + $1 * 4096 + 1)) /dev/urandom >"$home/image"
  export VARVE_HOME=$home/varve
  ./varve backup run --device "$home/image" --volume "v$1" --json >"$home/backup" 2>"$home/err" \
    && ./varve restore run "$(jq -r .backupId "$home/backup")" --to-device "$home/new" --json >"$home/restore" 2>"$home/err" \
    && cmp "$home/image" "$home/new" >"$home/err" 2>&1 \
    && rm "$home/image" "$home/new" && return
  echo "many.sh: run $1 failed: $(cat "$home/backup" "$home/restore" "$home/err" 2>&1)" >&2
  return 1
}
create() { # NUMBER
  local code=0
  VARVE_HOME=$work/create-$1 ./varve repository create --if-missing --json >"$work/create-$1.out" 2>"$work/create-$1.err" || code=$?
  echo "$code" >"$work/create-$1.code"
}
export -f one create

./varve --version >/dev/null # built before fifty ask for it
# A process takes some 130 MiB: as many at once as memory allows.
at_once=$(awk '/MemAvailable/ {n = int($2 / 1024 / 200); print (n > 50 ? 50 : n < 2 ? 2 : n)}' /proc/meminfo)
seq "$COUNT" | xargs -P "$at_once" -I{} bash -c 'create {}'
command="$COUNT times ./varve repository create --if-missing, $at_once at once"
cat "$work"/create-*.out >"$work/out"
cat "$work"/create-*.err >"$work/err"
[ "$(sort -u "$work"/create-*.code)" = 0 ] || fail "ended with $(sort "$work"/create-*.code | uniq -c | tr '\n' ' ')"
[ ! -s "$work/err" ] || fail "something was said"
jq -se "length == $COUNT and ([.[] | select(.created)] | length) == 1 and (map(.uniqueId) | unique | length) == 1" "$work/out" >/dev/null \
  || fail "not created exactly once"
[ "$(find "$VARVE_REPOSITORY" -name 'kopia.repository*' | wc -l)" = 1 ] || fail "not one kopia.repository"
ok "$COUNT processes at once, $at_once at a time: the repository was created once"

seq "$COUNT" | xargs -P 4 -I{} bash -c 'one {}' || exit 1
ok "$COUNT backups and restores, 4 at a time: each restored byte by byte"
export VARVE_HOME=$work/home
varve 0 backup list --json
document "length == $COUNT and (map(.volume) | unique | length) == $COUNT"
varve 0 verify run --read-data 100 --json
document ".status == \"CLEAN\" and .backups == $COUNT"
ok "all $COUNT are listed and verified"
echo "many.sh: all good"
