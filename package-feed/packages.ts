import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Control, Package } from './ipk.ts';
import { printCatalog } from './lmo.ts';
import { catalogOf, LANGUAGES } from './translations.ts';

export const ARCHITECTURES = [
  'mips_24kc',
  'mipsel_24kc',
  'arm_cortex-a7_neon-vfpv4',
  'aarch64_cortex-a53',
  'aarch64_generic',
  'x86_64',
] as const;

export const { version: VERSION, license: LICENSE } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  string,
  string
>;
/** Below the first one that OpenWrt has itself (25.12), so that theirs is taken where it is. */
const ENGINE_VERSION = '2025.04.26-r1';

const MAINTAINER = 'openwrt-macvlan <openwrt-macvlan@users.noreply.github.com>';
const common = { Maintainer: MAINTAINER, License: LICENSE! };
/** What OpenWrt's own packages begin and end with (base-files, default_postinst and default_prerm). */
const POSTINST = `#!/bin/sh
[ "\${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
default_postinst $0 $@
`;
const PRERM = `#!/bin/sh
[ -s "\${IPKG_INSTROOT}/lib/functions.sh" ] || exit 0
. \${IPKG_INSTROOT}/lib/functions.sh
default_prerm $0 $@
`;
/** What the daemon kept in memory goes with the last version. */
const POSTRM = `#!/bin/sh
[ -n "\${IPKG_INSTROOT}" ] && exit 0
[ "\${PKG_UPGRADE}" = "1" ] || rm -rf /var/run/macvlan
exit 0
`;
/** opkg leaves the folder that two packages have. */
const RMDIR = `#!/bin/sh
rmdir "\${IPKG_INSTROOT}/usr/lib/macvlan" 2>/dev/null
exit 0
`;
/** LuCI keeps what its menu is made of. */
const LUCI = `#!/bin/sh
[ -n "\${IPKG_INSTROOT}" ] || {
	rm -f /tmp/luci-indexcache.*
	rm -rf /tmp/luci-modulecache/
	/etc/init.d/rpcd reload 2>/dev/null
}
exit 0
`;
/** rpcd reads the rights of sessions when it is told to. */
const RPCD = `#!/bin/sh
[ -n "\${IPKG_INSTROOT}" ] || /etc/init.d/rpcd reload 2>/dev/null
exit 0
`;
const scripts = { postinst: POSTINST, prerm: PRERM };

type Files = Package['files'];

/** All packages for an architecture; `native` has what was built for it, \`key\` is the public key of the feed. */
export function packagesFor(architecture: string, native: string, key: { id: string; path: string }): Package[] {
  return [
    {
      control: {
        Package: 'macvlan',
        Version: `${VERSION}-r1`,
        Depends: 'libc, quickjs, macvlan-libc, kmod-macvlan',
        ...from('net/macvlan'),
        ...common,
        Section: 'net',
        Architecture: 'all',
        Description: `Many independent lines on one port, as RouterOS has them
Virtual interfaces with MAC addresses of their own, each with its DHCP lease, static
address or PPPoE session, all usable at once; by UCI, ubus, or RouterOS commands.`,
      },
      files: program(),
      conffiles: ['/etc/config/macvlan'],
      scripts: { ...scripts, 'postinst-pkg': RPCD, postrm: POSTRM },
    },
    {
      control: {
        Package: 'macvlan-libc',
        Version: `${VERSION}-r1`,
        Depends: 'libc, quickjs',
        ...from('net/macvlan-libc'),
        ...common,
        Section: 'net',
        Architecture: architecture,
        Description: 'The module by which macvland calls the C library',
      },
      files: [{ to: 'usr/lib/macvlan/libc.so', from: join(native, 'libc.so'), mode: 0o755 }],
      scripts: { ...scripts, postrm: RMDIR },
    },
    {
      control: {
        Package: 'quickjs',
        Version: ENGINE_VERSION,
        Depends: 'libc',
        ...from('lang/quickjs'),
        ...common,
        License: 'MIT',
        Section: 'lang',
        URL: 'https://bellard.org/quickjs/',
        Architecture: architecture,
        Description: 'QuickJS, a small JavaScript engine: its program qjs',
      },
      files: [{ to: 'usr/bin/qjs', from: join(native, 'qjs'), mode: 0o755 }],
      scripts,
    },
    {
      control: {
        Package: 'luci-app-macvlan',
        Version: `${VERSION}-r1`,
        Depends: 'libc, luci-base, macvlan',
        ...from('luci-app-macvlan'),
        ...common,
        Section: 'luci',
        Architecture: 'all',
        Description: 'LuCI: MACVLAN lines',
      },
      files: pages(),
      scripts: { ...scripts, 'postinst-pkg': LUCI },
    },
    ...Object.keys(LANGUAGES).map(translation),
    {
      control: {
        Package: 'macvlan-keyring',
        Version: `${VERSION}-r1`,
        Depends: 'libc',
        ...from('base/macvlan-keyring'),
        ...common,
        Section: 'base',
        Architecture: 'all',
        Description: 'The key that the feed of macvlan is signed with',
      },
      files: [{ to: `etc/opkg/keys/${key.id}`, from: key.path, mode: 0o644 }],
      scripts,
    },
  ];
}

/** As luci.mk lays them out; translations are packages of their own there. */
function pages(): Files {
  const app = 'package-feed/luci-app-macvlan';
  const at = (folder: string, into: string) =>
    tree(`${app}/${folder}`).map((path) => ({ to: `${into}${path}`, from: `${app}/${folder}/${path}`, mode: 0o644 }));
  return [...at('htdocs', 'www/'), ...at('root', '')];
}

/** A language of the pages, as luci.mk makes one. */
function translation(language: string): Package {
  const { code, name } = LANGUAGES[language]!;
  const title = `luci-i18n-macvlan-${code}`;
  const { said, forms } = catalogOf(language);
  const known = `uci set luci.languages.${code.replace('-', '_')}='${name}'; uci commit luci\n`;
  return {
    control: {
      Package: title,
      Version: `${VERSION}-r1`,
      Depends: 'libc, luci-app-macvlan',
      ...from('luci-app-macvlan'),
      ...common,
      Section: 'luci',
      Architecture: 'all',
      Description: `Translation for luci-app-macvlan - ${name}`,
    },
    files: [
      { to: `etc/uci-defaults/${title}`, content: known, mode: 0o644 },
      { to: `usr/lib/lua/luci/i18n/macvlan.${code}.lmo`, content: printCatalog(said, forms), mode: 0o644 },
    ],
    scripts: { ...scripts, 'postinst-pkg': LUCI },
  };
}

function from(path: string): Pick<Control, 'Source' | 'SourceName'> {
  return { Source: `feeds/macvlan/${path}`, SourceName: path.split('/').pop()! };
}

/** Of files/ all but what is for machines with systemd, the bundles, and what others call. */
function program(): Files {
  const root = tree('files')
    .filter((to) => !to.startsWith('usr/lib/systemd/'))
    .map((to) => ({ to, from: join('files', to), mode: modeOf(to) }));
  const bundles = readdirSync('dist/qjs')
    .filter((name) => /\.(?:mjs|script)$/.test(name))
    .map((name) => ({
      to: `usr/lib/macvlan/${name}`,
      from: `dist/qjs/${name}`,
      mode: name.endsWith('.mjs') ? 0o644 : 0o755,
    }));
  const hooks = ['net', 'iface'].map((type) => ({
    to: `etc/hotplug.d/${type}/30-macvlan`,
    from: `hotplug/${type}/30-macvlan`,
    mode: 0o644,
  }));
  return [...root, ...bundles, ...hooks];
}

/** As INSTALL_CONF, INSTALL_BIN and INSTALL_DATA have them. */
function modeOf(path: string): number {
  if (path.startsWith('etc/config/')) return 0o600;
  return /^(?:etc\/init\.d|usr\/s?bin)\//.test(path) ? 0o755 : 0o644;
}

function tree(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name);
      return statSync(join(folder, path)).isDirectory() ? tree(folder, path) : [path];
    });
}
