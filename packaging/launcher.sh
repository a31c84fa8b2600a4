#!/bin/sh
# Starts the program of the same name that lies beside this file, with a Node that is new enough. Only the shell's own words are used where
# that is possible: on a broken node little else may be left, and every process started here is time a person waits.
set -u

self=$0
case $self in
*/*) ;;
*) self=$(command -v -- "$self") ;;
esac
# kubectl finds plugins by name on PATH, and krew puts a link there: what belongs to the program lies where the link leads.
hops=0
while [ -L "$self" ] && [ "$hops" -lt 40 ]; do
  target=$(PATH="${PATH:-}:/usr/bin:/bin" readlink "$self") || exit 1
  case $target in
  /*) self=$target ;;
  *) self=${self%/*}/$target ;;
  esac
  hops=$((hops + 1))
done
here=$(CDPATH='' cd -- "${self%/*}" && pwd -P) || exit 1
name=${self##*/}

# V8's compiled form of the program is kept between runs: that halves the time to the first line. Never in a directory others may write to.
if [ -z "${NODE_COMPILE_CACHE:-}" ]; then
  case ${XDG_CACHE_HOME:-} in
  /*) export NODE_COMPILE_CACHE="$XDG_CACHE_HOME/kubectl-etcd" ;;
  *) case ${HOME:-} in
    /?*) export NODE_COMPILE_CACHE="$HOME/.cache/kubectl-etcd" ;;
    esac ;;
  esac
fi

# Buffers wait for V8's small collections, which come with the filling of its young space, whatever the size of the buffers: a small one keeps
# a stream of gigabytes under 150 MB instead of 180, and costs nothing that could be measured.
set -- --max-semi-space-size=1 "$here/$name.cjs" "$@"

# On the disk of a node, with the libraries that this Node was built with: the host's own serve if Node starts with them, else these. Older
# hosts have an older C library, and some have another one.
if [ -d "$here/lib" ] && ! "$here/node" --version >/dev/null 2>&1; then
  for loader in "$here"/lib/ld-linux-*.so.*; do
    if [ -x "$loader" ]; then exec "$loader" --library-path "$here/lib" "$here/node" "$@"; fi
  done
fi

# Beside the program: an archive or a node's disk. In the checkout: the Node of the lock file.
for node in "$here/node" "$here"/../node_modules/node-linux-*/bin/node; do
  if [ -f "$node" ] && [ -x "$node" ]; then exec "$node" "$@"; fi
done

if ! node=$(command -v node); then
  echo "$name: needs Node.js 24 or newer, and there is no node on PATH; install it, or use the archive, which brings its own" >&2
  exit 1
fi
version=$("$node" --version) || version=unknown
number=${version#v}
major=${number%%.*}
case $major in
'' | *[!0-9]*) major=0 ;;
esac
if [ "$major" -lt 24 ]; then
  echo "$name: needs Node.js 24 or newer, and $node is $version; install a newer one, or use the archive, which brings its own" >&2
  exit 1
fi
exec "$node" "$@"
