#!/usr/bin/env bash
# How long the parts of an incremental backup of 41 changed blocks take in a cluster: on the control plane of the tests, with
# their storage and their kubelet, which runs pods as processes of this host. ROUNDS (default 3); prints ms, and judges nothing.
# Needs root, and the programs that go-programs.sh builds.
set -euo pipefail
cd "$(dirname "$0")/../../.."
bash src/test/sh/go-programs.sh --cached controlplane provisioner storage kubelet >/dev/null
mvn -q -B -o test-compile surefire:test -Dtest=ClusterBenchmark -Dvarve.tests.required=cluster | sed -n 's/^.*times {/{/p' | jq -s '
  .[], {median: (map(del(.round, .load)) | (.[0] | keys_unsorted) as $keys | [$keys[] as $k | {key: $k, value: (map(.[$k]) | sort | .[length / 2 | floor])}] | from_entries)}'
