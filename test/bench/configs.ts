/** Configuration files of a given size. */

export const lastLink = (count: number) => `m${count - 1}`;

/** Always the same address for the same number. */
export function mac(n: number): string {
  const hex = (byte: number) => byte.toString(16).padStart(2, '0').toUpperCase();
  return `02:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`;
}

/** So many macvlans on ether1, m0 and on, with nothing left to be generated. */
export function macvlans(count: number): string {
  return sections(
    count,
    (n) => `config macvlan 'macvlan_${n + 1}'
	option name 'm${n}'
	option interface 'ether1'
	option mac_address '${mac(n)}'
`,
  );
}

/** A DHCP client on each of them. */
export function clients(count: number): string {
  return sections(
    count,
    (n) => `config dhcp_client 'dhcp_client_${n + 1}'
	option interface 'm${n}'
`,
  );
}

function sections(count: number, section: (n: number) => string): string {
  return Array.from({ length: count }, (_, n) => section(n)).join('\n');
}

/** The same macvlans for `ip -batch`. */
export function batch(count: number): string {
  const line = (_: unknown, n: number) =>
    `link add m${n} link ether1 address ${mac(n)} mtu 1500 group 28022 up type macvlan mode bridge\n`;
  return Array.from({ length: count }, line).join('');
}
