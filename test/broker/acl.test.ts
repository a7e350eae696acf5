import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Acl, type Peer, parseAcl } from '../../src/broker/acl.ts';

const accounts = {
  uids: new Map([
    ['root', 0],
    ['nobody', 65534],
  ]),
  gids: new Map([['dialout', 20]]),
};
const nobody: Peer = { uid: 65534, gid: 65534, groups: [20, 21], user: 'nobody', group: 'nogroup' };
const other: Peer = { uid: 1000, gid: 1000, groups: [], user: 'other', group: 'other' };
const root: Peer = { uid: 0, gid: 0, groups: [], user: 'root', group: 'root' };

function rules(file: object): Acl {
  return new Acl(parseAcl(JSON.stringify(file), accounts) ?? []);
}

const Rules = suite('ACL files');

const calls: [title: string, file: object, path: string, method: string, allowed: boolean][] = [
  ['a method by name', { user: 'nobody', access: { a: { methods: ['m'] } } }, 'a', 'm', true],
  ['another method', { user: 'nobody', access: { a: { methods: ['m'] } } }, 'a', 'n', false],
  ['every method', { user: 'nobody', access: { a: { methods: ['*'] } } }, 'a', 'n', true],
  ['a star in a method is nothing special', { user: 'nobody', access: { a: { methods: ['m*'] } } }, 'a', 'mm', false],
  ['paths that begin so', { user: 'nobody', access: { 'a.*': { methods: ['m'] } } }, 'a.b', 'm', true],
  ['the beginning itself', { user: 'nobody', access: { 'a*': { methods: ['m'] } } }, 'a', 'm', true],
  ['another path', { user: 'nobody', access: { 'a.*': { methods: ['m'] } } }, 'b', 'm', false],
  ['every path', { user: 'nobody', access: { '*': { methods: ['m'] } } }, 'b', 'm', true],
  ['a supplementary group', { group: 'dialout', access: { a: { methods: ['m'] } } }, 'a', 'm', true],
  [
    'a user comes before a group',
    { user: 'root', group: 'dialout', access: { a: { methods: ['m'] } } },
    'a',
    'm',
    false,
  ],
  ['an unknown user', { user: 'who', access: { a: { methods: ['m'] } } }, 'a', 'm', false],
  ['neither user nor group', { access: { a: { methods: ['m'] } } }, 'a', 'm', false],
  ['methods that are no list', { user: 'nobody', access: { a: { methods: 'm' } } }, 'a', 'm', false],
  ['access that is no table', { user: 'nobody', access: ['a'] }, 'a', 'm', false],
  ['an entry that is no table', { user: 'nobody', access: { a: ['m'] } }, 'a', 'm', false],
  ['a user that is no text', { user: 65534, group: 'dialout', access: { a: { methods: ['m'] } } }, 'a', 'm', true],
  ['an empty path', { user: 'nobody', access: { '': { methods: ['*'] } } }, '', 'm', false],
];
for (const [title, file, path, method, allowed] of calls) {
  Rules(`${title}: ${allowed ? 'may' : 'may not'} be called`, () => {
    assert.is(rules(file).allowsCall(nobody, path, method), allowed);
    assert.is(rules(file).allowsCall(other, path, method), false);
    assert.is(rules(file).allowsCall(root, path, method), true);
  });
}

Rules('publish, subscribe, listen and send are granted each on its own', () => {
  const uses = ['publish', 'subscribe', 'listen', 'send'] as const;
  for (const use of uses) {
    const acl = rules({ user: 'nobody', [use]: ['a.*', 7, ''] });
    for (const asked of uses) assert.is(acl.allows(nobody, asked, 'a.b'), asked === use);
    assert.not(acl.allows(nobody, use, 'b'));
    assert.not(acl.allows(other, use, 'a.b'));
  }
});

Rules('several rules for one path add up', () => {
  const files = [
    { user: 'nobody', access: { a: { methods: ['m'] } } },
    { user: 'nobody', access: { 'a*': { methods: ['n'] } } },
  ];
  const acl = new Acl(files.flatMap((file) => parseAcl(JSON.stringify(file), accounts)!));
  assert.ok(acl.allowsCall(nobody, 'a', 'm') && acl.allowsCall(nobody, 'a', 'n'));
});

Rules('tables are told with whom they concern, in the order of their paths', () => {
  const acl = rules({
    user: 'nobody',
    access: { 'a.*': { acl: { n: 1 } }, 'a*': { acl: { n: 2 } }, b: { acl: { n: 3 } }, 'a.b': { tags: [] } },
  });
  assert.equal(
    acl.tables('a.b').map(({ obj, user, acl: table }) => ({ obj, user, table })),
    [
      { obj: 'a.b', user: 'nobody', table: { n: 2 } },
      { obj: 'a.b', user: 'nobody', table: { n: 1 } },
    ],
  );
});

for (const text of ['', '{', '[]', 'null', '"x"', '{"user": "nobody",}']) {
  Rules(`no ACL file: ${text}`, () => assert.is(parseAcl(text, accounts), undefined));
}

Rules.run();
