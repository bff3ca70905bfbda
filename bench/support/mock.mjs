/** The benches' mock server, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GRADE, MOCK_BINARY } from './peers.mjs';

/**
 * @param {{ faults: string, misaligned: string }} options in the mock's own words
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startMock({ faults, misaligned }) {
  const flags = [
    ...['--port', '0', '--latency-ms', '20', '--retry-after', '0.1', '--error-rate', faults],
    ...['--misaligned', misaligned, '--judge-regex', '$^', '--rubric-regex', 'alignment', '--rubric-text', GRADE],
  ];
  const child = spawn(MOCK_BINARY, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const url = await Promise.race([addressIn(child.stdout), addressIn(child.stderr)]);
  return {
    url: `http://${url}/v1`,
    stop: async () => {
      child.kill();
      await closed;
    },
  };
}

/** @param {import('node:stream').Readable} stream */
async function addressIn(stream) {
  for await (const line of createInterface({ input: stream })) {
    const [address] = /127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address) return address;
  }
  throw new Error('The mock server ended before it listened.');
}
