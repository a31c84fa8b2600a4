#!/bin/bash
# Shows kubectl etcd at work, on three real etcd processes; with --lab on a real three-node Kubernetes cluster. Installs what it needs (as
# root, on Debian 12, with Node or without), and leaves nothing running. Made to be watched: each step says why it is there.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
root=$PWD
lab=no
case ${1-} in '') ;; --lab) lab=yes ;; *) echo "usage: hack/demo.sh [--lab]" >&2; exit 2 ;; esac

if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi
say() { printf '\n# %s\n' "$*"; }
run() { # COMMAND...: shows a line as a person would type it, and runs it
  local line="$*"
  printf '%s$ %s%s\n' "$bold" "${line/#kubectl-etcd/kubectl etcd}" "$plain"
  "$@"
}

work=$(mktemp -d /tmp/kubectl-etcd-demo.XXXXXX)
ours=() lab_ours=no
finish() {
  local code=$?
  trap - EXIT INT TERM HUP
  # The local mode takes its etcds and agents with it, and is waited for: nothing may be left when this returns.
  for pid in "${ours[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${ours[@]}"; do wait "$pid" 2>/dev/null || true; done
  if [ $lab_ours = yes ]; then "$root/hack/lab" down || true; fi
  rm -rf "$work"
  [ $code = 0 ] || echo "the demo failed ($code)" >&2
  exit $code
}
trap finish EXIT
# An interrupted wait must end in `finish`, and with the code of the signal.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

start=$SECONDS
say "what it needs: npm, the packages of the lock file, etcd's own binaries from Debian's packages (quick when they are there)"
hack/setup.sh
hack/node build.ts >/dev/null
etcd=$(hack/node test/lab/etcd-directory.ts)
export PATH="$PWD/dist:$PATH"
unset KUBECTL_ETCD_ACCESS

if [ $lab = yes ]; then
  if hack/lab status >/dev/null 2>&1; then
    say "the lab is up: a real Kubernetes cluster of three control-plane nodes, which is left up, with the agents in it"
  else
    say "the lab: a real Kubernetes cluster of three control-plane nodes on this machine"
    lab_ours=yes
    hack/lab up
  fi
  export KUBECONFIG; KUBECONFIG=$(hack/lab kubeconfig)
  hack/lab image
  # The access file that install writes goes there: it is the demo's, not yours.
  export HOME=$work
  say "an agent on every control-plane node"
  run kubectl-etcd install --name demo
else
  say "three real etcd processes and an agent beside each, as the nodes of a cluster would have them"
  hack/local "$work/cluster" >"$work/access" 2>"$work/local.log" &
  ours+=($!)
  until [ -s "$work/access" ]; do
    kill -0 "${ours[0]}" 2>/dev/null || { cat "$work/local.log" >&2; exit 1; }
    sleep 0.1
  done
  export KUBECTL_ETCD_ACCESS; KUBECTL_ETCD_ACCESS=$(cat "$work/access")
  client=$(sed -n 's/.*--listen-client-urls=\([^"]*\)".*/\1/p' "$work/cluster/n1/etcd.json")
  # One transaction for all of them: a hundred starts of etcdctl would take longer than everything else here.
  { echo; for key in $(seq 100); do echo "put /demo/$key \"written before the snapshot\""; done; echo; echo; } |
    "$etcd/etcdctl" --endpoints "$client" txn >/dev/null
fi

say "is etcd well, and how many members may be lost?"
run kubectl-etcd status
say "a snapshot, from a follower, with everything that was acknowledged before"
cd "$work"
run kubectl-etcd snapshot save demo.db
say "is the file whole, and what etcd wrote?"
run kubectl-etcd snapshot verify demo.db

say "the proof: etcd's own tool restores it, and a new etcd serves it"
"$etcd/etcdutl" snapshot restore demo.db --data-dir restored --bump-revision 1000000 --mark-compacted 2>restore.log || { cat restore.log >&2; exit 1; }
read -r client_port peer_port < <("$root/hack/node" -e '
  const { createServer } = require("net");
  const servers = [0, 0].map(() => createServer().listen(0, "127.0.0.1"));
  setTimeout(() => { console.log(servers.map((server) => server.address().port).join(" ")); process.exit(); }, 50);')
"$etcd/etcd" --data-dir restored --listen-client-urls "http://127.0.0.1:$client_port" --advertise-client-urls "http://127.0.0.1:$client_port" \
  --listen-peer-urls "http://127.0.0.1:$peer_port" --log-level error 2>restored.log &
ours+=($!)
keys=0
for _ in $(seq 100); do
  keys=$("$etcd/etcdctl" --endpoints "http://127.0.0.1:$client_port" --dial-timeout 1s --command-timeout 2s get / --prefix --keys-only 2>/dev/null | grep -c . || true)
  [ "$keys" -gt 0 ] && break
  kill -0 "${ours[-1]}" 2>/dev/null || break
  sleep 0.1
done
if [ "$keys" -eq 0 ]; then cat restored.log >&2; echo "the restored etcd serves no keys" >&2; exit 1; fi
echo "restored: $keys keys served by a new etcd that knows nothing but this file"

if [ $lab = no ]; then
  say "and on a bad day: two of the three members die"
  for node in n2 n3; do kill -9 "$(sed -n 's/.*"pid": \([0-9]*\).*/\1/p' "cluster/$node/etcd.json")"; done
  sleep 2
  run kubectl-etcd status && exit 1 || [ $? = 4 ]
  say "exit code 4: quorum lost; the first thing to do goes all the same"
  run kubectl-etcd snapshot save --from n1 survivor.db
fi
say "done in $((SECONDS - start)) s; what was started for it is stopped again"
