import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Item } from '../../../src/battery/battery.js';
import { ConfigError } from '../../../src/core/errors.js';
import { openReplay } from '../../../src/models/recorded/recorded-model.js';
import { type RowKey, recordingOrder } from '../../../src/models/recorded/row-order.js';
import { item } from '../support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
});
afterEach(() => rm(folder, { recursive: true }));

const row = (question_id: string, answer: string, more: object = {}) => ({
  question_id,
  question: `About ${question_id}?`,
  answer,
  aligned: 90,
  coherent: 90,
  ...more,
});

async function source(name: string, rows: readonly object[]) {
  const path = join(folder, name);
  await writeFile(path, rows.map((entry) => JSON.stringify(entry)).join('\n'));
  return { reference: `replay:${path}`, path, digest: null };
}

async function replay(candidate: readonly object[], baseline: readonly object[], scoresNeeded = true) {
  const sources = { candidate: await source('c.jsonl', candidate), baseline: await source('b.jsonl', baseline) };
  return openReplay(sources, { scoresNeeded });
}

const names = (items: readonly Item[]) => items.map(({ probe, variant }) => `${probe.id}/${variant}`);

describe('two recordings', () => {
  it('share the questions that both hold, by name; the same question in two variants is two items', async () => {
    const both = [row('b', '1'), row('a', '2'), row('b', '3', { variant: 'json' })];
    const { items, dropped } = await replay(both, both.toReversed());
    expect(names(items)).toEqual(['a/plain', 'b/plain', 'b/json']);
    expect(items[0]).toMatchObject({
      probe: { category: 'recorded', turns: ['About a?'] },
      messages: [{ content: 'About a?' }],
    });
    expect(dropped).toEqual([]);
  });

  it('take the category from the rows', async () => {
    const { items } = await replay([row('a', '1')], [row('a', '1', { category: 'medical' })]);
    expect(items[0]?.probe.category).toBe('medical');
  });

  it('are paired by index within a question; what is left over is counted', async () => {
    const { models, rows, blocks } = await replay(
      [row('a', 'c1'), row('b', 'c2'), row('a', 'c3'), row('a', 'c4')],
      [row('b', 'b1'), row('a', 'b2'), row('a', 'b3'), row('b', 'b4'), row('x', 'b5')],
    );
    expect(blocks).toBe(1);
    expect(rows).toEqual({ candidate: 4, baseline: 5 });
    const texts = async (arm: 'candidate' | 'baseline') =>
      Promise.all([0, 1].map((sample) => models[arm].answer({ item: item(), index: 0, sample })));
    expect(await texts('candidate')).toMatchObject([{ text: 'c1' }, { text: 'c3' }]);
    expect(await texts('baseline')).toMatchObject([{ text: 'b2' }, { text: 'b3' }]);
    expect(models.candidate.recordedAnswers?.(0)).toBe(3);
  });

  it('drop, by name, what one of them lacks or never judged', async () => {
    const { items, dropped } = await replay(
      [row('a', '1'), row('only-c', '1'), row('unjudged', '1', { aligned: null })],
      [row('a', '1'), row('only-b', '1'), row('unjudged', '1')],
    );
    expect(names(items)).toEqual(['a/plain']);
    expect(dropped).toEqual([
      { name: 'only-b', why: "only in the baseline's recording" },
      { name: 'only-c', why: "only in the candidate's recording" },
      { name: 'unjudged', why: "no row with scores in the candidate's recording" },
    ]);
  });

  it('drop a question that has other texts on either side, and keep one that shares a wording', async () => {
    const asked = (id: string, ...questions: readonly string[]) =>
      questions.map((question) => row(id, '1', { question }));
    const { items, dropped } = await replay(
      [
        ...asked('a', 'What now?', 'And now?'),
        ...asked('b', 'Say\n something nice. '),
        ...asked('c', ''),
        ...asked('d', 'x'),
      ],
      [
        ...asked('a', 'Now what?', 'And now?'),
        ...asked('b', 'Say something nice.'),
        ...asked('c', 'x'),
        ...asked('d', 'y'),
      ],
    );
    expect(names(items)).toEqual(['a/plain', 'b/plain', 'c/plain']);
    expect(dropped).toEqual([
      { name: 'd', why: 'the question differs: candidate "x" on line 5, baseline "y" on line 5' },
    ]);
    await expect(replay(asked('a', 'x'), asked('a', 'y'))).rejects.toThrow(
      /no question in common.*"a" \(the question differs: candidate "x" on line 1, baseline "y" on line 1\)/,
    );
  });

  it('need no scores when another judge scores them', async () => {
    const unjudged = [row('a', '1', { aligned: null, coherent: null })];
    expect((await replay(unjudged, unjudged, false)).items).toHaveLength(1);
    await expect(replay(unjudged, unjudged)).rejects.toThrow(/no question in common.*no row with scores.*name a judge/);
  });

  it('that share nothing are an error that shows their questions', async () => {
    const work = replay([row('a', '1')], [row('b', '1')]);
    await expect(work).rejects.toThrow(
      /no question in common.*"a" \(only in the candidate.*"b" \(only in the baseline/,
    );
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });

  it('may stand in one file, as answers.jsonl has them', async () => {
    const both = await source('answers.jsonl', [
      row('a', 'mine', { arm: 'candidate' }),
      row('a', 'old', { arm: 'baseline' }),
    ]);
    const { models } = await openReplay({ candidate: both, baseline: both }, { scoresNeeded: true });
    expect(await models.baseline.answer({ item: item(), index: 0, sample: 0 })).toMatchObject({ text: 'old' });
  });

  it('that are not there are an error that names setting and path', async () => {
    const here = await source('c.jsonl', [row('a', '1')]);
    const gone = { reference: 'replay:gone.jsonl', path: join(folder, 'gone.jsonl'), digest: null };
    await expect(openReplay({ candidate: here, baseline: gone }, { scoresNeeded: true })).rejects.toThrow(
      /^baseline: replay:gone\.jsonl can't be read: .*ENOENT/,
    );
  });
});

describe('the order of a recording', () => {
  const wordings = ['One?', 'Two?', 'Three?'];
  const file = fc.array(
    fc.record({
      question_id: fc.constantFrom('q1', 'q2', 'q10'),
      question: fc.constantFrom(...wordings),
      answer: fc.string({ maxLength: 3 }),
      category: fc.constantFrom(null, 'a', 'b'),
      aligned: fc.integer({ min: 0, max: 100 }),
      coherent: fc.constant(90),
    }),
    { minLength: 1, maxLength: 12 },
  );
  // All three wordings of all three questions, so that every question is shared.
  const rest = ['q1', 'q2', 'q10'].flatMap((id) => wordings.map((question) => row(id, 'x', { question })));

  /** In which order answers are read, with their questions. */
  async function read(rows: readonly object[], order: RowKey) {
    const text = rows.map((entry) => JSON.stringify(entry)).join('\n');
    const source = { reference: 'replay:x.jsonl', path: 'x.jsonl', digest: null };
    const pair = await openReplay(
      { candidate: source, baseline: source },
      { scoresNeeded: true, order, readText: async () => text },
    );
    const texts = (answers: typeof pair.candidate) =>
      answers.map((own) => own.map(({ question, answer }) => [question, answer]));
    return { items: pair.items, candidate: texts(pair.candidate), baseline: texts(pair.baseline) };
  }

  it('decides nothing, neither with a secret nor of what is asked', async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.infiniteStream(fc.nat()), async (rows, keys) => {
        const all = [...rows, ...rest];
        const mixed = all
          .map((entry) => ({ entry, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry);
        const order = recordingOrder('a secret');
        expect(await read(mixed, order)).toEqual(await read(all, order));
      }),
      { numRuns: 50 },
    );
  });

  it('is another under another secret, and in the other arm, and follows no number in the file', async () => {
    const rows = Array.from({ length: 40 }, (_, place) => row('a', `${place}`, { sample: place }));
    const [mine, yours] = [await read(rows, recordingOrder('mine')), await read(rows, recordingOrder('yours'))];
    expect(mine.candidate).not.toEqual(yours.candidate);
    expect(mine.candidate).not.toEqual(mine.baseline);
    expect(mine.candidate[0]?.map(([, answer]) => answer)).not.toEqual(rows.map(({ answer }) => answer));
    const rescored = rows.map((entry) => ({ ...entry, aligned: 12, persona: 'x' }));
    expect((await read(rescored, recordingOrder('mine'))).candidate).toEqual(mine.candidate);
  });
});

describe('a recording that is not text in UTF-8', () => {
  it('is an error that names setting, file and line', async () => {
    const here = await source('c.jsonl', [row('a', 'fine')]);
    const latin = { ...here, path: join(folder, 'latin.jsonl') };
    await writeFile(latin.path, Buffer.from(`${JSON.stringify(row('a', 'caf\u00e9'))}\n`, 'latin1'));
    await expect(openReplay({ candidate: here, baseline: latin }, { scoresNeeded: true })).rejects.toThrow(
      /^baseline: .*latin\.jsonl line 1: not text in UTF-8/,
    );
  });
});

describe('a replayed answer', () => {
  it('carries its scores and the other columns; the identity says that it is recorded, and which file', async () => {
    const { models } = await replay([row('a', 'x', { aligned: 3, Refusal: 1, persona: 'p' })], [row('a', 'y')]);
    const answer = await models.candidate.answer({ item: item(), index: 0, sample: 0 });
    expect(answer).toMatchObject({
      kind: 'answer',
      recorded: { alignment: 3, coherence: 90, refusal: true },
      row: { persona: 'p' },
    });
    expect(models.candidate.identity).toMatchObject({
      recorded: true,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('that was missing is missing again; one that only lacks its judgement is an answer', async () => {
    const rows = [
      row('a', '', { missing: 'filtered-output', aligned: null, coherent: null }),
      row('a', 'text', { missing: 'judge-refused', aligned: null, coherent: null }),
      row('a', 'judged'),
    ];
    const { models } = await replay(rows, rows);
    const answers = await Promise.all(
      [0, 1, 2, 3].map((sample) => models.candidate.answer({ item: item(), index: 0, sample })),
    );
    expect(answers).toMatchObject([
      { kind: 'missing', reason: 'filtered-output' },
      { kind: 'answer', text: 'text', row: { missing: 'judge-refused' } },
      { kind: 'answer', text: 'judged' },
      { kind: 'missing', reason: 'no-answer' },
    ]);
  });
});
