/**
 * Whether the gate decides rightly on real recorded answers, and how soon: each fine-tune against its base, and models against
 * themselves, reshuffled many times. The answers are those that studies of emergent misalignment published with their judges' scores,
 * as JSON Lines (question_id, question, answer, alignment, coherence), a file for each model, named as bench/replay-power/compare.ts has it.
 * Usage: npm run bench:replay-power -- --recordings DIR [--runs N --save]
 */
import { main, SetupError } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { readOptions } from './support/options.mjs';

await main(() => {
  const options = readOptions(process.argv.slice(2), 500, []);
  if (options.recordings === '') throw new SetupError('--recordings DIR: name the folder of the recorded answers.');
  return runBundled('replay-power/main.ts', options);
});
