#!/usr/bin/env bash
# How long a whole process takes, from exec to its end, and its CPU seconds: as ./varve starts it, and without what it does to
# start faster. ROUNDS (default 5) of each, by turns; prints medians. The backup is of 64 MiB, on a new embedded database; the list
# of jobs is of the database that it leaves.
set -euo pipefail
cd "$(dirname "$0")/../../.."
# shellcheck source=src/test/sh/checks.sh
. src/test/sh/checks.sh
unset VARVE_JAVA_OPTS
ROUNDS=${ROUNDS:-5}
./varve --version >/dev/null
app=$PWD/target/$(<target/.varve-built)
java=$(ls -d /usr/lib/jvm/*25*/bin/java | head -1)
common=(-XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED)
head -c 67108864 /dev/urandom >"$work/image"
export VARVE_REPOSITORY=$work/repo
./varve repository create >/dev/null

one() { # NAME COMMAND…: one line of wall and CPU seconds
  local name=$1
  shift
  export VARVE_HOME=$work/home
  [[ $name != *:backup ]] || rm -rf "$work/home"
  TIMEFORMAT="$name %R %U %S"
  { time "$@" >"$work/out" 2>"$work/err"; } 2>&1 || fail "$name failed"
}
backup=(backup run --device "$work/image" --volume image --type full)
for ((round = 0; round < ROUNDS; round++)); do
  one "jar:backup" "$java" "${common[@]}" -jar target/varve.jar "${backup[@]}"
  one "extracted:backup" "$java" "${common[@]}" -jar "$app/varve.jar" "${backup[@]}"
  one "cache:backup" "$java" "${common[@]}" -XX:AOTCache="$app/plain.aot" -Xlog:aot=off -Xlog:cds=off -jar "$app/varve.jar" "${backup[@]}"
  one "./varve:backup" ./varve "${backup[@]}"
  one "extracted:job-list" "$java" "${common[@]}" -jar "$app/varve.jar" job list
  one "./varve:job-list" ./varve job list
  one "./varve:--version" ./varve --version
done | sort >"$work/times"
printf '%-20s %8s %8s\n' process wall CPU
for name in jar:backup extracted:backup cache:backup ./varve:backup extracted:job-list ./varve:job-list ./varve:--version; do
  awk -v n="$name" '$1 == n {print $2, $3 + $4}' "$work/times" | sort -n | awk -v n="$name" '{w[NR] = $1; c[NR] = $2} END {m = int((NR + 1) / 2); printf "%-20s %8.2f %8.2f\n", n, w[m], c[m]}'
done
