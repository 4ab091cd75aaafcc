#!/usr/bin/env bash
# What is done to the bytes of a block, each by itself, under JMH: MiB per second of one thread.
# kernels.sh [OPTIONS OF JMH]: none takes some ten minutes; "-f 1 -wi 1 -i 1 hash" looks at hashing in one.
set -euo pipefail
cd "$(dirname "$0")/.."
for jdk in "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
  grep -qs '^JAVA_VERSION="25[".]' "$jdk/release" && break
done
export JAVA_HOME=$jdk
out=$PWD/target/jmh
mkdir -p "$out"
mvn -q -B -Pjmh -Dmaven.test.skip=true compile dependency:build-classpath -Dmdep.outputFile="$out/class-path" >&2
path=$out:$PWD/target/classes:$(<"$out/class-path")
"$jdk/bin/javac" -proc:full -d "$out" -cp "$path" bench/KernelBenchmark.java
exec "$jdk/bin/java" -cp "$path" org.openjdk.jmh.Main "$@"
