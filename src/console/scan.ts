import { print } from '../routeros/print.ts';
import { Fault } from '../routeros/scanner.ts';
import type { Item, Sheet } from '../routeros/table.ts';
import type { Table } from '../ubus/blob.ts';
import type { Other } from './commands.ts';
import type { Session } from './session.ts';

const COLUMNS = ['service', 'mac-address', 'ac-name', 'error'].map((name) => ({ name }));
const SHEET: Sheet = { columns: COLUMNS, properties: COLUMNS, flags: [], remarks: [] };

/** Who serves PPPoE on an interface. The interface may stand alone. */
export async function scan(session: Session, { menu, statement }: Other): Promise<void> {
  if (!menu) throw new Fault(`bad command name ${statement.command}`, statement);
  const named = (name: string) => session.drive(session.interpreter.named(statement, name));
  const words = await session.drive(session.interpreter.words(statement));
  const [where, more] = [await named('interface'), ...words].filter((name) => name !== undefined);
  if (where === undefined) throw new Fault('missing value(s) of argument(s) interface', statement);
  if (more !== undefined) throw new Fault('scan means one interface', statement);
  const duration = await named('duration');
  const args = { interface: where, ...(duration !== undefined && { duration }) };
  const data = await session.call(menu.object, 'scan', args, statement);
  const { json, live, width, write } = session.options;
  const servers = data.servers as Table[];
  if (json) session.writeJson(data);
  else if (live && servers.length === 0) write(`no server answered on ${where}\n`);
  else write(print(servers.map(itemOf), SHEET, { form: 'table', width: width(), fit: live ?? false }));
}

function itemOf({ service, mac_address, ac_name, error = '' }: Table): Item {
  const values = { service, 'mac-address': mac_address, 'ac-name': ac_name, error };
  return { id: '', flags: {}, values: values as Item['values'] };
}
