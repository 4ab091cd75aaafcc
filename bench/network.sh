#!/usr/bin/env bash
# A backup to and a restore from a bucket over a slow network, with more and more streams: seconds of the whole process, and what the
# network carried while blocks were copied: MB/s, how many times as much as with the first number of streams, and the share of all that
# it can carry. That is the median of the seconds that carried a third of the busiest one's, or more: it depends little on what else the
# processors do.
#   MIB (512) of the image, STREAMS ("1 2 4 8"), LATENCY (50ms), EACH (4) MB/s of a connection, TOTAL (24) of all,
#   WORK (/dev/shm/varve-network). Needs jq and two of the tests' programs in Go: src/test/sh/go-programs.sh versitygw slownetwork
set -euo pipefail
cd "$(dirname "$0")/.."
MIB=${MIB:-512} STREAMS=${STREAMS:-1 2 4 8} LATENCY=${LATENCY:-50ms} EACH=${EACH:-4} TOTAL=${TOTAL:-24}
WORK=${WORK:-/dev/shm/varve-network}
rm -rf "$WORK"
mkdir -p "$WORK"
. src/test/sh/bucket.sh
start_bucket "$WORK/bucket"
trap 'kill $bucket_pid || true; rm -rf "$WORK"' EXIT
network=$(bash src/test/sh/go-programs.sh slownetwork | tail -1)
port=$((30000 + RANDOM % 10000))
"$network" --listen "$port" --target "$bucket_port" --latency "$LATENCY" --each "$EACH" --total "$TOTAL" >"$WORK/seconds" &
trap 'kill $bucket_pid $! || true; rm -rf "$WORK"' EXIT
export VARVE_HOME=$WORK/home VARVE_PASSWORD=bench
head -c "${MIB}M" /dev/urandom >"$WORK/image"
./varve --version >"$WORK/log"

measured() { # COLUMN WORDS…: of the network's seconds, 1 is what was sent, 2 what came; sets seconds and speed
  local column=$1 before begun
  shift
  before=$(wc -l <"$WORK/seconds")
  begun=$(date +%s.%N)
  "$@" >>"$WORK/log" 2>&1 || { tail -5 "$WORK/log" >&2; exit 1; }
  seconds=$(echo "$(date +%s.%N) $begun" | awk '{printf "%.1f", $1 - $2}')
  sleep 1.1 # its last second
  speed=$(tail -n +$((before + 1)) "$WORK/seconds" | awk -v column="$column" '{print $column}' | sort -n |
    awk '{all[NR] = $1} END {for (i = NR; i > 0 && 3 * all[i] >= all[NR]; i--) {} print all[int((i + 1 + NR) / 2)] / 1e6}')
}
printed() { # SPEED OF_THE_FIRST
  awk -v speed="$1" -v first="$2" -v total="$TOTAL" -v seconds="$seconds" \
    'BEGIN {printf " | %.1f s, %.1f MB/s, %.1f times, %d %%", seconds, speed, speed / first, 100 * speed / total}'
}

echo "$MIB MiB, $LATENCY, $EACH MB/s each, $TOTAL MB/s in all; load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "streams | backup | restore"
first_backup='' first_restore=''
for streams in $STREAMS; do
  export VARVE_REPOSITORY="s3://bench/$streams?endpoint=http://127.0.0.1:$port" VARVE_STREAMS=$streams
  rm -rf "$VARVE_HOME" "$WORK/restored"
  ./varve repository create --compression none >>"$WORK/log" 2>&1
  printf '%s' "$streams"
  measured 1 ./varve backup run --device "$WORK/image" --volume bench
  printed "$speed" "${first_backup:=$speed}"
  id=$(./varve backup list --json 2>>"$WORK/log" | jq -r '.[0].backupId')
  measured 2 ./varve restore run "$id" --to-device "$WORK/restored"
  printed "$speed" "${first_restore:=$speed}"
  cmp "$WORK/image" "$WORK/restored"
  rm -rf "$WORK/bucket/objects/bench/$streams"
  printf '\n'
done
echo "load after: $(cut -d ' ' -f 1-3 /proc/loadavg)"
