#!/usr/bin/env bash
# Peak memory of whole processes with -Xmx256m: full and incremental backups of sparse images of 1 and 16 TiB, also with ten million
# contents in the index: five in one index blob, five in twenty. Fails above 320 MiB, where 16 times the blocks take 64 MiB more (four
# bytes for each of them), and where a list of backups with that index takes more than 300 MiB, or 2 s of processor time more than one
# without. The same repository in a bucket: its list with nothing in the cache and with all, at most 300 MiB; the second makes 20 requests at
# most. What the collector and the compiler take of memory differs by some 50 MiB from run to run. Then 1 GiB of random bytes with two
# streams: at most 300 MiB, and in a control group that allows 384 MiB, page cache included. Needs root, a tmpfs with 3 GiB (/dev/shm),
# 6 GiB of memory, 3 GiB of disk, and the tests' S3 server: src/test/sh/go-programs.sh versitygw
set -euo pipefail
cd "$(dirname "$0")/../../.."
. src/test/sh/bucket.sh
work=$(mktemp -d /dev/shm/varve-memory.XXXXXX)
disk=
group=/sys/fs/cgroup/memory/varve-memory.$$
[ -d /sys/fs/cgroup/memory ] || group=/sys/fs/cgroup/varve-memory.$$
bucket_pid=
trap '[ -z "$bucket_pid" ] || kill "$bucket_pid"; rm -rf "$work" "$disk"; [ ! -d "$group" ] || rmdir "$group"' EXIT
mkdir -p target
disk=$(mktemp -d "$PWD/target/varve-memory.XXXXXX")
export VARVE_HOME=$work/home VARVE_REPOSITORY=$work/repo VARVE_PASSWORD=memory
export VARVE_JAVA_OPTS=-Xmx256m
LIMIT_MIB=320
OPEN_MIB=300
OPEN_SECONDS=2
results=$work/results

fail() { echo "memory.sh: $*" >&2; exit 1; }
measure() { # NAME COMMAND…: runs it, notes its peak resident memory and time
  python3 - "$results" "$LIMIT_MIB" "$@" <<'PYTHON' || fail "$1"
import json, resource, subprocess, sys, time
results, limit, name, *command = sys.argv[1:]
begun = time.monotonic()
done = subprocess.run(command, stdout=subprocess.PIPE)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
line = f"| {name} | {peak} | {time.monotonic() - begun:.1f} |"
print(line)
print(line, file=open(results, "a"))
document = json.loads(done.stdout)
counters = ("unallocatedBytes", "unchangedBytes", "zeroBytes", "deduplicatedBytes", "storedBytes")
assert done.returncode == 0, (done.returncode, document)
assert sum(document[counter] for counter in counters) == document["volumeBytes"], document
assert peak <= int(limit), f"{peak} MiB resident"
PYTHON
}
opened() { # NAME FILE: lists the backups; the processor time in FILE
  python3 - "$OPEN_MIB" "$1" >"$2" <<'PYTHON' || fail "$1"
import resource, subprocess, sys, time
limit, name = sys.argv[1:]
begun = time.monotonic()
subprocess.run(["./varve", "backup", "list", "--json"], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss // 1024
print(f"| {name} | {peak} | {time.monotonic() - begun:.1f} |", file=sys.stderr)
assert peak <= int(limit), f"{peak} MiB resident"
print(used.ru_utime + used.ru_stime)
PYTHON
}
image() { # TIB FILE: 64 random blocks in a sparse file, and 64 changed ones in FILE.json
  python3 - "$1" "$2" <<'PYTHON'
import json, os, random, sys
size, path = int(sys.argv[1]) << 40, sys.argv[2]
chosen = random.Random(size)
with open(path, "wb") as image:
    image.truncate(size)
    for block in chosen.sample(range(size >> 20), 64):
        image.seek(block << 20)
        image.write(os.urandom(1 << 20))
json.dump([{"offset": block << 20, "length": 4096} for block in chosen.sample(range(size >> 20), 64)], open(path + ".json", "w"))
PYTHON
}
change() { # FILE
  python3 - "$1" <<'PYTHON'
import json, os, sys
with open(sys.argv[1], "r+b") as image:
    for part in json.load(open(sys.argv[1] + ".json")):
        image.seek(part["offset"])
        image.write(os.urandom(part["length"]))
PYTHON
}
backup() { # NAME VOLUME FLAGS…
  local name=$1 volume=$2
  shift 2
  measure "$name" ./varve backup run --json --device "$work/$volume.img" --volume "$volume" "$@"
}

./varve repository create >/dev/null
echo "| process | peak MiB | seconds |"
for tib in 1 16; do
  volume=v$tib
  image "$tib" "$work/$volume.img"
  backup "full, $tib TiB sparse" "$volume" --change-id a
  change "$work/$volume.img"
  backup "incremental, $tib TiB" "$volume" --changed-blocks "$work/$volume.img.json" --base-change-id a --change-id b
done
for kind in full incremental; do
  read -r small large < <(awk -F'|' -v kind=" $kind" 'index($2, kind) == 1 {print $3}' "$results" | xargs)
  ((large - small <= 64)) || fail "$kind: $large MiB for 16 TiB, $small MiB for 1 TiB"
done
app=target/$(<target/.varve-built)
jdk=$(ls -d /usr/lib/jvm/*25* | head -1)
fill() { # ENTRIES BLOBS
  "$jdk/bin/java" -Xmx3g --enable-native-access=ALL-UNNAMED -cp "target/test-classes:$app/varve.jar:$app/lib/*" \
    io.varve.repository.IndexFiller "$VARVE_REPOSITORY" "$@"
}
opened "list of backups" "$work/before"
fill 5000000 1
fill 250000 20
opened "list of backups, 10 million contents in the index" "$work/after"
awk -v limit="$OPEN_SECONDS" 'NR == FNR {before = $1; next} {exit $1 - before > limit}' "$work/before" "$work/after" ||
  fail "a list takes $(<"$work/after") s of processor time, without the index $(<"$work/before")"
for tib in 1 16; do
  change "$work/v$tib.img"
  backup "incremental, $tib TiB, 10 million contents in the index" "v$tib" --changed-blocks "$work/v$tib.img.json" \
    --base-change-id b --change-id c
done

# In a bucket the blobs of a folder have their ids for names, and nothing else is different.
start_bucket "$work/bucket"
mkdir "$work/bucket/objects/bench/memory"
(cd "$VARVE_REPOSITORY" && find . -name '*.f' -printf '%P\n') | while read -r file; do
  id=${file%.f}
  ln "$VARVE_REPOSITORY/$file" "$work/bucket/objects/bench/memory/${id//\//}"
done
listed=$(./varve backup list --json)
folder=$VARVE_REPOSITORY
export VARVE_REPOSITORY="s3://bench/memory?endpoint=http://127.0.0.1:$bucket_port" VARVE_CACHE=$work/cache
for cached in nothing all; do
  before=$(wc -l <"$bucket_requests")
  opened "list of backups of a bucket, 10 million contents, $cached cached" "$work/bucket-list"
  sleep 0.5 # the log is written behind
  requests=$(($(wc -l <"$bucket_requests") - before))
  echo "$requests requests; $(du -sm "$VARVE_CACHE" | cut -f 1) MiB in the cache"
done
((requests <= 20)) || fail "with all in the cache a list makes $requests requests"
[ "$(./varve backup list --json)" = "$listed" ] || fail "the bucket's backups are not the folder's"
export VARVE_REPOSITORY=$folder
unset VARVE_CACHE
kill "$bucket_pid"
bucket_pid=
rm -rf "$work/bucket" "$work/cache"

# On a disk: pages of a tmpfs would be the process's own.
export VARVE_HOME=$disk/home VARVE_REPOSITORY=$disk/repo
./varve repository create >/dev/null
head -c 1G /dev/urandom >"$disk/random.img"
LIMIT_MIB=300
measure "full, 1 GiB of random bytes" ./varve backup run --json --device "$disk/random.img" --volume random --type full
mkdir "$group" || fail "no control group can be made: run it as root"
limit=$group/memory.max swap=$group/memory.swap.max events=$group/memory.events
[ -f "$limit" ] || limit=$group/memory.limit_in_bytes swap=$group/memory.memsw.limit_in_bytes events=$group/memory.oom_control
[ -f "$limit" ] || fail "control groups here have no limit of memory"
echo 402653184 >"$limit"
[ ! -f "$swap" ] || case $swap in
  *memsw*) echo 402653184 >"$swap" ;; # memory and swap
  *) echo 0 >"$swap" ;;
esac
rm -rf "$disk/repo"
./varve repository create >/dev/null
# shellcheck disable=SC2016 # the arguments are expanded inside
measure "the same within 384 MiB" bash -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" \
  ./varve backup run --json --device "$disk/random.img" --volume random --type full
kills=$(awk '$1 == "oom_kill" {print $2}' "$events")
[ "${kills:-0}" = 0 ] || fail "the limit killed a process"
echo "memory.sh: done"
