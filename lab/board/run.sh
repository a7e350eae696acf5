#!/usr/bin/env bash
# Boot an emulated router of one of OpenWrt's package architectures, made by lab/board.sh, to the end of what it has to do:
#   bash lab/board/run.sh ARCHITECTURE FOLDER TAP
# FOLDER is laid over its root; /try in it is what it runs, whose output comes to standard output. Its only port is on the tap
# device TAP of this network namespace. It has the memory of a small router, 64 MB, where its kernel can do with that.
set -euo pipefail
cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
architecture=$1 folder=$2 tap=$3

# Program, board, console and memory; Debian's kernels for ARM are large.
case $architecture in
  mips_24kc) machine=(qemu-system-mips -M malta -cpu 24Kf -m 64) console=ttyS0 ;;
  mipsel_24kc) machine=(qemu-system-mipsel -M malta -cpu 24Kf -m 128) console=ttyS0 ;;
  arm_cortex-a7_neon-vfpv4) machine=(qemu-system-arm -M 'virt,highmem=off' -cpu cortex-a7 -m 256) console=ttyAMA0 ;;
  aarch64_*) machine=(qemu-system-aarch64 -M virt -cpu cortex-a53 -m 256) console=ttyAMA0 ;;
  *) echo "board: no board for $architecture" >&2; exit 2 ;;
esac
board=$cache/board/$architecture
[ -e "$board/initrd" ] || { echo "board: nothing made for $architecture: run lab/board.sh $architecture" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$folder" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) | gzip -1 >"$scratch/more"
# The kernel unpacks one archive after the other; each has to begin at a multiple of four.
cp "$board/initrd" "$scratch/initrd"
truncate -s %4 "$scratch/initrd"
cat "$scratch/more" >>"$scratch/initrd"
"${machine[@]}" -accel tcg -nodefaults -no-user-config -no-reboot -display none -serial stdio \
  -kernel "$board/kernel" -initrd "$scratch/initrd" -append "console=$console quiet loglevel=3 panic=-1" \
  -netdev "tap,id=port,ifname=$tap,script=no,downscript=no" -device virtio-net-pci,netdev=port,romfile= </dev/null
