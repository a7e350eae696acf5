import { createSocket } from 'node:dgram';

/**
 * A DHCP server that answers a renewal with another address, as no free one does: `renumber.ts ADDRESS NEW`. It says on
 * standard output what it did.
 */
const [address, renewed] = process.argv.slice(2) as [string, string];
const [BOOTREPLY, MESSAGE_TYPE, SERVER_ID, LEASE_TIME, SUBNET_MASK, ROUTER, ACK, END] = [2, 53, 54, 51, 1, 3, 5, 255];
const OPTIONS = 240;

function bytes(text: string): number[] {
  return text.split('.').map(Number);
}

const socket = createSocket('udp4');
socket.on('message', (request, { address: client }) => {
  // Who has no address yet asks for another kind of answer.
  if (client === '0.0.0.0') return;
  const reply = Buffer.from(request.subarray(0, OPTIONS));
  reply[0] = BOOTREPLY;
  reply.set(bytes(renewed), 16); // yiaddr
  const options = [
    ...[MESSAGE_TYPE, 1, ACK, SERVER_ID, 4, ...bytes(address), LEASE_TIME, 4, 0, 0, 0, 120],
    ...[SUBNET_MASK, 4, 255, 255, 255, 0, ROUTER, 4, ...bytes(address), END],
  ];
  socket.send(Buffer.concat([reply, Buffer.from(options), Buffer.alloc(60)]), 68, client);
  console.log(`${client} is ${renewed} now`);
});
// By broadcast too: udhcpc asks so when it cannot ask the server alone.
socket.bind(67, () => console.log('ready'));
