#!/usr/bin/env bash
# Makes a bare Debian 12 able to build, run and test this project. Says what it does; silent when nothing is to do.
#   lab/setup.sh [--with-mips] [--with-uml] [--with-vm] [--with-web]
#     --with-mips: also a big-endian MIPS engine and what runs it (qemu-user)
#     --with-uml: also a kernel with 802.1Q, bonding and PPP (User-Mode Linux, x86 only), pppd and a PPPoE server
#     --with-web: also a browser, for the pages of LuCI
#     --with-vm: also an emulated machine with Debian's own kernel, which has nftables beside all that (x86 only)
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian trixie's source package: the same engine on every machine, built here because its .deb wants a newer C library.
engine_version=2025.04.26-1
engine_suite=trixie
cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"

# A command (or a file) and the package it comes from.
needs='
gcc gcc
g++ g++
make make
/usr/include/stdio.h libc6-dev
dpkg-source dpkg-dev
python3 python3
flock util-linux
busybox busybox
udhcpc udhcpc
dnsmasq dnsmasq-base
ip iproute2
nft nftables
strace strace
shellcheck shellcheck
tcpdump tcpdump
ping iputils-ping
arping iputils-arping
signify-openbsd signify-openbsd
/usr/sbin/pppoe-server pppoe
'
mips_needs='
qemu-mips-static qemu-user-static
mips-linux-gnu-gcc gcc-mips-linux-gnu
/usr/mips-linux-gnu/include/stdio.h libc6-dev-mips-cross
'
uml_needs='
linux.uml user-mode-linux
/usr/sbin/pppd ppp
pppoe-server pppoe
'
vm_needs='
qemu-system-x86_64 qemu-system-x86
depmod kmod
'
web_needs='
chromium chromium
'

say() { printf '%s\n' "$*"; }
. lab/debian.sh
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Packages of the table on standard input whose command is not there.
missing() {
  local thing package
  while read -r thing package; do
    [ -z "$thing" ] || [ -e "$thing" ] || command -v "$thing" >/dev/null || printf '%s ' "$package"
  done
}

install_packages() {
  local packages
  packages=$(missing <<<"$1")
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null || fail "please install: $packages"
  [ "$(id -u)" = 0 ] || fail "not root; please run: apt-get install $packages"
  say "packages: installing $packages…"
  local log=$scratch/apt.log
  # Another set-up, or the machine itself, may be installing: its lock is waited for.
  local install=(apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends)
  { apt-get update && DEBIAN_FRONTEND=noninteractive "${install[@]}" $packages; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; fail "apt-get could not install $packages"; }
}

install_modules() {
  command -v npm >/dev/null || fail 'please install Node 20 or later, with npm'
  [ node_modules/.package-lock.json -nt package-lock.json ] && return 0
  say 'node_modules: npm install…'
  # What the lock file says, and no change of it. `npm ci` would want the optional packages of all other platforms too.
  npm install --no-save --no-audit --no-fund >"$scratch/npm.log" 2>&1 ||
    { tail -n 30 "$scratch/npm.log" >&2; fail 'npm install failed'; }
  touch node_modules/.package-lock.json
}

# engine NAME [CROSS-PREFIX]: $cache/NAME, and beside it the header that native/build.sh compiles against.
engine() {
  local name=$1 prefix=${2:-} built=$scratch/engine engine_build
  # What the engine was made of and how: another version or recipe makes a new one.
  engine_build="$engine_version $(declare -f engine | cksum)"
  [ -x "$cache/$name" ] && [ "$(cat "$cache/$name.version" 2>/dev/null)" = "$engine_build" ] && return 0
  say "$name: building from Debian's source package quickjs $engine_version…"
  [ -d "$built/src" ] || { fetch_source quickjs "$engine_version" "$engine_suite" "$built" && mv "$built"/download/quickjs-*/ "$built/src"; }
  # 64-bit offsets: under qemu-user, readdir of a 32-bit C library lists nothing without them.
  (cd "$built/src" && make clean &&
    make -j2 ${prefix:+CROSS_PREFIX=$prefix "CC=${prefix}gcc -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64"} CONFIG_LTO= qjs &&
    "${prefix}strip" qjs) \
    >"$built/make.log" 2>&1 || { tail -n 20 "$built/make.log" >&2; fail "$name did not build"; }
  mkdir -p "$built/include" && cp "$built/src/quickjs.h" "$built/include/"
  rm -rf "$cache/include" && mv "$built/include" "$cache/include"
  mv "$built/src/qjs" "$cache/$name"
  echo "$engine_build" >"$built/version" && mv "$built/version" "$cache/$name.version"
}

# What lab/uml/run.sh preloads where a CPU with AMX is too much for that kernel.
uml_shim() {
  local shim=$cache/uml-xstate.so
  grep -qw amx_tile /proc/cpuinfo || return 0
  [ "$shim" -nt lab/uml/xstate.c ] && return 0
  say 'uml-xstate.so: building, as this CPU has AMX…'
  gcc -Wall -Wextra -Werror -O2 -fPIC -shared -o "$scratch/shim" lab/uml/xstate.c && mv "$scratch/shim" "$shim"
}

# $cache/vm: Debian's kernel for the emulated machine, its modules, and an initramfs with busybox that finds the host's files.
machine() {
  local package into=$scratch/vm
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/^  Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || fail 'apt knows no linux-image-amd64'
  local version
  version="$package $(cksum <lab/vm/init.sh) $(declare -f machine modules_of initramfs | cksum)"
  [ -e "$cache/vm/initrd" ] && [ "$(cat "$cache/vm/version")" = "$version" ] && return 0
  say "vm: unpacking $package…"
  mkdir -p "$into/lib/modules" "$into/root"
  (cd "$into" && apt-get download "$package") >"$scratch/vm.log" 2>&1 && dpkg-deb -x "$into"/linux-image-*.deb "$into/unpacked" ||
    { tail -n 5 "$scratch/vm.log" >&2; fail "apt-get could not download $package"; }
  modules_of "$into/unpacked" "$into"
  initramfs "$into" >"$into/initrd"
  mv "$into"/unpacked/boot/vmlinuz-* "$into/vmlinuz"
  rm -rf "$into/unpacked" "$into/root" "$into"/*.deb "$cache/vm"
  echo "$version" >"$into/version"
  mv "$into" "$cache/vm"
}

# Of the kernel's modules those that a network, a file system of the host and their emulated devices take.
modules_of() {
  local from part
  from=$(echo "$1"/lib/modules/*)
  local release=${from##*/}
  for part in crypto lib net fs/9p fs/fscache fs/netfs fs/overlayfs drivers/virtio drivers/net/ppp drivers/net/slip drivers/char/hw_random; do
    [ -d "$from/kernel/$part" ] || continue
    mkdir -p "$2/lib/modules/$release/kernel/$part"
    cp -r "$from/kernel/$part/." "$2/lib/modules/$release/kernel/$part"
  done
  cp "$from"/kernel/drivers/net/*.ko "$2/lib/modules/$release/kernel/drivers/net/"
  cp "$from"/modules.{order,builtin,builtin.modinfo} "$2/lib/modules/$release/"
  depmod -b "$2" "$release"
}

initramfs() {
  local root=$1/root release library
  release=$(ls "$1/lib/modules")
  mkdir -p "$root"/{bin,proc,dev,sys,lib/modules/"$release"}
  cp "$(command -v busybox)" "$root/bin/busybox"
  for library in $(ldd "$(command -v busybox)" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"
  done
  for name in sh mount mkdir modprobe cat ln switch_root; do ln -s busybox "$root/bin/$name"; done
  (cd "$1/lib/modules/$release" && modprobe -d "$1" -S "$release" -D -a virtio_pci 9pnet_virtio 9p overlay |
    sed -n "s|^insmod .*/$release/||p" | sort -u | copied "$root/lib/modules/$release")
  cp "$1/lib/modules/$release"/modules.* "$root/lib/modules/$release/"
  cp lab/vm/init.sh "$root/init" && chmod 755 "$root/init"
  (cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1
}

# The files that are named on standard input, into folder $1.
copied() {
  local file
  while read -r file; do mkdir -p "$1/${file%/*}" && cp "$file" "$1/$file"; done
}

with_mips= with_uml= with_vm= with_web=
for argument; do
  case $argument in
    --with-mips) with_mips=1 ;;
    --with-uml) with_uml=1 ;;
    --with-vm) with_vm=1 ;;
    --with-web) with_web=1 ;;
    *) fail "unknown argument $argument; usage: lab/setup.sh [--with-mips] [--with-uml] [--with-vm] [--with-web]" ;;
  esac
done

# Debian has it for x86 only.
[ "$(uname -m)" = x86_64 ] || with_uml= with_vm=

mkdir -p "$cache"
scratch=$(mktemp -d -p "$cache")
trap 'rm -rf "$scratch"' EXIT
install_packages "$needs${with_mips:+$mips_needs}${with_uml:+$uml_needs}${with_vm:+$uml_needs$vm_needs}${with_web:+$web_needs}"
# Two set-ups at once would build into each other's way.
exec 9>"$cache/lock" && flock 9
install_modules
engine qjs
[ -z "$with_mips" ] || engine qjs-mips mips-linux-gnu-
[ -z "$with_uml" ] || uml_shim
[ -z "$with_vm" ] || machine
