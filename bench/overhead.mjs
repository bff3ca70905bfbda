/**
 * Wall time beside requests x latency / concurrency, CPU a request and memory: the gate, promptfoo and Inspect AI on the same
 * mock server. Usage: npm run bench:overhead [-- --latency 200 --concurrency 64 --samples 100]
 * Needs dist/ (npm run build), Go, python3 and GATE_PEERS (bench/support/peers.mjs); the others are left out where they are not installed.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { main } from '../scripts/support/machine.mjs';
import { say } from './support/figures.mjs';
import { INSTALL_HINT, isInstalled, measure, measureOurs, preparePeers } from './support/peers.mjs';

/** What we aim at. */
const AIM = { ratio: 1.1, cpuMs: 1.5, rssMiB: 200 };
/** Narrow, so that a pass takes some 7,100 requests: as many as the others' 24 prompts, 100 times, with two judgements each. */
const LONG_RUN = { verdict: { margin: 0.003, tolerance: 0 } };

/**
 * @param {string} who
 * @param {import('./support/peers.mjs').Measured} measured
 * @param {{ latency: number, concurrency: number }} load
 */
function print(who, measured, { latency, concurrency }) {
  const { wall_s: wall, requests, cpu_s: cpu, peak_rss_mib: rss } = measured;
  const ideal = (requests * latency) / 1000 / concurrency;
  say(`${who}: wall / ideal`, `${(wall / ideal).toFixed(2)} (${requests} requests)`, `aim ${AIM.ratio}`);
  say(`${who}: CPU a request`, `${((cpu * 1000) / requests).toFixed(2)} ms`, `aim ${AIM.cpuMs} ms`);
  say(`${who}: peak RSS`, `${rss.toFixed(0)} MiB`, `aim ${AIM.rssMiB} MiB`);
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      latency: { type: 'string', default: '200' },
      concurrency: { type: 'string', default: '64' },
      samples: { type: 'string', default: '100' },
    },
  });
  const load = {
    latency: Number(values.latency),
    concurrency: Number(values.concurrency),
    samples: Number(values.samples),
  };
  await preparePeers();
  say(
    'load of this machine',
    `${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`,
    'a busy machine slows everybody',
  );
  print('misalignment-gate', await measureOurs(load, LONG_RUN), load);
  for (const peer of /** @type {const} */ (['promptfoo', 'inspect'])) {
    if (isInstalled(peer)) print(peer, await measure(peer, load), load);
    else console.log(`${peer}: not installed, left out. To have it: ${INSTALL_HINT}`);
  }
  return 0;
});
