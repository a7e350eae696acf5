import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../src/bytes/hex.ts';
import { arpRequest, arpSender } from '../../src/daemon/arp.ts';

const arp = suite('arp');

// What `arping -D` of busybox sent. RFC 826 leaves the target's MAC address open: arping writes ones there, we zeros.
const PROBE = 'ffffffffffff0200000000010806000108000604000102000000000100000000ffffffffffffc000020a';

arp('a probe asks for an address without having one', () => {
  const expected = `${PROBE.slice(0, 64)}000000000000${PROBE.slice(76)}`.padEnd(120, '0');
  assert.is(toHex(arpRequest('02:00:00:00:00:01', '0.0.0.0', '192.0.2.10')), expected);
});

arp('who sent a frame is told by it', () => {
  assert.equal(arpSender(fromHex(PROBE)), { mac: '02:00:00:00:00:01', address: '0.0.0.0' });
  const request = arpRequest('02:00:00:00:00:01', '192.0.2.10', '192.0.2.1');
  assert.equal(arpSender(request), { mac: '02:00:00:00:00:01', address: '192.0.2.10' });
});

arp.run();
