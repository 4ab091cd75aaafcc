#!/usr/bin/env bash
# What a bucket's bill counts: requests of each command by kind, and those of a cold open, with the cache empty, full and off.
#   MIB (2048) of random bytes, STREAMS (2), WORK (/dev/shm/varve-requests). Needs jq and the tests' S3 server, whose log of requests
#   is counted: src/test/sh/go-programs.sh versitygw
set -euo pipefail
cd "$(dirname "$0")/.."
MIB=${MIB:-2048} STREAMS=${STREAMS:-2} WORK=${WORK:-/dev/shm/varve-requests}
rm -rf "$WORK"
mkdir -p "$WORK"
. src/test/sh/bucket.sh
start_bucket "$WORK/bucket"
trap 'kill $bucket_pid || true; rm -rf "$WORK"' EXIT
export VARVE_HOME=$WORK/home VARVE_PASSWORD=bench VARVE_STREAMS=$STREAMS
export VARVE_REPOSITORY="s3://bench/varve?endpoint=http://127.0.0.1:$bucket_port"
./varve --version >"$WORK/log"

counted() { # NAME WORDS…: an operation stands in the log as s3_PutObject
  local name=$1 before
  shift
  before=$(wc -l <"$bucket_requests")
  "$@" >"$WORK/out" 2>>"$WORK/log" || { tail -5 "$WORK/log" >&2; exit 1; }
  sleep 0.5 # the log is written behind
  tail -n +$((before + 1)) "$bucket_requests" | grep -oE ' s3_[A-Za-z0-9]+ ' | sort | uniq -c |
    awk -v name="$name" '{sub("s3_", "", $2); all = all " " $1 " " $2} END {print name " |" all}'
}

head -c "${MIB}M" /dev/urandom >"$WORK/image"
echo "command | requests"
counted "repository create" ./varve repository create --compression none
counted "backup run, $MIB MiB" ./varve backup run --device "$WORK/image" --volume bench
counted "backup run, nothing changed" ./varve backup run --device "$WORK/image" --volume bench
id=$(./varve backup list --json 2>>"$WORK/log" | jq -r '.[0].backupId')
rm -rf "$VARVE_HOME/cache"
counted "backup list, cache empty" ./varve backup list
counted "backup list, cache full" ./varve backup list
VARVE_CACHE_SIZE=0 counted "backup list, no cache" ./varve backup list
counted "restore run, $MIB MiB" ./varve restore run "$id" --to-device "$WORK/restored"
cmp "$WORK/image" "$WORK/restored"
counted "verify run --read-data 100" ./varve verify run --read-data 100
counted "backup delete" ./varve backup delete "$id"
du -sk "$VARVE_HOME/cache" | awk '{print "cache | " $1 " KiB"}'
