#!/usr/bin/env bash
# A command under a kernel that has what this machine's may lack (802.1Q, bonding, PPP): User-Mode Linux, which is a program.
#   bash lab/uml/run.sh [--limit SECONDS] COMMAND [ARGUMENT…]
# The command sees the files, the folder and the environment of the caller; what it writes is gone when it ends. Its status is
# ours; 124: no end within the limit (300 s); 125: such a kernel does not run here, with the reason. Whatever ends us, or who
# started us, no process and no file stays.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
# A folder that stays, so that nothing has to be removed: what lies in it is mounted by us and goes with our namespace.
box=$cache/uml

cannot() { printf 'uml: %s\n' "$*" >&2; exit 125; }

# The caller, with a terminal for colours if there is one: the guest always believes so.
caller() {
  export -p
  printf 'unset LD_PRELOAD; export MACVLAN_UML=1%s\n' "$([ -t 1 ] || echo ' NO_COLOR=1')"
  printf 'cd %q && exec' "$PWD"
  printf ' %q' "$@"
}

# The first process of its namespaces: when it ends, so does all in them.
boxed() {
  local shim=$cache/uml-xstate.so
  mount -t tmpfs uml "$box" || cannot "cannot mount on $box"
  caller "$@" >"$box/command"
  cp "$here/init.sh" "$box/init"
  trap 'exit 143' HUP INT TERM
  # TMPDIR: its memory is a file there. The RAID 6 benchmark that is left out takes 0.8 s of each start.
  TMPDIR=$box LD_PRELOAD="$([ ! -e "$shim" ] || echo "$shim:")${LD_PRELOAD:-}" \
    linux.uml mem=768M rootfstype=hostfs rootflags=/ ro quiet loglevel=3 con=null con0=null,fd:1 uml_dir="$box" \
    initcall_blacklist=raid6_select_algo BOX="$box" init=/bin/sh -- "$box/init" </dev/null &
  # Without bash's own word about how it ended.
  { wait $!; } 2>/dev/null
  [ -e "$box/status" ] || cannot 'the kernel did not get as far as its first program'
  status=$(<"$box/status")
  [ -n "$status" ] || { echo 'uml: the kernel ended before the command did' >&2; status=1; }
  exit "$status"
}

if [ "${1:-}" = --boxed ]; then
  shift
  boxed "$@"
fi
limit=300
[ "${1:-}" != --limit ] || { limit=${2:-}; shift 2; }
[ $# -gt 0 ] || { echo 'usage: lab/uml/run.sh [--limit SECONDS] COMMAND [ARGUMENT…]' >&2; exit 2; }
command -v linux.uml >/dev/null || cannot 'no linux.uml: run lab/setup.sh --with-uml (Debian has it for x86 only)'
spaces=(--mount --pid --fork --kill-child --mount-proc)
[ "$(id -u)" = 0 ] || spaces+=(--map-root-user)
unshare "${spaces[@]}" true 2>/dev/null || cannot 'no mount and process namespaces: be root, or allow user namespaces'
mkdir -p "$box"
# Who started us may be killed, and so may timeout; unshare itself is deaf to SIGTERM.
exec setpriv --pdeathsig TERM timeout --kill-after=1 "$limit" \
  setpriv --pdeathsig KILL unshare "${spaces[@]}" bash "$here/run.sh" --boxed "$@"
