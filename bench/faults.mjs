/**
 * What faults of the servers do to a run: for each fault the retries, what was lost, what was counted twice, and whether the
 * verdict and the counts are those of an undisturbed run. Usage: npm run bench:faults [-- --only 429]
 * Needs dist/ (npm run build), Go, python3 and ../shared/peers. Hangs take two minutes each, as long as a reply may.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { main } from '../scripts/support/machine.mjs';
import { measureOurs, preparePeers } from './support/peers.mjs';

const LOAD = { latency: 20, concurrency: 32 };
const SETTINGS = { 'expect-same-model': true };
const MOCK = '--retry-after 0.1 --misaligned 0';
const FAULTS = [
  ['none', ''],
  ['429', '429=0.1'],
  ['500', '500=0.1'],
  ['reset', 'reset=0.1'],
  ['badjson', 'badjson=0.1'],
  ['mixed', '429=0.05,500=0.02,reset=0.02,badjson=0.01'],
  ['hang', 'hang=0.002'],
];

/** @param {string} folder */
async function resultOf(folder) {
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'));
  const rows = (await readFile(join(folder, 'answers.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const places = rows.map(({ arm, question_id, variant, sample }) => [arm, question_id, variant, sample].join(' '));
  /** Answers cut at their limit are no trouble of the servers. @type {{ fault: string, seen: Record<string, number>, lost: number }[]} */
  const faults = report.network.faults.filter((/** @type {{ fault: string }} */ { fault }) => fault !== 'cut');
  const { candidate, baseline } = report.statistics.counts;
  return {
    verdict: report.verdict,
    counts: [candidate, baseline]
      .map(({ judged, misaligned, missing }) => `${misaligned}/${judged}/${missing}`)
      .join(' '),
    retries: faults.flatMap(({ seen }) => Object.values(seen)).reduce((sum, seen) => sum + seen, 0),
    lost: faults.reduce((sum, fault) => sum + fault.lost, 0),
    twice: places.length - new Set(places).size,
  };
}

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  await preparePeers();
  console.log(
    'fault     share                                         wall s  retries  lost  twice  verdict  misaligned/judged/missing of both',
  );
  for (const [name = '', share = ''] of FAULTS.filter(
    ([fault]) => ['', fault, 'none'].includes(values.only) || fault === 'none',
  )) {
    const measured = await measureOurs(LOAD, SETTINGS, { faults: share, mock: MOCK });
    const { verdict, counts, retries, lost, twice } = await resultOf(measured.report);
    const cells = [
      name.padEnd(9),
      share.padEnd(45),
      measured.wall_s.toFixed(1).padStart(6),
      String(retries).padStart(8),
    ];
    console.log(
      [...cells, String(lost).padStart(5), String(twice).padStart(6), ` ${verdict.padEnd(8)}`, counts].join(' '),
    );
  }
  return 0;
});
