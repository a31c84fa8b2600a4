#!/bin/sh
# Installs what the checkout needs and is not there yet: npm (from Debian, where the machine has none) and the packages of the lock file, Node 24
# among them. Quick when all is there.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
if ! command -v npm >/dev/null 2>&1; then
  echo "installing npm from Debian's packages ..." >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq -y install --no-install-recommends npm ca-certificates >/dev/null
fi
# npm writes this file last: older than the lock file, or missing, it means that an install has to be done (again).
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "installing the packages of the lock file ..." >&2
  # Node 24 is among the packages, so what npm itself runs on does not matter: its warnings about that would only alarm.
  npm ci --no-audit --no-fund --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
