/** How udhcpc is run for one client. Options of busybox 1.30 and later. */

/** DHCP options asked for: RouterOS's list (1, 3, 6, 15, 42, 121) as far as busybox names them. */
const REQUESTED = ['subnet', 'router', 'dns', 'domain', 'ntpsrv', 'staticroutes'];

/** Seconds between discovers, their number in a row, and the pause before the next row. */
const [INTERVAL, DISCOVERS, PAUSE] = [3, 3, 10];

export interface ClientPlace {
  readonly key: string;
  readonly ifname: string;
  /** The link's MAC: it is the client identifier too, so that a line with a new MAC is a new client. */
  readonly mac: string;
  readonly runDir: string;
  readonly scripts: string;
}

/** argv of the client. The pid file names the run directory and the key: by it a later daemon knows the child as its own. */
export function argv({ key, ifname, mac, runDir, scripts }: ClientPlace): string[] {
  return [
    'udhcpc',
    '-f',
    '-R',
    '-o',
    '-i',
    ifname,
    '-p',
    `${runDir}/clients/${key}`,
    '-s',
    `${scripts}/udhcpc.script`,
    '-T',
    String(INTERVAL),
    '-t',
    String(DISCOVERS),
    '-A',
    String(PAUSE),
    ...REQUESTED.flatMap((option) => ['-O', option]),
    '-x',
    `0x3d:01${mac.replaceAll(':', '').toLowerCase()}`,
  ];
}
