#!/bin/sh
# The first program of an emulated router, from its initramfs: what every Linux has to have, then /try, which came with the packages.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mkdir -p /tmp/run/ubus
while read -r module; do insmod "/lib/modules/$module"; done </lib/modules/order
ip link set lo up
exec </dev/null >/dev/console 2>&1
sh /try
sync
poweroff -f
