/**
 * What faults of the servers do to a run: for each fault how often it was seen, what was lost, what was counted twice, and
 * whether verdict and counts are those of an undisturbed run. Usage: npm run bench:faults [-- --only 429]
 * Needs Go and GATE_PEERS (bench/support/peers.mjs), whose mock server makes some of the faults; a proxy of our own makes the others.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { say } from './support/figures.mjs';
import { preparePeers } from './support/peers.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  await preparePeers();
  say(
    'load of this machine',
    `${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`,
    'it moves wall times, and nothing else',
  );
  return runBundled('faults/run.ts', { only: values.only });
});
