#!/usr/bin/env bash
# package-feed/cross.sh ARCHITECTURE…: what of the feed is native, for these of OpenWrt's package architectures:
#   $cache/feed/ARCHITECTURE/{qjs,libc.so,libc-musl.so}
# the engine and our module, against musl as on a router, and musl itself (for trying them under qemu-user). Debian's cross compilers
# and source packages are all it takes. What was built is kept until something that it was made of changes.
set -euo pipefail
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
feed=$cache/feed
engine_version=2025.04.26-1
suite=trixie

fail() { printf 'cross: %s\n' "$*" >&2; exit 1; }
. lab/debian.sh

# OpenWrt's architecture, Debian's prefix of the compiler, its package, what the compiler is told.
table='
mips_24kc mips-linux-gnu- gcc-mips-linux-gnu -march=24kc -msoft-float
mipsel_24kc mipsel-linux-gnu- gcc-mipsel-linux-gnu -march=24kc -msoft-float
arm_cortex-a7_neon-vfpv4 arm-linux-gnueabihf- gcc-arm-linux-gnueabihf -mcpu=cortex-a7 -mfpu=neon-vfpv4
aarch64_cortex-a53 aarch64-linux-gnu- gcc-aarch64-linux-gnu -mno-outline-atomics -mcpu=cortex-a53
aarch64_generic aarch64-linux-gnu- gcc-aarch64-linux-gnu -mno-outline-atomics
x86_64 - gcc
'

row() { awk -v name="$1" '$1 == name' <<<"$table"; }

# The sources, unpacked once for all architectures of a run.
sources() {
  [ ! -d "$scratch/musl" ] || return 0
  fetch_source musl '' "$suite" "$scratch/from-musl"
  fetch_source quickjs "$engine_version" "$suite" "$scratch/from-quickjs"
  mv "$scratch"/from-musl/download/musl-*/ "$scratch/musl"
  mv "$scratch"/from-quickjs/download/quickjs-*/ "$scratch/quickjs"
}

# Debian's libgcc for MIPS computes in an FPU that these routers do not have: gcc's own routines in software, from its sources.
soft_float() {
  local into=$1 compiler=$2 name unpacked=$scratch/gcc
  shift 2
  if [ ! -d "$unpacked" ]; then
    mkdir "$unpacked"
    tar -xJf /usr/src/gcc-12/gcc-12*.tar.xz -C "$unpacked" --strip-components=1 --wildcards '*/libgcc/soft-fp/*' \
      '*/libgcc/config/mips/sfp-machine.h' '*/libgcc/fp-bit.c' '*/libgcc/libgcc2.*' '*/include/longlong.h' ||
      fail 'gcc-12-source has no libgcc/soft-fp'
  fi
  mkdir -p "$into/objects"
  for name in {add,sub,mul,div,eq,ge,le,unord}{s,d}f{2,3} fix{,uns}{s,d}f{s,d}i float{,un}{s,d}i{s,d}f extendsfdf2 truncdfsf2 neg{s,d}f2; do
    [ -e "$unpacked/libgcc/soft-fp/$name.c" ] || continue
    "$compiler" "$@" -Os -w -fPIC -fvisibility=hidden -I"$unpacked/libgcc/soft-fp" -I"$unpacked/libgcc/config/mips" -I"$unpacked/libgcc" \
      -I"$unpacked/include" \
      -c "$unpacked/libgcc/soft-fp/$name.c" -o "$into/objects/$name.o"
  done
  "${compiler%gcc}ar" rcs "$into/libsoftfp.a" "$into"/objects/*.o
}

# $1: a folder for musl and what it is compiled with: $1/cc
c_library() {
  local into=$1 prefix=$2 libcc=
  shift 2
  mkdir -p "$into/build"
  case " $* " in
    *' -msoft-float '*) soft_float "$into" "${prefix}gcc" "$@"; libcc="$into/libsoftfp.a" ;;
  esac
  (cd "$into/build" &&
    "$scratch/musl/configure" --prefix="$into/musl" --syslibdir="$into/lib" --enable-wrapper=gcc ${prefix:+"CROSS_COMPILE=$prefix"} \
      "CC=${prefix}gcc" "CFLAGS=-Os $*" ${libcc:+"LIBCC=$libcc -lgcc"} && make -j2 && make install) \
    >"$into/musl.log" 2>&1 || { tail -n 20 "$into/musl.log" >&2; fail 'musl did not build'; }
  # Where the loader lies on a router.
  sed -i "s|$into/lib/ld-musl|/lib/ld-musl|g" "$into/musl/lib/musl-gcc.specs"
  # The kernel's headers are the same for all; those of the C library are not.
  cp -r /usr/include/linux /usr/include/asm-generic "$into/musl/include/"
  local asm
  for asm in "/usr/${prefix%-}/include/asm" /usr/include/x86_64-linux-gnu/asm; do
    [ ! -d "$asm" ] || { cp -r "$asm" "$into/musl/include/"; break; }
  done
}

# A program or a module against that musl; of the compiler only its own runtime is used.
compile() {
  local into=$1 prefix=$2
  shift 2
  "${prefix}gcc" -specs "$into/musl/lib/musl-gcc.specs" "$@"
}

build() {
  local name=$1 prefix package flags into=$scratch/$1
  read -r _ prefix package flags <<<"$(row "$name")"
  [ "$prefix" != - ] || prefix=
  sources
  # shellcheck disable=SC2086
  c_library "$into" "$prefix" $flags
  local soft=() more=() parts=(qjs repl quickjs-libc quickjs libregexp libunicode cutils dtoa)
  local files=("${parts[@]/#/$scratch/quickjs/}")
  files=("${files[@]/%/.c}")
  # 64 bits at once, where the processor has none of that.
  case $name in mips* | arm_*) more+=(-l:libatomic.a) ;; esac
  # The compiler's own start-up code and integer routines say that they would use an FPU, and have no instruction of one.
  case $name in mips*) more+=("-Wl,--no-warn-mismatch") ;; esac
  [ ! -e "$into/libsoftfp.a" ] || soft=("$into/libsoftfp.a")
  [ -e "$scratch/quickjs/repl.c" ] || (cd "$scratch/quickjs" && make repl.c) >"$scratch/repl.log" 2>&1 || fail 'the engine has no repl.c'
  # shellcheck disable=SC2086
  compile "$into" "$prefix" $flags -Os -w -D_GNU_SOURCE "-DCONFIG_VERSION=\"${engine_version%%-*}\"" -ffunction-sections -fdata-sections \
    -Wl,--gc-sections -rdynamic -s -o "$into/qjs" "${files[@]}" "${soft[@]}" -lm -ldl -lpthread "${more[@]}"
  # shellcheck disable=SC2086
  compile "$into" "$prefix" $flags -std=gnu11 -Os -Wall -Wextra -Wno-cast-function-type -Werror -fPIC -shared -s -Wl,-z,noseparate-code \
    -isystem "$scratch/quickjs" -o "$into/libc.so" native/libc.c "${soft[@]}" "${more[@]}"
}

# What it is all made of: other sources or another recipe make it anew.
version() { { cat native/libc.c native/calls.h "$0" lab/debian.sh; dpkg-query -W gcc-12-source 2>/dev/null; } | cksum; }

keep() {
  local name=$1 into=$scratch/$1 wanted
  wanted=$(version)
  [ "$(cat "$feed/$name/version" 2>/dev/null)" = "$wanted" ] && return 0
  printf 'feed: building the engine and the module for %s…\n' "$name"
  build "$name"
  mkdir -p "$into/result"
  cp "$into/qjs" "$into/libc.so" "$into/result/"
  cp "$into/musl/lib/libc.so" "$into/result/libc-musl.so"
  # The inlines of quickjs.h that count references differ between engine versions: with one of them, one binary fits one version.
  ! nm -D "$into/libc.so" | grep -E '\b(__JS_FreeValue|JS_FreeValue|JS_DupValue)' >&2 || fail 'libc.so counts references of engine values'
  echo "$wanted" >"$into/result/version"
  mkdir -p "$feed"
  rm -rf "${feed:?}/$name"
  mv "$into/result" "$feed/$name"
}

packages=
for name; do
  [ -n "$(row "$name")" ] || fail "unknown architecture $name; there are$(awk '{ printf " " $1 }' <<<"$table")"
  read -r _ prefix package _ <<<"$(row "$name")"
  [ "$prefix" = - ] || command -v "${prefix}gcc" >/dev/null || packages+=" $package"
  case $name in mips*) [ -d /usr/src/gcc-12 ] || packages+=" gcc-12-source" ;; esac
  [ "$name" = x86_64 ] || command -v qemu-mips-static >/dev/null || packages+=" qemu-user-static"
done
if [ -n "$packages" ]; then
  [ "$(id -u)" = 0 ] || fail "not root; please run: apt-get install$packages"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $packages >/dev/null ||
    fail "apt-get could not install$packages"
fi
mkdir -p "$cache"
scratch=$(mktemp -d -p "$cache")
trap 'rm -rf "$scratch"' EXIT
exec 9>"$cache/lock" && flock 9
for name; do keep "$name"; done
