#!/bin/sh
# in-cgroup.sh RECORD CGROUP COMMAND...: become COMMAND, after having written down who we are (unless RECORD is -) and moved into a cgroup
# of our own in every hierarchy. A node's init starts below it, so nodes do not see each other's processes; and whatever runs in it is the
# lab's, to be ended and removed, whoever its parents were.
set -eu
record=$1 cgroup=$2
shift 2
if [ "$record" != - ]; then
  stat=$(cat /proc/$$/stat)
  start=$(set -- ${stat##*) }; echo "${20}")
  echo "$$ $start $(cat /proc/sys/kernel/random/boot_id)" >"$record.part"
  mv "$record.part" "$record"
fi
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$cgroup"
  echo $$ >"/sys/fs/cgroup/$cgroup/cgroup.procs"
else
  for hierarchy in /sys/fs/cgroup/*/; do
    mkdir -p "$hierarchy$cgroup"
    # a new cpuset is empty and takes no process until it is told its processors, from the top down
    if [ -e "${hierarchy}cpuset.cpus" ]; then
      for file in cpuset.cpus cpuset.mems; do
        cat "$hierarchy$file" >"$hierarchy${cgroup%/*}/$file"
        cat "$hierarchy$file" >"$hierarchy$cgroup/$file"
      done
    fi
    # a cgroup counts as one process beside those in no cgroup of their own: the lab's is three machines'
    [ "$record" != - ] && [ -e "${hierarchy}cpu.shares" ] && echo 8192 >"$hierarchy${cgroup%/*}/cpu.shares"
    echo $$ >"$hierarchy$cgroup/cgroup.procs"
  done
fi
exec "$@"
