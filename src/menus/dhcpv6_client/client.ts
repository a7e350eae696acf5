/** How odhcp6c is run for one client. */

export interface Client {
  readonly key: string;
  readonly ifname: string;
  readonly mac: string;
  readonly runDir: string;
  readonly scripts: string;
  readonly request: readonly string[];
  readonly prefixHint?: string | undefined;
}

/**
 * DUID-LL (RFC 8415 11.4) of the line's own MAC: the same after a reboot, another for each line. odhcp6c makes the IAID
 * of the link's name, which is as lasting.
 */
export function duidOf(mac: string): string {
  return `00030001${mac.replaceAll(':', '').toLowerCase()}`;
}

/** argv of the client. It writes no pid file in the foreground; by this one a later daemon knows the child as its own. */
export function argv({ key, ifname, mac, runDir, scripts, request, prefixHint }: Client): string[] {
  return [
    'odhcp6c',
    '-s',
    `${scripts}/odhcp6c.script`,
    '-p',
    `${runDir}/clients/${key}`,
    '-c',
    duidOf(mac),
    '-N',
    request.includes('address') ? 'try' : 'none',
    ...(request.includes('prefix') ? ['-P', prefixHint ?? '0'] : []),
    ifname,
  ];
}
