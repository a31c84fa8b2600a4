#!/bin/bash
# Everything that is checked: types, lint, format, unit and integration tests; with --lab the end-to-end tests on a real cluster too (its
# representatives; --lab --all runs every case). Installs what it needs, and closes with a plain `N passed, N failed` line.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
lab=no all=no
for argument in "$@"; do
  case $argument in --lab) lab=yes ;; --all) all=yes ;; *) echo "usage: hack/test.sh [--lab [--all]]" >&2; exit 2 ;; esac
done
hack/setup.sh || exit 1
export PATH="$PWD/node_modules/.bin:$PATH"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

passed=0 failed=0
check() { # NAME COMMAND...: one check that either passes or fails
  local name=$1 start=$SECONDS; shift
  if "$@"; then passed=$((passed + 1)); echo "ok: $name ($((SECONDS - start)) s)"
  else failed=$((failed + 1)); echo "FAILED: $name ($((SECONDS - start)) s)"; fi
}
suite() { # PROJECT [JEST FLAGS...]: the tests of one Jest project, counted one by one
  local project=$1 start=$SECONDS; shift
  KUBECTL_ETCD_TEST_ALL=$all NODE_OPTIONS='--experimental-vm-modules --no-warnings' \
    jest --selectProjects "$project" --json --outputFile="$results/$project.json" "$@"
  local code=$? counts
  counts=$(node -e '
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(require("fs").readFileSync(process.argv[1]));
    console.log(numPassedTests, numFailedTests + numRuntimeErrorTestSuites);' "$results/$project.json") || counts="0 1"
  passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
  # A run that ends badly with no failed test has still failed: a crash, an open handle, no tests.
  if [ $code != 0 ] && [ "${counts#* }" = 0 ]; then failed=$((failed + 1)); fi
  echo "$project: ${counts% *} passed, ${counts#* } failed ($((SECONDS - start)) s)"
}

check build node build.ts
check types tsc -p .
check lint eslint .
check format prettier --check . --log-level warn
suite unit
suite integration --runInBand
if [ $lab = yes ]; then
  check 'lab is up' hack/lab up
  suite e2e --runInBand
  check 'lab is down' hack/lab down
  if [ $all = yes ]; then check 'the image builds, and has the files that the lab tests' hack/image-check; fi
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
