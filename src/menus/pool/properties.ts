import { parseRange } from '../../bytes/range.ts';
import type { MenuDescription } from '../../model/menu.ts';
import { properties, type Values } from '../../model/properties.ts';
import { listOf, text, type ValueType, yesNo } from '../../model/types.ts';
import { comment } from '../properties.ts';

const range: ValueType<string> = {
  ...text('a range such as 192.0.2.10-192.0.2.99, an address, or a network such as 192.0.2.0/24'),
  parse: (value) => (parseRange(value) ? value : undefined),
};

/** /ip pool: addresses to hand out. */
export const poolProperties = properties({
  name: {
    type: text('a name'),
    cost: 'live',
    help: "what it is called; the section's name, or pool1, pool2, … when left out",
  },
  ranges: {
    type: listOf(range),
    required: true,
    cost: 'respawn',
    help: 'the addresses; those of the router itself and of gateways in them are left out',
  },
  next_pool: {
    type: text('the name of a pool'),
    cost: 'respawn',
    help: 'the pool to go on with when this one is used up',
  },
  comment,
  disabled: { type: yesNo, default: false, cost: 'respawn', help: 'whether nothing is taken from it' },
});

export type Pool = Values<typeof poolProperties> & { name: string };

export const poolDescription: MenuDescription = {
  type: 'pool',
  path: 'ip pool',
  object: 'macvlan.pool',
  key: 'name',
  properties: poolProperties,
  readOnly: {
    total: { kind: 'number', help: 'how many addresses are in its ranges' },
    about: { kind: 'text', help: 'one sentence why it cannot be used as it is' },
    invalid: { kind: 'yes-no', help: 'the section cannot be used as it is' },
  },
  flags: [
    { letter: 'X', label: 'DISABLED', value: 'disabled' },
    { letter: 'I', label: 'INVALID', value: 'invalid' },
  ],
  columns: ['name', 'ranges', 'total'],
  methods: [],
};
