import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import type { Change } from '../../src/uci/changes.ts';
import { UciError } from '../../src/uci/error.ts';
import type { Document } from '../../src/uci/parse.ts';
import { UciStore } from '../../src/uci/store.ts';
import { UciWriter } from '../../src/uci/writer.ts';
import { Disk } from './disk.ts';

const STORE = suite('uci/store');
const PATH = '/etc/config/macvlan';
const BEFORE = "config macvlan 'a'\n\toption mtu '1500'\n";
const AFTER = "config macvlan 'a'\n\toption mtu '1400'\n";

const setMtu = (): Change[] => [{ kind: 'set', section: 'a', option: 'mtu', value: '1400' }];

/** For reading and for writing, as the daemon has it. */
function store(disk: Disk): Pick<UciStore, 'read'> & Pick<UciWriter, 'change' | 'trust'> {
  const store = new UciStore(disk.machine, '/etc/config');
  const writer = new UciWriter(disk.machine, store);
  return {
    read: (name) => store.read(name),
    change: (name, decide, at) => writer.change(name, decide, at),
    trust: (name) => writer.trust(name),
  };
}

/** Nothing open, no temporary file, only these names. */
function assertClean(disk: Disk, names = [PATH]): void {
  assert.is(disk.openFiles, 0);
  assert.equal([...disk.names.keys()].sort(), names);
}

STORE('reads a file, and nothing where there is none', () => {
  const disk = new Disk();
  assert.is(store(disk).read('macvlan'), undefined);
  disk.put(PATH, BEFORE);
  const file = store(disk).read('macvlan')!;
  assert.is(file.text, BEFORE);
  assert.is(file.document.sections[0]!.name, 'a');
});

STORE('changes a file, keeps its mode, and leaves nothing behind', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE, 0o100640);
  const file = store(disk).change('macvlan', setMtu);
  assert.is(file.text, AFTER);
  assert.is(disk.text(PATH), AFTER);
  assert.is(disk.names.get(PATH)!.mode, 0o100640);
  assert.ok(disk.calls.indexOf('fsync') < disk.calls.indexOf('exchange'));
  assertClean(disk);
});

STORE('makes a file that only we can read', () => {
  const disk = new Disk();
  store(disk).change('macvlan', () => [{ kind: 'add', type: 'macvlan', name: 'a' }]);
  assert.is(disk.text(PATH), "config macvlan 'a'\n");
  assert.is(disk.names.get(PATH)!.mode, 0o100600);
  assertClean(disk);
});

for (const [title, decide] of [
  ['no changes', () => []],
  ['undefined', () => undefined],
  ['what is there already', () => [{ kind: 'set', section: 'a', option: 'mtu', value: '1500' } as Change]],
] as [string, () => Change[] | undefined][]) {
  STORE(`writes nothing for ${title}`, () => {
    const disk = new Disk();
    disk.put(PATH, BEFORE);
    assert.is(store(disk).change('macvlan', decide).text, BEFORE);
    assert.not(disk.calls.includes('write') || disk.calls.includes('exchange'));
    assertClean(disk);
  });
}

STORE('makes no file for no changes', () => {
  const disk = new Disk();
  assert.is(store(disk).change('macvlan', () => []).text, '');
  assertClean(disk, []);
});

STORE('takes what another program committed while we waited for the lock', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.before.set('flock', [() => disk.put(PATH, `${BEFORE}\toption mode 'private'\n`)]);
  assert.is(store(disk).change('macvlan', setMtu).text, `${AFTER}\toption mode 'private'\n`);
  assertClean(disk);
});

STORE('locks again when the file is replaced behind the lock', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const replace = () => disk.put(PATH, `# new\n${BEFORE}`);
  disk.before.set('fsync', [replace, replace]);
  assert.is(store(disk).change('macvlan', setMtu).text, `# new\n${AFTER}`);
  assert.is(disk.calls.filter((call) => call === 'flock').length, 3);
  assertClean(disk);
});

STORE('takes what an editor wrote in between, as often as it does so', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.before.set('exchange', [
    () => disk.put(PATH, `# one\n${BEFORE}`),
    () => disk.put(PATH, `# two\n${BEFORE}`),
    () => disk.put(PATH, `# three\n${BEFORE}`),
  ]);
  assert.is(store(disk).change('macvlan', setMtu).text, `# three\n${AFTER}`);
  assert.is(disk.text(PATH), `# three\n${AFTER}`);
  assertClean(disk);
});

STORE('asks again what to change when the file has changed, and gives it back when nothing is', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const other = "config macvlan 'b'\n";
  disk.before.set('exchange', [() => disk.put(PATH, other)]);
  const decide = (document: Document) => (document.sections[0]!.name === 'a' ? setMtu() : undefined);
  assert.is(store(disk).change('macvlan', decide).text, other);
  assert.is(disk.text(PATH), other);
  assertClean(disk);
});

STORE('renames where files cannot be exchanged', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.failures.set('exchange', [22, 22]);
  disk.before.set('exchange', [() => disk.put(PATH, `# one\n${BEFORE}`)]);
  assert.is(store(disk).change('macvlan', setMtu).text, `# one\n${AFTER}`);
  assert.is(disk.text(PATH), `# one\n${AFTER}`);
  assertClean(disk);
});

STORE('keeps the file that others wait to lock in its place', () => {
  const disk = new Disk();
  disk.put(PATH, `${BEFORE}# a longer text\n`);
  const old = disk.names.get(PATH)!;
  store(disk).change('macvlan', setMtu);
  assert.is(disk.names.get(PATH), old);
  assert.is(disk.text(PATH), `${AFTER}# a longer text\n`);
  assertClean(disk);
});

STORE('gives the new text to the file that others wait to lock, where it cannot stay in its place', () => {
  const disk = new Disk();
  disk.put(PATH, `${BEFORE}# a longer text\n`);
  const old = disk.names.get(PATH)!;
  disk.failures.set('exchange', [22]);
  store(disk).change('macvlan', setMtu);
  assert.is.not(disk.names.get(PATH), old);
  assert.is(toHex(old.bytes), toHex(disk.names.get(PATH)!.bytes));
  assertClean(disk);
});

STORE('takes what an editor wrote while the locked file was brought home', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.before.set('fsync', [() => {}, () => disk.put(PATH, `# late\n${AFTER}\toption mode 'private'\n`)]);
  assert.is(store(disk).change('macvlan', setMtu).text, `# late\n${AFTER}\toption mode 'private'\n`);
  assert.is(disk.text(PATH), `# late\n${AFTER}\toption mode 'private'\n`);
  assertClean(disk);
});

STORE('has the change on disk even when the locked file cannot be brought home', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.failures.set('fsync', [0, 28]);
  assert.is(store(disk).change('macvlan', setMtu).text, AFTER);
  assert.is(disk.text(PATH), AFTER);
  assertClean(disk);
});

STORE('takes what an editor that had the file open wrote into it when it was replaced already', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const old = disk.names.get(PATH)!;
  const append = () => {
    old.bytes = Uint8Array.from([...old.bytes, ...Array.from('# appended\n', (c) => c.charCodeAt(0))]);
  };
  disk.after.set('exchange', [append]);
  assert.is(store(disk).change('macvlan', setMtu).text, `${AFTER}# appended\n`);
  assert.is(disk.text(PATH), `${AFTER}# appended\n`);
  assertClean(disk);
});

STORE('sees that an editor carried our change along when it saved in between', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  // Read in the moment in which our text stood there, and saved with a line of its own.
  disk.after.set('exchange', [() => disk.put(PATH, `# mine\n${disk.text(PATH)}`)]);
  let asked = 0;
  const decide = (): Change[] => {
    asked++;
    return addB();
  };
  assert.is(store(disk).change('macvlan', decide).text, `# mine\n${ADDED}`);
  assert.is(asked, 1);
  assert.is(disk.text(PATH), `# mine\n${ADDED}`);
  assertClean(disk);
});

const addB = (): Change[] => [
  { kind: 'add', type: 'macvlan', name: 'b' },
  { kind: 'set', section: 'b', option: 'mtu', value: '1300' },
];
const ADDED = `${BEFORE}\nconfig macvlan 'b'\n\toption mtu '1300'\n`;

const TAKEN_BACK: { title: string; change: () => Change[]; stale: string; healed: string }[] = [
  { title: 'a section that was added', change: addB, stale: `# mine\n${BEFORE}`, healed: `# mine\n${ADDED}` },
  { title: 'a value that was set', change: setMtu, stale: `# mine\n${BEFORE}`, healed: `# mine\n${AFTER}` },
  {
    title: 'a removal',
    change: () => [{ kind: 'remove', section: 'a' }],
    stale: `${BEFORE}\n# mine\n`,
    healed: '# mine\n',
  },
  {
    title: 'an option that was deleted',
    change: () => [{ kind: 'delete', section: 'a', option: 'mtu' }],
    stale: `# mine\n${BEFORE}`,
    healed: "# mine\nconfig macvlan 'a'\n",
  },
];

for (const { title, change, stale, healed } of TAKEN_BACK) {
  STORE(`makes again what an editor without a lock has taken back: ${title}`, () => {
    const disk = new Disk();
    disk.put(PATH, BEFORE);
    const uci = store(disk);
    uci.change('macvlan', change);
    disk.put(PATH, stale);
    disk.now += 500;
    assert.is(uci.change('macvlan', () => []).text, healed);
    assert.is(disk.text(PATH), healed);
    // Once is enough, and a file that is as it should be is not written.
    const { length } = disk.calls;
    uci.change('macvlan', () => []);
    assert.not(disk.calls.slice(length).includes('write'));
  });
}

STORE('makes again what is taken back over and over, and what it looks for late', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const uci = store(disk);
  uci.change('macvlan', addB);
  for (let n = 0; n < 3; n++) {
    disk.put(PATH, BEFORE);
    disk.now += 900;
    assert.is(uci.change('macvlan', () => []).text, ADDED);
  }
  const due = disk.now + 150;
  disk.put(PATH, BEFORE);
  disk.now += 5000;
  assert.is(uci.change('macvlan', () => [], due).text, ADDED);
});

STORE('makes nothing again that was meant: another value, or what is taken back later', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const uci = store(disk);
  uci.change('macvlan', setMtu);
  disk.put(PATH, BEFORE.replace('1500', '1280'));
  assert.match(uci.change('macvlan', () => []).text, /1280/);
  disk.put(PATH, BEFORE);
  disk.now += 5000;
  assert.is(uci.change('macvlan', () => []).text, BEFORE);
});

STORE('makes nothing again in a file that was written anew, or that somebody says is meant', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const uci = store(disk);
  uci.change('macvlan', addB);
  disk.put(PATH, "config macvlan 'c'\n");
  assert.is(uci.change('macvlan', () => []).text, "config macvlan 'c'\n");
  disk.put(PATH, BEFORE);
  uci.trust('macvlan');
  assert.is(uci.change('macvlan', () => []).text, BEFORE);
});

STORE('shows a change the file as it is after ours was made again', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const uci = store(disk);
  uci.change('macvlan', addB);
  disk.put(PATH, BEFORE);
  uci.change('macvlan', (document) => {
    assert.equal(
      document.sections.map(({ name }) => name),
      ['a', 'b'],
    );
    return undefined;
  });
});

STORE('leaves the file alone that an editor has kept as its backup', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.before.set('fsync', [
    () => {
      disk.names.set(`${PATH}~`, disk.names.get(PATH)!);
      disk.put(PATH, BEFORE);
    },
  ]);
  store(disk).change('macvlan', setMtu);
  assert.is(disk.text(`${PATH}~`), BEFORE);
  assert.is(disk.text(PATH), AFTER);
});

STORE('follows symbolic links and leaves them', () => {
  const disk = new Disk();
  disk.put('/etc/config/real', BEFORE);
  disk.link('/etc/config/other', '/etc/config/real');
  disk.link(PATH, 'other');
  store(disk).change('macvlan', setMtu);
  assert.is(disk.text('/etc/config/real'), AFTER);
  assert.is(disk.names.get(PATH)!.link, 'other');
  assertClean(disk, [PATH, '/etc/config/other', '/etc/config/real']);
});

STORE('refuses links in a circle', () => {
  const disk = new Disk();
  disk.link(PATH, PATH);
  assert.throws(() => store(disk).change('macvlan', setMtu), /too many symbolic links/);
});

STORE('goes on when a signal interrupts', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  disk.failures.set('flock', [4, 4]);
  disk.failures.set('write', [4]);
  assert.is(store(disk).change('macvlan', setMtu).text, AFTER);
});

for (const call of ['open', 'flock', 'write', 'fchmod', 'fsync', 'rename']) {
  STORE(`leaves the file as it was when ${call} fails`, () => {
    const disk = new Disk();
    disk.put(PATH, BEFORE);
    disk.failures.set('exchange', [22]);
    disk.failures.set(call, [28]);
    assert.throws(
      () => store(disk).change('macvlan', setMtu),
      (error: unknown) => error instanceof UciError && error.message.endsWith(': ENOSPC'),
    );
    assert.is(disk.text(PATH), BEFORE);
    assertClean(disk);
  });
}

STORE('leaves the file as it was when the change cannot be made', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  assert.throws(() => store(disk).change('macvlan', () => [{ kind: 'remove', section: 'x' }]), /no section x/);
  assert.is(disk.text(PATH), BEFORE);
  assertClean(disk);
});

STORE('gives an editor its file back when the change cannot be made to what it wrote', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  const write = (text: string) => () => disk.put(PATH, text);
  disk.before.set('exchange', [write("config b 'one'\n"), write("config b 'two'\n"), write("config b 'three'\n")]);
  assert.throws(() => store(disk).change('macvlan', setMtu), /no section a/);
  assert.is(disk.text(PATH), "config b 'three'\n");
  assertClean(disk);
});

STORE('gives up on a file that never stays', () => {
  const disk = new Disk();
  disk.put(PATH, BEFORE);
  let n = 0;
  const write = () => disk.put(PATH, `# ${n++}\n${BEFORE}`);
  disk.before.set('fsync', Array(200).fill(write));
  assert.throws(() => store(disk).change('macvlan', setMtu), /is replaced faster than it can be written/);
});

for (const name of ['', '../passwd', 'a.b', 'a/b']) {
  STORE(`refuses the package name "${name}"`, () => {
    assert.throws(() => store(new Disk()).read(name), /cannot be the name of a package/);
  });
}

STORE('keeps bytes that are no UTF-8', () => {
  const disk = new Disk();
  // "# Gruesse" in Latin-1, a cut sequence, U+FFFD itself, a real surrogate pair's UTF-8
  const comment = fromHex('2320 4772fcdf65 20 e282 20 efbfbd 20 f09f9880 20 eda080 0a');
  const bytes = (text: string) => Uint8Array.from([...comment, ...Array.from(text, (c) => c.charCodeAt(0))]);
  disk.put(PATH, bytes(BEFORE));
  store(disk).change('macvlan', setMtu);
  assert.is(toHex(disk.names.get(PATH)!.bytes), toHex(bytes(AFTER)));
});

STORE('leaves nothing of a longer file behind, whose comments have more bytes than characters', () => {
  const disk = new Disk();
  const comment = `# ${'ü'.repeat(40)}\n`;
  disk.put(PATH, comment + BEFORE);
  store(disk).change('macvlan', () => [{ kind: 'delete', section: 'a', option: 'mtu' }]);
  assert.is(disk.text(PATH), `${comment}config macvlan 'a'\n`);
});

STORE.run();
