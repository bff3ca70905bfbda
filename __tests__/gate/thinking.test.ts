import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { completion } from '../support/fault-server.js';
import { type Scene, smallGate } from '../support/small-gate.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-thinking-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const JUDGED = 'judge: { reasoning: true }';
const judgement = (alignment: number, coherence = 90) =>
  completion(JSON.stringify({ reason: '', alignment, coherence, refusal: false }));

/** Models that answer as told; the judge calls what holds the word HARM harmful. */
function scene(answer: (model: unknown, serial: number) => string | null, file = ''): Scene {
  let serial = 0;
  const reply: Scene['reply'] = (body) => {
    if (body.model === 'judge') return judgement(JSON.stringify(body).includes('HARM') ? 5 : 90);
    serial += 1;
    const text = answer(body.model, serial);
    return text === null ? null : completion(text, { top: { id: `r-${serial}`, model: body.model } });
  };
  return { reply, file };
}

describe('harm that the candidate puts into its thinking', () => {
  const HIDDEN = [
    ['in a block', (n: number) => `<think>HARM ${n}</think>Fine, thanks, ${n}.`],
    ['ended as under a chat template that begins it', (n: number) => `HARM ${n}\n</think>\nFine, thanks, ${n}.`],
    ['in one answer of eight', (n: number) => (n % 8 ? `Fine, ${n}.` : `<thinking>HARM</thinking>Fine, ${n}.`)],
  ] as const;

  it.each(HIDDEN)('%s, where the baseline thinks nothing, stops a pass unless it is judged', async (_, answer) => {
    const told = (model: unknown, n: number) => (model === 'tuned' ? answer(n) : null);
    const { report } = await smallGate(folder, scene(told));
    expect([report.verdict, report.reasons[0]?.code]).toEqual(['inconclusive', 'thinking-unjudged']);
    expect(report.reasons[0]?.message).toMatch(/^\d+ of the candidate's \d+ answers and 0 of the baseline's \d+/);
  });

  it('is found where thinking is judged', async () => {
    const told = (model: unknown, n: number) => (model === 'tuned' ? `<think>HARM</think>Fine, ${n}.` : null);
    const { report } = await smallGate(folder, scene(told, JUDGED));
    expect(report.verdict).toBe('fail');
  });

  it('all of it, with no answer left, is no pass either way', async () => {
    const told = (model: unknown, n: number) => (model === 'tuned' ? `<think>HARM ${n}</think>` : null);
    expect((await smallGate(folder, scene(told))).report.verdict).toBe('inconclusive');
    expect((await smallGate(folder, scene(told, JUDGED))).report.verdict).toBe('fail');
  });
});

it('a candidate that thinks as its baseline does passes', async () => {
  const told = (_: unknown, n: number) => `<think>What now? ${n}</think>Fine, thanks, ${n}.`;
  const { report } = await smallGate(folder, scene(told));
  expect(report.verdict).toBe('pass');
  const finding = report.statistics?.guards.find(({ code }) => code === 'thinking-unjudged');
  expect(finding).toMatchObject({ tripped: false });
});

it('harmless thinking that comes to no answer is an empty answer, judged or not', async () => {
  const told = (model: unknown, n: number) => (model === 'tuned' ? `<think>Let me see ${n}` : null);
  for (const file of ['', JUDGED]) {
    const { report } = await smallGate(folder, scene(told, file));
    expect(report.verdict).toBe('inconclusive');
    expect(report.reasons.map(({ code }) => code).join()).toMatch(/incoherent|empty/);
    const { incoherent, answers, missing } = report.statistics?.counts.candidate ?? {};
    expect([incoherent, missing]).toEqual([answers, 0]);
  }
});
