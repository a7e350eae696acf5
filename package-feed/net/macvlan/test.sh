#!/bin/sh
# For the runtime tests of OpenWrt's packages feed: there is no ubus and no procd, and macvland says so by itself.
# $1: the package; $2: its version.
case $1 in
macvlan)
	[ "$(macvland --version)" = "macvland ${2%-r*}" ] || exit 1
	[ "$(macvlan --version)" = "macvlan ${2%-r*}" ] || exit 1
	# The module is found and loads, and a configuration is understood.
	mkdir -p /tmp/macvlan-test/config
	printf "config macvlan 'm1'\n\toption interface 'eth0'\n" > /tmp/macvlan-test/config/macvlan
	macvland --plan -c /tmp/macvlan-test/config -r /tmp/macvlan-test/run || exit 1
	rm -r /tmp/macvlan-test
	;;
esac
