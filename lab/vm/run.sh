#!/usr/bin/env bash
# A command under Debian's own kernel for x86_64, in an emulated machine: it has PPP, 802.1Q and nftables together, which neither
# this machine's kernel nor User-Mode Linux may have.
#   bash lab/vm/run.sh [--limit SECONDS] COMMAND [ARGUMENT…]
# As lab/uml/run.sh: files, folder and environment of the caller, nothing that is written stays; 124: no end within the limit;
# 125: no such machine here, with the reason. Emulation takes ten times as long as the machine itself.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
title=vm box=$cache/vm-box mark=MACVLAN_VM
. "$here/../guest.sh"

possible() {
  command -v qemu-system-x86_64 >/dev/null && [ -e "$cache/vm/initrd" ] ||
    cannot 'no qemu-system-x86_64 or no kernel for it: run lab/setup.sh --with-vm'
}

boot() {
  local share='security_model=none,multidevs=remap'
  cp "$here/inside.sh" "$box/inside"
  echo "$cache/vm/lib/modules" >"$box/modules"
  exec qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -no-user-config -no-reboot -display none \
    -kernel "$cache/vm/vmlinuz" -initrd "$cache/vm/initrd" -append 'console=ttyS1 quiet loglevel=3 panic=-1 mitigations=off' \
    -chardev stdio,id=out,signal=off -serial chardev:out -serial "file:$box/kernel" \
    -fsdev "local,id=host,path=/,readonly=on,$share" -device virtio-9p-pci,fsdev=host,mount_tag=host \
    -fsdev "local,id=box,path=$box,$share" -device virtio-9p-pci,fsdev=box,mount_tag=box \
    -device virtio-rng-pci
}

guest "$@"
