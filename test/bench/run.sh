#!/usr/bin/env bash
# npm run bench [-- ROUNDS]: builds what is missing or old, then measures in namespaces that end with it, whatever happens.
set -euo pipefail
cd "$(dirname "$0")/../.."

current() { [ -e "$1" ] && [ -z "$(find src native rollup.config.mjs -newer "$1" -print -quit)" ]; }

cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
[ -x "$cache/qjs" ] && [ -d node_modules/esbuild ] || bash lab/setup.sh
{ current dist/qjs/macvland.mjs && current dist/qjs/libc.so && current dist/node/ubusd.mjs; } || npm run --silent build

# Its files lie in memory: a disk would be measured with them. Only this run sees what is mounted.
folder=$(mktemp -d /tmp/macvlan-bench-XXXXXX)
trap 'rmdir "$folder"' EXIT
unshare --net --mount --pid --fork --kill-child --mount-proc bash -c '
  mount -t tmpfs bench "$1" && ip link set lo up
  node --import tsx test/bench/main.ts "$@"' bench "$folder" "$@"

if reason=$(bash lab/uml/run.sh true 2>&1); then
  bash lab/uml/run.sh --limit 900 node --import tsx test/bench/pppoe.ts "$@"
else
  printf '\nPPPoE: left out: %s\n' "${reason##*$'\n'}"
fi
