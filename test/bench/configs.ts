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

/** Another subnet for each number. */
export const addressOf = (n: number) => `10.${n >> 8}.${n & 255}.2`;
const gatewayOf = (n: number) => `10.${n >> 8}.${n & 255}.1`;

/** A static address on each of them; `option` is a line of all. */
export function addresses(count: number, option: string, hasGateway = false): string {
  return sections(
    count,
    (n) => `config address 'address_${n + 1}'
	option interface 'm${n}'
	option address '${addressOf(n)}/24'
	${option}
${hasGateway ? `	option gateway '${gatewayOf(n)}'\n` : ''}`,
  );
}

/** Macvlans with an address and a gateway each; nothing new leaves by them, for a route with so many ways is nobody's. */
export function routedLines(count: number): string {
  return `${macvlans(count)}\n${addresses(count, "option default_route_distance '255'", true)}`;
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

/** Their addresses, and with `isRouted` what makes a line's source leave by it: its own table, and two rules. */
export function batchOfAddresses(count: number, isRouted: boolean): string {
  const lines = (_: unknown, n: number) => {
    const [dev, table, source] = [`dev m${n}`, `table ${28022000 + n}`, addressOf(n)];
    const address = `address add ${source}/24 broadcast + ${dev}\n`;
    if (!isRouted) return address;
    return `${address}route add ${source.replace(/2$/, '0')}/24 ${dev} src ${source} ${table}
route add default via ${gatewayOf(n)} ${dev} src ${source} ${table}
rule add from ${source} ${table} priority 801 suppress_prefixlength 0
rule add from ${source} ${table} priority 803
`;
  };
  return Array.from({ length: count }, lines).join('');
}
