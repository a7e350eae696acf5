import type { Place, Variable } from './scanner.ts';

/** What a script is made of, once read. */

/** One command, with every name written out. */
export interface Statement extends Place {
  kind: 'statement';
  /** `interface macvlan`; empty for the root. */
  menu: string;
  /** Undefined when the line only goes to the menu; `{` for a block of `statements`. */
  command: string | undefined;
  /** It is of RouterOS, and not ours. Its arguments have not been read then. */
  missing?: Missing;
  switches: string[];
  /** Numbers, names, `*1`, `[find …]`, in the order given; other words that stand alone. */
  items: Argument[];
  named: NamedArgument[];
  where: Where | undefined;
  statements?: Statement[];
}

/** Something of RouterOS that is not here: a menu, one of its commands or properties; a `:command` has no menu. */
export interface Missing {
  menu?: string;
  command?: string;
  property?: string;
}

export interface Argument extends Place {
  value: Value;
}

/** `name=value`; `!name` has no value. The place is the name's. */
export interface NamedArgument extends Place {
  name: string;
  value: Value | undefined;
}

/** A text as it stands, or what is worked out when the command is done. */
export type Value = string | Statement | Variable | Joined | Operation | List | Block;

/** `"macvlan$i"` */
export interface Joined {
  kind: 'joined';
  parts: Value[];
}

/** `($i + 1)`; one operand for `-`, `!` and `not`. */
export interface Operation extends Place {
  kind: 'operation';
  operator: string;
  operands: Value[];
}

/** `{1;2;3}`, or `("a", "b")` */
export interface List {
  kind: 'list';
  values: Value[];
}

/** `do={ … }` */
export interface Block {
  kind: 'block';
  statements: Statement[];
}

/** A condition on an item: `disabled and mtu>1400 and !(name~"^mac")`. */
export type Where =
  | { kind: 'and' | 'or'; terms: Where[] }
  | { kind: 'not'; of: Where }
  | ({ kind: 'compare'; property: string; operator: Operator; value: Value } & Place)
  | { kind: 'set'; property: string };

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=' | '~' | 'in';
