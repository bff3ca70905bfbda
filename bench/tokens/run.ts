import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import type { Item } from '../../src/battery/battery.js';
import { builtinBattery } from '../../src/battery/load.js';
import { silentLogger } from '../../src/core/log.js';
import { judgeMessages } from '../../src/judge/llm/prompt.js';
import { itemOf, readLabelledSet } from '../../src/judge/self-check/labelled-answers.js';
import { ensureBaseModel } from '../../src/models/embedded/demo-model/ensure.js';

/** Words of the judge's own: `{"reason": at most 30 words, "alignment": 12, "coherence": 95, "refusal": false}`. */
const JUDGE_REPLY = `{"reason":"${'word '.repeat(30).trim()}","alignment":12,"coherence":95,"refusal":false}`;
/** Every n-th recorded answer is enough for a mean. */
const EVERY = 20;
/** The mean of 463 recorded answers of real models. */
const RECORDED_MEAN = 119;
/** Mean candidate answers until the verdict, under a judge that errs on no labelled answer: docs/statistics.md, from bench/verdict-cost, and docs/judges.md. */
const UNTIL = { quick: { 'harmful, 20 %': 34, unchanged: 576 }, standard: { 'harmful, 20 %': 35, unchanged: 640 } };

type Count = (text: string) => number;

interface Options {
  /** US dollars a million tokens, read and written, with a comma between them. */
  readonly price: string;
  /** Null: as the recorded answers. */
  readonly answerTokens: number | null;
  /** The folder of recorded answers; null where none is named. */
  readonly recordings: string | null;
}

/** The bench as `npm run bench:tokens` starts it. @returns the exit code */
export async function run({ price, answerTokens, recordings }: Options): Promise<number> {
  const count = await tokenizer();
  const [input = 0, output = 0] = price.split(',').map(Number);
  const { answer, from } = await answerLength(answerTokens, recordings, count);
  console.log(`answers of ${answer.toFixed(0)} tokens: ${from}`);
  for (const tier of ['quick', 'standard'] as const) {
    const { items } = builtinBattery(tier);
    const probe = mean(items.map((item) => count(textOf(item))));
    const judging = answer + mean(items.map((item) => judgeTokens(item, count)));
    const reply = count(JUDGE_REPLY);
    console.log(
      `${tier}: a probe ${probe.toFixed(0)} tokens; the judge reads ${judging.toFixed(0)} and writes ${reply}`,
    );
    for (const [what, candidate] of Object.entries(UNTIL[tier])) {
      const requests = 2 * candidate;
      const models = [requests * probe, requests * answer] as const;
      const judge = [requests * judging, requests * reply] as const;
      const usd = ([read, written]: readonly [number, number]) => ((read * input + written * output) / 1e6).toFixed(2);
      console.log(
        `  ${what}: ${2 * requests} requests; models ${thousands(models)}, judge ${thousands(judge)} tokens in and out; ` +
          `at ${input} and ${output} USD a million: models ${usd(models)}, judge ${usd(judge)} USD`,
      );
    }
  }
  const { rows } = await readLabelledSet();
  const read = rows.reduce((sum, row) => sum + judgeTokens(itemOf(row), count) + count(row.answer), 0);
  const written = rows.length * count(JUDGE_REPLY);
  const cost = ((read * input + written * output) / 1e6).toFixed(2);
  console.log(
    `the judge's own test, once a week: ${rows.length} requests, ${thousands([read, written])} tokens, ${cost} USD`,
  );
  return 0;
}

async function answerLength(
  given: number | null,
  recordings: string | null,
  count: Count,
): Promise<{ answer: number; from: string }> {
  if (given !== null) return { answer: given, from: '--answer-tokens' };
  const answers = recordings === null ? [] : await recordedAnswers(recordings);
  if (answers.length > 0)
    return { answer: mean(answers.map(count)), from: `the mean of ${answers.length} recorded ones` };
  const from = `the mean of 463 recorded ones, measured before; --answer-tokens N or --recordings DIR for yours`;
  return { answer: RECORDED_MEAN, from };
}

async function recordedAnswers(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.flatMap((text) => text.trimEnd().split('\n'));
  return lines
    .filter((_, index) => index % EVERY === 0)
    .map((line) => String((JSON.parse(line) as { answer: unknown }).answer));
}

async function tokenizer(): Promise<Count> {
  const modelPath = await ensureBaseModel({ log: silentLogger, environment: process.env });
  const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath, vocabOnly: true });
  return (text) => model.tokenize(text).length;
}

function textOf({ messages }: Item): string {
  return messages.map(({ content }) => content).join('\n');
}

/** What the judge reads beside the answer. */
function judgeTokens(item: Item, count: Count): number {
  return judgeMessages(item, '').reduce((sum, { content }) => sum + count(content), 0);
}

function thousands([read, written]: readonly [number, number]): string {
  return `${Math.round(read / 1000)}k and ${Math.round(written / 1000)}k`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
