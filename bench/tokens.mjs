/**
 * How many tokens a run takes, and so what it costs at given prices.
 * Usage: npm run bench:tokens [-- --price IN,OUT --answer-tokens N]
 * Tokens are SmolLM2's: other models' tokenizers differ by a tenth or so. Answers are as long as the recorded ones in
 * ../shared/data, or where that folder is absent as long as those were when they were measured; `--answer-tokens` says otherwise.
 */
import { parseArgs } from 'node:util';
import { main, SetupError } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';

await main(async () => {
  const { values } = parseArgs({
    options: { price: { type: 'string', default: '1,4' }, 'answer-tokens': { type: 'string' } },
  });
  const given = values['answer-tokens'];
  const answerTokens = given === undefined ? null : Number(given);
  if (answerTokens !== null && !(Number.isInteger(answerTokens) && answerTokens >= 1)) {
    throw new SetupError(`--answer-tokens ${given}: a whole number from 1 is accepted.`);
  }
  return runBundled('tokens/run.ts', { price: values.price, answerTokens });
});
