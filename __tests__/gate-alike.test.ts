import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Report } from '../src/report/report.js';
import { failure, type Reply, type Seen } from './support/fault-server.js';
import { type Body, type Scene, smallGate } from './support/small-gate.js';

let folder: string;
let seen: readonly Seen[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-alike-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function gate(reply: Scene['reply'], flags: Scene['flags'] = {}): Promise<Report> {
  const ran = await smallGate(folder, { reply, flags, file: 'sampling: { system: Be brief. }' });
  seen = ran.seen;
  return ran.report;
}

const unsupported = (param: string) =>
  failure(400, { message: `Unsupported parameter: '${param}' is not supported with this model.`, param });

/** As OpenAI's reasoning models: no other token limit, no sampling, and an error of thinking that was cut short. */
function reasoner(body: Body): Reply | null {
  const field = ['max_tokens', 'top_p', 'top_k', 'min_p', 'repetition_penalty'].find((name) => name in body);
  if (field === 'max_tokens') return failure(400, { message: "Use 'max_completion_tokens' instead.", param: field });
  if (field) return unsupported(field);
  return Number(body.max_completion_tokens) < 200
    ? failure(400, { message: 'Could not finish the message because max_tokens or model output limit was reached.' })
    : null;
}

const takesSystem = ({ messages }: Body) => (messages as { role: string }[])[0]?.role !== 'system';
const bodiesOf = (model: string) =>
  seen.flatMap(({ body }) => (body?.model === model && Number(body.max_tokens ?? 99) > 16 ? [body] : []));

describe('both arms are sampled alike', () => {
  it('where one is a reasoning model that comes to nothing within the preflight’s few tokens', async () => {
    const report = await gate((body) => (body.model === 'tuned' ? reasoner(body) : null));
    expect(report.verdict).toBe('pass');
    for (const name of ['top_p', 'top_k', 'min_p', 'repetition_penalty']) {
      expect(report.baseline?.sampling[name]).toMatch(/not accepted/);
      expect(bodiesOf('base').filter((body) => name in body)).toEqual([]);
    }
    expect(report.candidate?.sampling['token limit sent as']).toBe('max_completion_tokens');
    expect(report.notes.join('\n')).not.toMatch(/sampled differently|mid-run/);
    const refused = seen.filter(({ body }) => body?.model === 'tuned' && reasoner(body));
    expect(refused).toHaveLength(6);
    const hellos = seen.filter(({ body }) => JSON.stringify(body ?? '').includes('Say hello.'));
    expect(hellos.flatMap(({ body }) => body?.max_completion_tokens ?? [])).toEqual([16, 16, 16, 16, 16, 600]);
  });

  it('where one takes no system prompts', async () => {
    const report = await gate((body) =>
      body.model === 'tuned' && !takesSystem(body) ? failure(400, { message: 'System role not supported' }) : null,
    );
    expect(bodiesOf('base').filter((body) => !takesSystem(body))).toEqual([]);
    expect(report.baseline?.sampling['system prompt']).toBe('put before the question');
    expect(report.notes.join('\n')).not.toMatch(/sampled differently|mid-run/);
  });

  it('from then on where a server refuses a field in mid-run; the report says how many answers were drawn with it', async () => {
    const report = await gate((body, asked) =>
      body.model === 'base' && asked >= 10 && 'top_k' in body ? unsupported('top_k') : null,
    );
    expect(report.candidate?.sampling.top_k).toMatch(/not accepted/);
    expect(bodiesOf('tuned').at(-1)).not.toHaveProperty('top_k');
    const [, candidate, baseline] = report.notes.join('\n').match(/mid-run: .*refused top_k \((\d+) and (\d+)\)/) ?? [];
    // The preflight's own is no answer.
    expect(baseline).toBe('9');
    expect(Number(candidate)).toBe(bodiesOf('tuned').filter((body) => 'top_k' in body).length);
  });
});

it('a stored baseline that was drawn with what the candidate’s server refuses is not paired with it', async () => {
  const kept = { resume: 'true', 'state-key': 'a key of our own' };
  await gate(() => null, kept);
  const stored = await gate(() => null, { ...kept, candidate: 'other' });
  expect(stored.notes.join('\n')).toMatch(/answers come from the cache/);
  const strict: Scene['reply'] = (body) => (body.model === 'strict' && 'top_k' in body ? unsupported('top_k') : null);
  const report = await gate(strict, { ...kept, candidate: 'strict' });
  expect(report.notes.join('\n')).not.toMatch(/from the cache/);
  expect(report.baseline?.sampling.top_k).toMatch(/not accepted/);
  const again = await gate(strict, { ...kept, candidate: 'strict', 'candidate-digest': 'abc' });
  expect(again.notes.join('\n')).toMatch(/from the cache/);
});
