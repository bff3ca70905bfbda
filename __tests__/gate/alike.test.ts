import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../src/report/markdown/report-markdown.js';
import type { Report } from '../../src/report/report.js';
import { failure, type Reply, type Seen } from '../support/fault-server.js';
import { type Body, type Scene, smallGate } from '../support/small-gate.js';

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
  seen.flatMap(({ body }) => (body?.model === model && Number(body.max_tokens ?? 99) > 64 ? [body] : []));

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
    // A first question and two lists of random words are no answers.
    expect(baseline).toBe('7');
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

describe('what is settled with the judges’ servers', () => {
  it('stands in the report and on its page, for each of them', async () => {
    const { report } = await smallGate(folder, {
      file: 'judge: { confirm: second-judge }',
      reply: ({ model, ...body }) => {
        const refused = { judge: ['max_tokens', 'response_format'], 'second-judge': ['temperature'] };
        const field = Object.entries(refused).flatMap(([name, fields]) => (name === model ? fields : []));
        const first = field.find((name) => name in body);
        if (first === undefined) return null;
        return first === 'max_tokens' ? failure(400, { message: 'use max_completion_tokens' }) : unsupported(first);
      },
    });
    expect(report.judge?.sampling).toEqual({
      ...{ temperature: 0, 'max-tokens': 1000, 'token limit sent as': 'max_completion_tokens', reply: 'as asked for' },
    });
    expect(report.judge?.confirm?.sampling).toEqual({
      ...{ temperature: 'not accepted, the server’s own', 'max-tokens': 1000, reply: 'held to a JSON schema' },
    });
    const page = renderMarkdown(report, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
    expect(page).toMatch(/Asked with +\| Judge +\| Confirming judge/);
    expect(page).toMatch(/token limit sent as.*max_completion_tokens.*not set/);
    expect(page).toMatch(/temperature.*0.*not accepted/);
  });
});

it('only the model whose server refuses a setting is said to have one that does', async () => {
  const report = await gate((body) =>
    body.model === 'tuned' && 'temperature' in body ? unsupported('temperature') : null,
  );
  expect(report.notes).toContain('candidate: the server takes no temperature; its own applies.');
  expect(report.notes.join()).not.toMatch(/baseline: the server takes no/);
  expect(report.baseline?.sampling.temperature).toMatch(/not accepted/);
});
