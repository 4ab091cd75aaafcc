#!/usr/bin/env bash
# A backup to and a restore from a bucket over a slow network, with more and more streams: seconds and MB/s of whole processes.
#   MIB (512) of the image, STREAMS ("1 2 4 8"), LATENCY (50) in milliseconds, EACH (20) MB/s of a connection, TOTAL (120) of all,
#   WORK (/dev/shm/varve-network). Needs python3 and the tests' S3 server: src/test/sh/go-programs.sh versitygw
set -euo pipefail
cd "$(dirname "$0")/.."
MIB=${MIB:-512} STREAMS=${STREAMS:-1 2 4 8} LATENCY=${LATENCY:-50} EACH=${EACH:-20} TOTAL=${TOTAL:-120}
WORK=${WORK:-/dev/shm/varve-network}
rm -rf "$WORK"
mkdir -p "$WORK/objects" "$WORK/sidecar"
gateway=$(bash src/test/sh/go-programs.sh versitygw | tail -1)
export AWS_ACCESS_KEY_ID=bench AWS_SECRET_ACCESS_KEY=bench-secret AWS_REGION=us-east-1
export VARVE_HOME=$WORK/home VARVE_PASSWORD=bench
server_port=$((20000 + RANDOM % 10000)) port=$((30000 + RANDOM % 10000))
ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY "$gateway" --port 127.0.0.1:$server_port --quiet \
  posix --sidecar "$WORK/sidecar" "$WORK/objects" >"$WORK/server.log" 2>&1 &
server=$!
python3 bench/slow_network.py $port $server_port "$LATENCY" "$EACH" "$TOTAL" &
proxy=$!
trap 'kill $server $proxy; rm -rf "$WORK"' EXIT
sleep 2
# A bucket of the server's is a folder.
mkdir -p "$WORK/objects/bench"
head -c "${MIB}M" /dev/urandom >"$WORK/image"
./varve --version >"$WORK/log"

timed() { # WORDS…
  local begun
  begun=$(date +%s.%N)
  "$@" >>"$WORK/log" 2>&1 || { tail -5 "$WORK/log" >&2; exit 1; }
  python3 -c "
import sys
seconds = float(sys.argv[1]) - float(sys.argv[2])
print('%6.1f s %6.1f MB/s' % (seconds, int(sys.argv[3]) * 1.048576 / seconds), end='')" "$(date +%s.%N)" "$begun" "$MIB"
}

echo "streams | backup | restore"
for streams in $STREAMS; do
  export VARVE_REPOSITORY="s3://bench/$streams?endpoint=http://127.0.0.1:$port" VARVE_STREAMS=$streams
  rm -rf "$VARVE_HOME"
  ./varve repository create --compression none >>"$WORK/log" 2>&1
  printf '%s | ' "$streams"
  timed ./varve backup run --device "$WORK/image" --volume bench
  printf ' | '
  rm -f "$WORK/restored"
  timed ./varve restore run "$(./varve backup list --json | jq -r '.[0].backupId')" --to-device "$WORK/restored"
  cmp "$WORK/image" "$WORK/restored"
  printf '\n'
done
