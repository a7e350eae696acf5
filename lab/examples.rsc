# The manual's first examples: a macvlan on ether1, and a DHCP client on each of the two.
/interface macvlan
add interface=ether1 name=macvlan1
/interface macvlan print
/ip dhcp-client
add interface=ether1
add interface=macvlan1
