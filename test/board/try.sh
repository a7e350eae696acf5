#!/bin/sh
# What an emulated router does, with our packages in place: what it prints is read by board.test.ts.
say() { echo "say $*"; }
uptime() { cut -d' ' -f1 /proc/uptime; }
# until SECONDS COMMAND…: tried until it succeeds.
until_() {
  tries=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}
has_address() { ip -4 addr show dev "$1" | grep -q inet; }
clients() { pidof udhcpc | tr ' ' '\n' | sort -n | tr '\n' ' '; }
# The program is a script that becomes the engine.
daemon() { pidof qjs | tr ' ' '\n' | while read -r pid; do grep -q macvland.mjs "/proc/$pid/cmdline" && echo "$pid"; done; }

say machine "$(uname -m)" "$(uname -r)"
say memory "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
qjs --strip-source /usr/lib/macvlan/ubusd.mjs &
until_ 60 test -S /var/run/ubus/ubus.sock || say 'no broker'
cat >/etc/config/macvlan <<'X'
config macvlan 'macvlan1'
	option interface 'eth0'
	option mac_address '02:00:00:00:01:01'

config macvlan 'macvlan2'
	option interface 'eth0'
	option mac_address '02:00:00:00:01:02'

config macvlan 'macvlan3'
	option interface 'eth0'
	option mac_address '02:00:00:00:01:03'

config dhcp_client
	option interface 'macvlan1'

config dhcp_client
	option interface 'macvlan2'

config address
	option interface 'macvlan3'
	option address '203.0.113.20/24'
X
say begun "$(uptime)"
macvland 2>/tmp/log &
for n in 1 2 3; do until_ 60 has_address macvlan$n || say "macvlan$n without an address"; done
say leased "$(uptime)"
for n in 1 2 3; do
  say address macvlan$n "$(ip -4 addr show dev macvlan$n | awk '/inet/ { print $2 }')" "$(cat /sys/class/net/macvlan$n/address)"
done
for n in 1 2 3; do
  address=$(ip -4 addr show dev macvlan$n | awk '/inet/ { sub("/.*", "", $2); print $2 }')
  ping -c 1 -W 5 -I "$address" 203.0.113.1 >/dev/null && say pinged macvlan$n
done
say bound "$(macvlan /ip dhcp-client print count-only where status=bound)"
pid=$(daemon)
say rss "$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")" "$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status")"

before=$(clients)
kill -9 "$pid"
sleep 1
say without "$(ip -4 addr show dev macvlan1 | awk '/inet/ { print $2 }')" "$([ "$before" = "$(clients)" ] && echo same)"
macvland 2>>/tmp/log &
until_ 60 sh -c 'macvlan status | grep -q running' || say 'no daemon again'
say adopted "$(macvlan /ip dhcp-client print count-only where status=bound)" "$([ "$before" = "$(clients)" ] && echo same)"

macvlan /interface macvlan remove macvlan2 && say removed
macvlan "/interface macvlan add interface=eth0 name=wanted" && macvlan "/ip dhcp-client add interface=wanted"
until_ 60 has_address wanted && say added
kill "$(daemon)"
sleep 1
macvland --down 2>>/tmp/log
until_ 60 sh -c '! ip link | grep -q @eth0' && say 'nothing left'
say clients "$(clients)"
say end
cat /tmp/log
