#!/usr/bin/env bash
# native/build.sh [--cc mips-linux-gnu-gcc] [--out DIR]: libc.c → DIR/libc.so (dist/qjs), the module that QuickJS loads.
set -euo pipefail
cd "$(dirname "$0")/.."

cc=gcc out=dist/qjs
while [ $# -gt 0 ]; do
  case $1 in
    --cc) cc=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) echo "usage: native/build.sh [--cc COMPILER] [--out DIR]" >&2; exit 1 ;;
  esac
done
headers="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan/include"
[ -e "$headers/quickjs.h" ] || { echo 'native/build.sh: no quickjs.h yet: run lab/setup.sh' >&2; exit 1; }

mkdir -p "$out"
new=$(mktemp -p "$out")
trap 'rm -f "$new"' EXIT
# The calls come from the C library alone; the engine's own functions are found in the running qjs.
"$cc" -std=gnu11 -Os -Wall -Wextra -Wno-cast-function-type -Werror -fPIC -shared -s -Wl,-z,noseparate-code -isystem "$headers" \
  -o "$new" native/libc.c

# The inlines of quickjs.h that count references differ between engine versions: with one of them, one binary fits one version.
if nm -D "$new" | grep -E '\b(__JS_FreeValue|JS_FreeValue|JS_DupValue)' >&2; then
  echo 'native/build.sh: libc.so counts references of engine values; see native/libc.c' >&2
  exit 1
fi
chmod 755 "$new" && mv "$new" "$out/libc.so"
