#!/usr/bin/env bash
# Incremental backups of VOLUMES (5) images of MIB (256) with 41 changed blocks each, one after the other in one process, on tmpfs:
# prints each one's seconds from its request to its manifest, without the start of the process. WORK (/dev/shm/varve-volumes).
set -euo pipefail
cd "$(dirname "$0")/.."
VOLUMES=${VOLUMES:-5} MIB=${MIB:-256} WORK=${WORK:-/dev/shm/varve-volumes}
for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
  grep -qs '^JAVA_VERSION="25[".]' "$jdk/release" && break
done
rm -rf "$WORK"
mkdir -p "$WORK/classes"
trap 'rm -rf "$WORK"' EXIT
export VARVE_HOME=$WORK/home VARVE_REPOSITORY=$WORK/repo VARVE_PASSWORD=bench
./varve repository create --compression none >/dev/null
./varve database migrate >/dev/null
images=()
for ((i = 1; i <= VOLUMES; i++)); do
  image=$WORK/v$i
  images+=("$image")
  python3 bench/image.py "$MIB" "$image"
  # Volumes differ: else the second had nothing to store.
  python3 bench/image.py change "$image" $((MIB - 1)) "$i" "$image.json"
  ./varve backup run --device "$image" --type full --change-id c0 >/dev/null 2>&1
  python3 bench/image.py change "$image" 41 $((100 + i)) "$image.json"
done
app=target/$(<target/.varve-built)
"$jdk/bin/javac" -d "$WORK/classes" -cp "target/classes:$app/varve.jar:$app/lib/*" bench/FurtherVolumes.java
# The program's own options and class path, and one class more at its end, which no cache minds.
"$jdk/bin/java" @src/main/jvm/options -Xmx256m -XX:AOTCache="$app/plain.aot" -cp "$app/varve.jar:$WORK/classes" \
  io.varve.app.FurtherVolumes "$WORK/repo" "jdbc:h2:file:$WORK/home/varve;CACHE_SIZE=16384" "${images[@]}"
