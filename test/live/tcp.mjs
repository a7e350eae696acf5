import { appendFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';

/**
 * A host's TCP, run in its namespace. `serve PORT`: answer each line with the address of who sent it. `call ADDRESS PORT FILE
 * COUNT [SOURCE]`: so many connections, each of which asks five times a second and writes what it hears into FILE, behind
 * its number.
 */
const [role, ...args] = process.argv.slice(2);

if (role === 'serve') {
  createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(`${socket.remoteAddress.replace('::ffff:', '')}\n`));
  }).listen(Number(args[0]));
}

if (role === 'call') {
  const [host, port, file, count, localAddress] = args;
  for (let n = 0; n < Number(count); n++) {
    const socket = createConnection({ host, port: Number(port), localAddress });
    const ask = () => socket.write('?');
    socket.on('connect', () => ask() && setInterval(ask, 200));
    // Two answers may come as one piece.
    socket.on('data', (data) => appendFileSync(file, String(data).replace(/.+/g, (address) => `${n} ${address}`)));
    socket.on('error', (error) => appendFileSync(file, `${n} ${error.message}\n`));
  }
}
