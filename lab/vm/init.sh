#!/bin/sh
# The first program of the machine, from its initramfs: a root that looks like the host's (its files by 9p) and takes writes, kept
# in memory by an overlay; then inside.sh in it.
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
read -r release </proc/sys/kernel/osrelease
for module in virtio_pci 9pnet_virtio 9p overlay; do modprobe "$module"; done
mkdir -p /host /mnt
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host
mount -t tmpfs -o size=80% scratch /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/host,upperdir=/mnt/upper,workdir=/mnt/work root /mnt/root
cd /mnt/root || exit
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t devtmpfs dev dev
mount -t tmpfs run run
mkdir -p dev/pts run/netns run/box usr/lib/modules
mount -t devpts devpts dev/pts
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none box run/box
# The kernel's own modules, unpacked by the set-up.
ln -sfn "$(cat run/box/modules)/$release" "usr/lib/modules/$release"
exec switch_root /mnt/root /bin/sh /run/box/inside
