import { type ChildProcess, spawn } from 'node:child_process';
import type { Lab } from '../../lab/lab.ts';
import { sleep, until } from '../../lab/lab.ts';

/** A frame as tcpdump sees it on the provider's side of the wire. */
export interface Frame {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** What passes on `wire` while something is done, of what the filter lets through. */
export async function heard(lab: Lab, filter: string, work: () => unknown): Promise<Frame[]> {
  const command = ['netns', 'exec', lab.isp, 'tcpdump', '-nnelt', '--immediate-mode', '-i', 'wire', filter];
  const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk));
  try {
    await until('tcpdump to listen', () => text.stderr.includes('listening on'));
    await work();
    await sleep(200);
  } finally {
    await ended(child);
  }
  return text.stdout.split('\n').flatMap(readFrame);
}

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGINT');
  await gone;
}

function readFrame(line: string): Frame[] {
  const match = /^(\S+) > (\S+), (?:ethertype )?(.*)$/.exec(line);
  return match
    ? [{ from: match[1]!.toUpperCase(), to: match[2]!.replace(/,$/, '').toUpperCase(), text: match[3]! }]
    : [];
}
