# The manual's first three examples: one macvlan on ether1, a lease for each, and two more lines.
/interface macvlan
add interface=ether1 name=macvlan1
/ip dhcp-client
add interface=ether1
add interface=macvlan1
