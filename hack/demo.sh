#!/bin/bash
# Shows kubectl etcd at work, on real etcd processes; with --lab on a real three-node Kubernetes cluster. Installs what it needs (as root, on
# Debian 12, with Node or without), and leaves nothing running.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
lab=no
case ${1-} in '') ;; --lab) lab=yes ;; *) echo "usage: hack/demo.sh [--lab]" >&2; exit 2 ;; esac

show() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
work=$(mktemp -d /tmp/kubectl-etcd-demo.XXXXXX)
stop=()
finish() {
  code=$?
  for pid in "${stop[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  [ "${lab_ours-no}" = yes ] && hack/lab down
  rm -rf "$work"
  [ $code = 0 ] || echo "the demo failed" >&2
  exit $code
}
trap finish EXIT

hack/setup.sh
hack/node build.ts >/dev/null
etcd=$(hack/node test/lab/etcd-directory.ts)   # etcd's own binaries, from Debian's packages
export PATH="$PWD/dist:$PATH"

if [ $lab = yes ]; then
  if ! hack/lab status >/dev/null 2>&1; then lab_ours=yes; hack/lab up; fi
  export KUBECONFIG; KUBECONFIG=$(hack/lab kubeconfig)
  hack/lab image
  show kubectl etcd install --name demo
  kubectl-etcd install --name demo
else
  hack/local "$work/cluster" >"$work/access" 2>"$work/local.log" &
  stop+=($!)
  until [ -s "$work/access" ]; do kill -0 "${stop[0]}" || { cat "$work/local.log" >&2; exit 1; }; sleep 0.1; done
  export KUBECTL_ETCD_ACCESS; KUBECTL_ETCD_ACCESS=$(cat "$work/access")
  client=$(grep -o 'listen-client-urls=[^"]*' "$work/cluster/n1/etcd.json" | cut -d= -f2)
  for key in $(seq 100); do "$etcd/etcdctl" --endpoints "$client" put "/demo/$key" "written before the snapshot" >/dev/null; done
fi

show kubectl etcd status
kubectl-etcd status
show kubectl etcd snapshot save "$work/"
kubectl-etcd snapshot save "$work/"
file=$(echo "$work"/*.db)
show kubectl etcd snapshot verify "$file"
kubectl-etcd snapshot verify "$file"

show etcdutl snapshot restore "$file"
"$etcd/etcdutl" snapshot restore "$file" --data-dir "$work/restored" --bump-revision 1000000 --mark-compacted 2>/dev/null
"$etcd/etcd" --data-dir "$work/restored" --listen-client-urls "unix://$work/s" --advertise-client-urls "unix://$work/s" \
  --listen-peer-urls http://127.0.0.1:0 --log-level error 2>"$work/restored.log" &
stop+=($!)
for _ in $(seq 100); do
  keys=$("$etcd/etcdctl" --endpoints "unix://$work/s" get / --prefix --keys-only 2>/dev/null | grep -c . || true)
  [ "${keys:-0}" -gt 0 ] && break
  sleep 0.1
done
if [ "${keys:-0}" -eq 0 ]; then cat "$work/restored.log" >&2; exit 1; fi
echo "a new etcd, restored from the file by etcd's own tool, serves its $keys keys"
