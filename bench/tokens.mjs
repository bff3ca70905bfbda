/**
 * How many tokens a run takes, and so what it costs at given prices.
 * Usage: npm run bench:tokens [-- --price IN,OUT --answer-tokens N --recordings DIR]
 * Tokens are SmolLM2's: other models' tokenizers differ by a tenth or so. Answers are as long as those of
 * real models that were recorded for bench/replay-power; `--recordings` measures others, `--answer-tokens` says a length.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { main, SetupError } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';

await main(async () => {
  const { values } = parseArgs({
    options: {
      price: { type: 'string', default: '1,4' },
      'answer-tokens': { type: 'string' },
      recordings: { type: 'string' },
    },
  });
  const given = values['answer-tokens'];
  const answerTokens = given === undefined ? null : Number(given);
  if (answerTokens !== null && !(Number.isInteger(answerTokens) && answerTokens >= 1)) {
    throw new SetupError(`--answer-tokens ${given}: a whole number from 1 is accepted.`);
  }
  return runBundled('tokens/run.ts', {
    price: values.price,
    answerTokens,
    recordings: values.recordings === undefined ? null : resolve(values.recordings),
  });
});
