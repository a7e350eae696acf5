# shellcheck shell=bash
# What lab/uml/run.sh and lab/vm/run.sh have in common: a command in a kernel of its own. Sourced, with `title` (for messages),
# `box` (a folder that stays, so that nothing has to be removed: what lies in it is mounted by us and goes with our namespace),
# `mark` (a variable that the command finds set), and the functions `possible` (says why not) and `boot` (runs the guest, which
# writes the command's status to $box/status).

cannot() { printf '%s: %s\n' "$title" "$*" >&2; exit 125; }

# The caller, with a terminal for colours if there is one: the guest always believes so.
caller() {
  export -p
  printf 'unset LD_PRELOAD; export %s=1%s\n' "$mark" "$([ -t 1 ] || echo ' NO_COLOR=1')"
  printf 'cd %q && exec' "$PWD"
  printf ' %q' "$@"
}

# The first process of its namespaces: when it ends, so does all in them.
boxed() {
  mount -t tmpfs "$title" "$box" || cannot "cannot mount on $box"
  caller "$@" >"$box/command"
  trap 'exit 143' HUP INT TERM
  boot </dev/null &
  # Without bash's own word about how it ended.
  { wait $!; } 2>/dev/null
  [ -e "$box/status" ] || cannot 'the kernel did not get as far as its first program'
  status=$(<"$box/status")
  [ -n "$status" ] || { echo "$title: the kernel ended before the command did" >&2; status=1; }
  exit "$status"
}

guest() {
  if [ "${1:-}" = --boxed ]; then
    shift
    boxed "$@"
  fi
  local limit=300 spaces=(--mount --pid --fork --kill-child --mount-proc)
  [ "${1:-}" != --limit ] || { limit=${2:-}; shift 2; }
  [ $# -gt 0 ] || { echo "usage: $0 [--limit SECONDS] COMMAND [ARGUMENT…]" >&2; exit 2; }
  possible
  [ "$(id -u)" = 0 ] || spaces+=(--map-root-user)
  unshare "${spaces[@]}" true 2>/dev/null || cannot 'no mount and process namespaces: be root, or allow user namespaces'
  mkdir -p "$box"
  # Who started us may be killed, and so may timeout; unshare itself is deaf to SIGTERM.
  exec setpriv --pdeathsig TERM timeout --kill-after=1 "$limit" \
    setpriv --pdeathsig KILL unshare "${spaces[@]}" bash "$0" --boxed "$@"
}
