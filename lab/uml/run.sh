#!/usr/bin/env bash
# A command under a kernel that has what this machine's may lack (802.1Q, bonding, PPP): User-Mode Linux, which is a program.
#   bash lab/uml/run.sh [--limit SECONDS] COMMAND [ARGUMENT…]
# The command sees the files, the folder and the environment of the caller; what it writes is gone when it ends. Its status is
# ours; 124: no end within the limit (300 s); 125: such a kernel does not run here, with the reason. Whatever ends us, or who
# started us, no process and no file stays.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
title=uml box=$cache/uml mark=MACVLAN_UML
. "$here/../guest.sh"

possible() { command -v linux.uml >/dev/null || cannot 'no linux.uml: run lab/setup.sh --with-uml (Debian has it for x86 only)'; }

boot() {
  local shim=$cache/uml-xstate.so
  cp "$here/init.sh" "$box/init"
  # TMPDIR: its memory is a file there. The RAID 6 benchmark that is left out takes 0.8 s of each start.
  TMPDIR=$box LD_PRELOAD="$([ ! -e "$shim" ] || echo "$shim:")${LD_PRELOAD:-}" exec \
    linux.uml mem=768M rootfstype=hostfs rootflags=/ ro quiet loglevel=3 con=null con0=null,fd:1 uml_dir="$box" \
    initcall_blacklist=raid6_select_algo BOX="$box" init=/bin/sh -- "$box/init"
}

guest "$@"
