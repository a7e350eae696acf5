#!/bin/sh
# The first program under User-Mode Linux: a root that looks like the host's and takes writes, then $BOX/command.
# hostfs shows the host's files; the overlay keeps what is written in memory. The lower folder must be a mount of its own
# (one inside / gives ELOOP), and the root is pivoted, not chrooted, or the kernel does not find modprobe.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
do=busybox
status() { echo "$1" >/run/box/status; }

$do mount -t proc proc /proc
read -r release </proc/sys/kernel/osrelease
$do insmod "/usr/lib/uml/modules/$release/kernel/fs/overlayfs/overlay.ko"
$do mount -t tmpfs scratch /mnt
$do mkdir /mnt/host /mnt/upper /mnt/work /mnt/root
$do mount -t hostfs -o / host /mnt/host
$do mount -t overlay -o lowerdir=/mnt/host,upperdir=/mnt/upper,workdir=/mnt/work root /mnt/root

cd /mnt/root || exit
$do mount -t proc proc proc
$do mount -t sysfs sysfs sys
$do mount -t devtmpfs dev dev
$do mount -t tmpfs run run
$do mkdir -p dev/pts run/netns run/box run/old usr/lib/modules
$do mount -t devpts devpts dev/pts
$do mount -t hostfs -o "$BOX" box run/box
$do pivot_root . run/old
cd / && $do umount -l run/old
status ''

$do ln -s "/usr/lib/uml/modules/$release" /usr/lib/modules/
$do ln -sf "$(command -v busybox)" /usr/sbin/modprobe
# What nobody asks for in a way that makes the kernel load it. The others come when a link of their kind is made.
$do modprobe -a ipv6 ppp_generic
ip link set lo up
# Lines end as they were written.
$do stty -opost

bash /run/box/command
status $?
# That the output is out.
$do stty opost
# The kernel's own good-bye is not the command's output.
echo 0 >/proc/sys/kernel/printk
$do poweroff -f
