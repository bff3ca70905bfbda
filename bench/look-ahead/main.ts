import { playScene, type Scene } from '../../__tests__/sampling/simulated.js';
import { printTable, whole } from '../support/table.js';

const CONCURRENCY = 32;
const BATTERIES = { 'quick: 16 items': [16, 15], '150 items': [150, 15] } as const;
const RATES: readonly (readonly [string, number, number])[] = [
  ['40 % against 0', 0.4, 0],
  ['20 % against 0', 0.2, 0],
  ['5 % against 0', 0.05, 0],
  ['0 against 0', 0, 0],
  ['0.1 % against 0.1 %', 0.001, 0.001],
];

/** @returns the exit code: 1 where more was wasted than issue 5 allows */
export async function run({ runs }: { readonly runs: number }): Promise<number> {
  let over = 0;
  for (const [name, [probes, categories]] of Object.entries(BATTERIES)) {
    for (const shared of [true, false]) {
      console.log(
        `${name}, ${shared ? 'one endpoint for all' : 'an endpoint each'}, ${CONCURRENCY} at once, ${runs} runs`,
      );
      const rows: string[][] = [];
      for (const [label, candidate, baseline] of RATES) {
        const { row, broken } = await measure({ probes, categories, shared, rates: { candidate, baseline } }, runs);
        rows.push([label, ...row]);
        over += broken;
      }
      printTable(['candidate against baseline', 'answers', 'wasted', 'at most', 'allowed', 'busiest endpoint'], rows);
    }
  }
  console.log(`Over the limit (5 % of 600 answers or more, ${CONCURRENCY} answers below): ${over} runs.`);
  return over === 0 ? 0 : 1;
}

async function measure(scene: Omit<Scene, 'seed' | 'concurrency'>, runs: number) {
  let [used, wasted, most, busy, seconds, broken] = [0, 0, 0, 0, 0, 0];
  let allowed = Number.POSITIVE_INFINITY;
  for (let seed = 1; seed <= runs; seed += 1) {
    const played = await playScene({ ...scene, concurrency: CONCURRENCY, seed });
    const limit = played.used >= 600 ? 0.05 * played.used : CONCURRENCY;
    used += played.used / runs;
    wasted += played.wasted / runs;
    most = Math.max(most, played.wasted);
    allowed = Math.min(allowed, limit);
    busy += played.busySeconds;
    seconds += played.seconds;
    broken += Number(played.wasted > limit);
  }
  // Of the requests one half are the judge's, whose endpoint is the busiest where each has its own.
  const busiest = scene.shared ? busy : busy / 2;
  const share = `${Math.round((100 * busiest) / CONCURRENCY / seconds)} %`;
  return { row: [whole(used), wasted.toFixed(1), whole(most), whole(allowed), share], broken };
}
