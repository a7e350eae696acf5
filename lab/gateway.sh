#!/usr/bin/env bash
# lab/gateway.sh [DESTDIR]: installs the daemon and the console on this machine, a Linux gateway with systemd that is no OpenWrt
# (as root; after `npm run build`). A ubus broker comes along. With DESTDIR it only copies.
#   --remove: takes all lines away, then everything but /etc/config/macvlan
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
units='macvlan-ubusd.service macvland.service'
fail() { printf 'gateway: %s\n' "$*" >&2; exit 1; }

if [ "${1:-}" = --remove ]; then
  # shellcheck disable=SC2086
  systemctl disable --now $units
  /usr/sbin/macvland --down
  for unit in $units; do rm -f "/usr/lib/systemd/system/$unit"; done
  rm -rf /usr/lib/macvlan /usr/sbin/macvland /usr/bin/macvlan /run/macvlan
  systemctl daemon-reload
  exit 0
fi

dest=${1:-}
[ -e dist/qjs/macvland.mjs ] && [ -e dist/node/ubusd.mjs ] && [ -x "$cache/qjs" ] || fail 'run npm start or npm test once, and npm run build'
[ -n "$dest" ] || [ "$(id -u)" = 0 ] || fail 'not root'

install -d "$dest/usr/lib/macvlan/node_modules" "$dest/usr/lib/systemd/system" "$dest/usr/sbin" "$dest/usr/bin" "$dest/etc/config"
install -m 755 "$cache/qjs" dist/qjs/libc.so dist/qjs/*.script "$dest/usr/lib/macvlan/"
install -m 644 dist/qjs/*.mjs dist/node/ubusd.mjs "$dest/usr/lib/macvlan/"
# What the broker needs to call the C library.
node -e '
const { readFileSync } = require("fs");
const names = new Set(["ffi-napi"]);
for (const name of names) {
  const { dependencies = {} } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  for (const other of Object.keys(dependencies)) names.add(other);
}
console.log([...names].join("\n"));' | while read -r name; do
  [ -d "node_modules/$name" ] || continue
  install -d "$(dirname "$dest/usr/lib/macvlan/node_modules/$name")"
  rm -rf "$dest/usr/lib/macvlan/node_modules/$name"
  cp -r "node_modules/$name" "$dest/usr/lib/macvlan/node_modules/$name"
done
for program in usr/sbin/macvland usr/bin/macvlan; do
  sed 's|exec qjs |exec /usr/lib/macvlan/qjs |' "files/$program" >"$dest/$program"
  chmod 755 "$dest/$program"
done
for unit in $units; do
  sed "s|/usr/bin/node |$(command -v node) |" "files/usr/lib/systemd/system/$unit" >"$dest/usr/lib/systemd/system/$unit"
done
[ -e "$dest/etc/config/macvlan" ] || install -m 600 files/etc/config/macvlan "$dest/etc/config/"
[ -z "$dest" ] || exit 0
systemctl daemon-reload
# shellcheck disable=SC2086
systemctl enable --now $units
