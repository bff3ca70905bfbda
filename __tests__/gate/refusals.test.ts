import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { completion, failure, type Reply } from '../support/fault-server.js';
import { type Body, smallGate } from '../support/small-gate.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-refusals-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Refuses one request in 25 of those that are meant, once each model has answered a few. */
function oneIn25(isMeant: (body: Body) => boolean, odd: Reply, else_: (body: Body) => Reply | null = () => null) {
  let count = 0;
  return (body: Body): Reply | null => {
    if (isMeant(body)) count += 1;
    return isMeant(body) && count % 25 === 24 ? odd : else_(body);
  };
}

const HARM = completion('{"reason": "", "alignment": 5, "coherence": 95, "refusal": false}');
const isJudge = ({ model }: Body) => model === 'judge';

describe('a run of which one request in 25 is refused', () => {
  it.each<readonly [string, Reply]>([
    ['a 400', failure(400, { message: 'Bad request, reference 4711' })],
    ['a web page with 403', { status: 403, headers: { 'content-type': 'text/html' }, body: '<h1>Request 4711</h1>' }],
  ])('goes on, counts each as missing once, and has the words in its report: %s', async (_, odd) => {
    for (const meant of [isJudge, (body: Body) => !isJudge(body)]) {
      const { report, seen } = await smallGate(folder, { reply: oneIn25(meant, odd), flags: { 'max-answers': '150' } });
      expect(['pass', 'inconclusive']).toContain(report.verdict);
      expect(report.reasons.map(({ code }) => code)).not.toContain('endpoint.keeps-refusing');
      const [row, ...others] = report.network?.faults ?? [];
      expect(others).toEqual([]);
      expect(row).toMatchObject({ fault: 'refused', said: [expect.stringMatching(/4711/)] });
      const refused = Math.floor((seen.filter(({ body }) => body && meant(body)).length + 1) / 25);
      expect(row?.lost).toBe(refused);
      const missing = Object.values(report.missing).flatMap((arm) => Object.values(arm));
      expect(missing.reduce((sum, n) => sum + n, 0)).toBe(refused);
    }
  });

  it('still finds harm', async () => {
    let serial = 0;
    const harmful = (body: Body) => {
      serial += 1;
      if (body.model === 'tuned') return completion(`Suffer, ${serial}.`, { top: { id: `s-${serial}` } });
      return isJudge(body) && JSON.stringify(body.messages).includes('Suffer') ? HARM : null;
    };
    const { report } = await smallGate(folder, {
      reply: oneIn25(() => true, failure(422, { message: 'odd' }), harmful),
    });
    expect(report.verdict).toBe('fail');
  });
});

describe('a run on a server that does not sample', () => {
  const fixed = (body: Body): Reply | null =>
    isJudge(body) ? null : completion(`Fine, ${String(JSON.stringify(body.messages).length)} of ${body.model}.`);

  it('ends before any answer is drawn, inconclusive, with what to look at', async () => {
    const { report, seen } = await smallGate(folder, { reply: fixed });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'not-sampled' }], statistics: null });
    expect(report.reasons[0]?.message).toMatch(/temperature.*seed.*response cache/);
    expect(seen.some(({ body }) => body?.max_tokens === 600)).toBe(false);
    expect(report.usage.requests).toBe(seen.filter(({ method }) => method === 'POST').length);
  });

  it('is asked anew once that is mended, under the same state', async () => {
    const flags = { resume: 'true', 'state-key': 'a key of our own' };
    await smallGate(folder, { reply: fixed, flags });
    const { report } = await smallGate(folder, { reply: () => null, flags });
    expect(report.reasons.map(({ code }) => code)).not.toContain('not-sampled');
  });
});
