#!/usr/bin/env bash
# lab/board.sh ARCHITECTURE…: an emulated router for these of OpenWrt's package architectures (bash lab/board/run.sh boots it):
#   $cache/board/ARCHITECTURE/{kernel,initrd}
# The kernel is Debian's for that processor; of big-endian MIPS there is none, so there it is built of Debian's linux-source. The
# initrd has busybox and the kernel's modules; what is to be tried is put beside it. What was made is kept until its recipe changes.
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
suite=bookworm

fail() { printf 'board: %s\n' "$*" >&2; exit 1; }
# shellcheck source=lab/debian.sh
. lab/debian.sh

# OpenWrt's architecture, Debian's, its kernel, qemu's package and program.
table='
mips_24kc - - qemu-system-mips qemu-system-mips
mipsel_24kc mipsel linux-image-4kc-malta qemu-system-mips qemu-system-mipsel
arm_cortex-a7_neon-vfpv4 armhf linux-image-armmp qemu-system-arm qemu-system-arm
aarch64_generic arm64 linux-image-arm64 qemu-system-arm qemu-system-aarch64
'
needs='
make make
flex flex
bison bison
bc bc
mips-linux-gnu-gcc gcc-mips-linux-gnu
/usr/mips-linux-gnu/include/stdio.h libc6-dev-mips-cross
busybox busybox
depmod kmod
xz xz-utils
'

row() { awk -v name="$1" '$1 == name' <<<"$table"; }

install() {
  local missing='' name package
  while read -r name package; do
    [ -z "$name" ] || command -v "$name" >/dev/null || [ -e "$name" ] || missing+=" $package"
  done
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "not root; please run: apt-get install$missing"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >/dev/null ||
    fail "apt-get could not install$missing"
}

# Debian's linux-source without what no router of ours has: its unpacking would take longer than the rest.
linux() {
  local into=$1 tree name
  (cd "$into" && apt-get -q -o APT::Sandbox::User=root download linux-source-6.1) >"$into/apt.log" 2>&1 ||
    { tail -n 5 "$into/apt.log" >&2; fail 'apt-get could not download linux-source-6.1'; }
  dpkg --fsys-tarfile "$into"/linux-source-6.1_*.deb | tar -xO ./usr/src/linux-source-6.1.tar.xz |
    tar -xJ -C "$into" --exclude='*/drivers/gpu/*' --exclude='linux-source-6.1/sound/*' --exclude='linux-source-6.1/Documentation/*'
  tree=$into/linux-source-6.1
  for name in sound/Makefile drivers/gpu/Makefile; do mkdir -p "$tree/${name%/*}" && touch "$tree/$name"; done
  (cd "$tree" && grep -rhoE '^source "(drivers/gpu|sound|Documentation)[^"]*"' --include='Kconfig*' .) | cut -d'"' -f2 |
    while read -r name; do mkdir -p "$tree/${name%/*}" && touch "$tree/$name"; done
  local make=(make -s -C "$tree" ARCH=mips CROSS_COMPILE=mips-linux-gnu-)
  { "${make[@]}" "KCONFIG_ALLCONFIG=$PWD/lab/board/kernel.config" allnoconfig && "${make[@]}" "-j$(nproc)" vmlinux; } \
    >"$into/make.log" 2>&1 || { tail -n 20 "$into/make.log" >&2; fail 'the kernel did not build'; }
  mips-linux-gnu-strip -o "$into/kernel" "$tree/vmlinux"
}

# Its options, and those without which it does not build with newer headers.
busybox_of_mips() {
  local into=$1 tree
  fetch_source busybox '' "$suite" "$into/from-busybox"
  tree=$(echo "$into"/from-busybox/download/busybox-*/)
  local make=(make -s -C "$tree" ARCH=mips CROSS_COMPILE=mips-linux-gnu-)
  {
    "${make[@]}" defconfig
    sed -i 's/.*CONFIG_STATIC[ =].*/CONFIG_STATIC=y/; s/^CONFIG_TC=y/# CONFIG_TC is not set/' "$tree/.config"
    yes '' | "${make[@]}" oldconfig
    "${make[@]}" "-j$(nproc)" busybox
  } >"$into/busybox.log" 2>&1 || { tail -n 20 "$into/busybox.log" >&2; fail 'busybox did not build'; }
  cp "$tree/busybox" "$into/busybox"
}

# foreign FOLDER ARCHITECTURE PACKAGE…: these of another architecture's packages, unpacked; the system's apt stays as it is.
foreign() {
  local into=$1 arch=$2 from
  shift 2
  from=$(mirror)
  [ -n "$from" ] || fail 'no Debian mirror in /etc/apt/sources.list*'
  mkdir -p "$into"/{state/lists/partial,cache/archives/partial,debs,unpacked}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $from $suite main" >"$into/sources.list"
  : >"$into/state/status"
  local options=(-q -o "Dir::State=$into/state" -o "Dir::State::status=$into/state/status" -o "Dir::Cache=$into/cache"
    -o "Dir::Etc::sourcelist=$into/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root
    -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o Acquire::Languages=none)
  local names=() name
  apt-get "${options[@]}" update >"$into/apt.log" 2>&1 || { tail -n 5 "$into/apt.log" >&2; fail "no $suite for $arch"; }
  for name; do
    # A kernel's package is named by one that depends on it.
    case $name in linux-image-*)
      name=$(apt-cache "${options[@]}" depends "$name" | sed -n 's/^  Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1) ;;
    esac
    names+=("$name")
  done
  (cd "$into/debs" && apt-get "${options[@]}" download "${names[@]}") >>"$into/apt.log" 2>&1 ||
    { tail -n 5 "$into/apt.log" >&2; fail "no ${names[*]} for $arch"; }
  for name in "$into"/debs/*.deb; do dpkg-deb -x "$name" "$into/unpacked"; done
}

# Debian's kernel, and of its modules those that a router's network takes.
kernel_of_debian() {
  local into=$1 arch=$2 package=$3 release
  foreign "$into/debian" "$arch" "$package" busybox-static
  cp "$into"/debian/unpacked/boot/vmlinu[xz]-* "$into/kernel"
  cp "$into/debian/unpacked/bin/busybox" "$into/busybox"
  release=$(ls "$into/debian/unpacked/lib/modules")
  depmod -b "$into/debian/unpacked" "$release"
  mkdir -p "$into/root/lib/modules/$release"
  modprobe -d "$into/debian/unpacked" -S "$release" -D -a virtio_net virtio_pci virtio_mmio af_packet macvlan ipv6 2>/dev/null |
    sed -n "s|^insmod .*/lib/modules/$release/||p" | awk '{ print $1 }' | awk '!seen[$0]++' >"$into/root/lib/modules/order"
  while read -r module; do
    cp "$into/debian/unpacked/lib/modules/$release/$module" "$into/root/lib/modules/"
  done <"$into/root/lib/modules/order"
  sed -i 's|.*/||' "$into/root/lib/modules/order"
  rmdir "$into/root/lib/modules/$release"
}

build() {
  local name=$1 into=$2 debian package applet
  read -r _ debian package _ <<<"$(row "$name")"
  mkdir -p "$into/root"/{bin,sbin,usr/bin,usr/sbin,proc,sys,dev,tmp,run,root,etc,lib/modules}
  if [ "$debian" = - ]; then
    linux "$into"
    busybox_of_mips "$into"
    : >"$into/root/lib/modules/order"
  else
    kernel_of_debian "$into" "$debian" "$package"
  fi
  cp "$into/busybox" "$into/root/bin/busybox"
  for applet in $(busybox --list); do ln -s /bin/busybox "$into/root/bin/$applet" 2>/dev/null || true; done
  ln -s tmp "$into/root/var"
  cp lab/board/init.sh "$into/root/init"
  chmod 755 "$into/root/init"
  (cd "$into/root" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) | gzip -6 >"$into/initrd"
}

version() { { declare -f linux busybox_of_mips foreign kernel_of_debian build; cat lab/board/kernel.config lab/board/init.sh; } | cksum; }

keep() {
  local name=$1 into=$scratch/$1 kept=$cache/board/$1
  [ "$(cat "$kept/version" 2>/dev/null)" = "$(version)" ] && return 0
  printf 'board: making one for %s…\n' "$name"
  build "$name" "$into"
  mkdir -p "$into/result"
  cp "$into/kernel" "$into/initrd" "$into/result/"
  version >"$into/result/version"
  mkdir -p "$cache/board"
  rm -rf "${kept:?}"
  mv "$into/result" "$kept"
}

for name; do
  [ -n "$(row "$name")" ] || fail "unknown architecture $name; there are$(awk '{ printf " " $1 }' <<<"$table")"
  read -r _ _ _ package program <<<"$(row "$name")"
  needs+="$program $package"$'\n'
done
install <<<"$needs"
mkdir -p "$cache"
scratch=$(mktemp -d -p "$cache")
trap 'rm -rf "$scratch"' EXIT
exec 9>"$cache/lock" && flock 9
for name; do keep "$name"; done
