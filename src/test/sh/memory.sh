#!/usr/bin/env bash
# Peak memory of whole processes with -Xmx256m: full and incremental backups of sparse images of 1 and 16 TiB, also with five
# million contents in the index. Fails above 512 MiB, and where 16 times the blocks take 64 MiB more: four bytes for each of them. What
# the collector and the compiler take of memory differs by some 50 MiB from run to run. Needs a tmpfs with 2 GiB (/dev/shm) and 6 GiB
# of memory.
set -euo pipefail
cd "$(dirname "$0")/../../.."
work=$(mktemp -d /dev/shm/varve-memory.XXXXXX)
trap 'rm -rf "$work"' EXIT
export VARVE_HOME=$work/home VARVE_REPOSITORY=$work/repo VARVE_PASSWORD=memory
export VARVE_JAVA_OPTS=-Xmx256m
LIMIT_MIB=512
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
"$jdk/bin/java" -Xmx5g --enable-native-access=ALL-UNNAMED -cp "target/test-classes:$app/varve.jar:$app/lib/*" \
  io.varve.repository.IndexFiller "$VARVE_REPOSITORY" 5000000
change "$work/v1.img"
backup "incremental, 1 TiB, 5 million contents in the index" v1 --changed-blocks "$work/v1.img.json" --base-change-id b --change-id c
change "$work/v16.img"
backup "incremental, 16 TiB, 5 million contents in the index" v16 --changed-blocks "$work/v16.img.json" --base-change-id b --change-id c
