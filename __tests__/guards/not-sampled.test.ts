import { afterEach, describe, expect, it } from '@jest/globals';
import { sampledAtAll } from '../../src/guards/not-sampled.js';
import { openServed } from '../../src/models/served/served-model.js';
import { closeServers, errorFrom, LIMITS, serve } from '../models/served.js';
import { SAMPLING, served, testPorts } from '../models/support.js';
import { completion, failure, type Reply, type Seen } from '../support/fault-server.js';

afterEach(closeServers);

type Says = (question: string, time: number, request: Seen) => string | Reply;

const question = ({ body }: Seen) => JSON.stringify(body?.messages ?? '');

/** Two models on one server, and what it answers to each. */
async function arms(tuned: Says, base: Says) {
  let time = 0;
  const server = await serve((request) => {
    if (request.method !== 'POST') return { status: 404, body: {} };
    time += 1;
    const said = (request.body?.model === 'tuned' ? tuned : base)(question(request), time, request);
    return typeof said === 'string' ? completion(said) : said;
  });
  const ports = testPorts();
  const open = (name: string, arm: 'candidate' | 'baseline') =>
    openServed(name, served(`${server.origin}/v1`, { reference: name }), arm, ports, LIMITS);
  return { server, models: { candidate: open('tuned', 'candidate'), baseline: open('base', 'baseline') } };
}

const samples: Says = (_, time) => `apple, ${time}`;
const byPrompt: Says = (prompt) => `apple, ${prompt.length}`;
const oneWord: Says = (prompt, time) => (prompt.includes('words') ? 'No.' : `${time}`);
const cached = (): Says => {
  const known = new Map<string, string>();
  return (prompt, time) => known.get(prompt) ?? known.set(prompt, `pear, ${time}`).get(prompt) ?? '';
};

describe('servers that sample', () => {
  it.each<[string, Says, Says, number]>([
    ['both at once', samples, samples, 4],
    ['one has a fixed answer to one question only', oneWord, samples, 3 + 2 + 2],
  ])('are found to: %s', async (_, tuned, base, requests) => {
    const { models, server } = await arms(tuned, base);
    expect(await sampledAtAll(models, undefined)).toEqual({
      doubtful: { candidate: false, baseline: false },
      notes: [],
    });
    expect(server.seen).toHaveLength(requests);
  });

  it('are asked at the sampling settings, for few tokens', async () => {
    const { models, server } = await arms(samples, samples);
    await sampledAtAll(models, undefined);
    for (const { body } of server.seen)
      expect(body).toMatchObject({ temperature: SAMPLING.temperature, max_tokens: 64 });
  });

  it('are known by their thinking too', async () => {
    const thinks: Says = (_, time) => completion('', { message: { reasoning: `Hm ${time}` } });
    const { models } = await arms(thinks, thinks);
    expect((await sampledAtAll(models, undefined)).doubtful).toEqual({ candidate: false, baseline: false });
  });
});

describe('servers that do not sample', () => {
  it.each<[string, Says, Says, RegExp, number]>([
    ['a fixed seed in both arms', byPrompt, byPrompt, /candidate "tuned".*baseline "base"/, 6],
    ['a response cache in both arms', cached(), cached(), /candidate "tuned".*baseline "base"/, 6],
    ['a temperature ignored for the candidate', byPrompt, samples, /candidate "tuned" \(temperature 1\)/, 8],
    ['a response cache before the baseline', samples, cached(), /baseline "base"/, 8],
  ])('are an error of exit code 2 that says what to look at: %s', async (_, tuned, base, message, requests) => {
    const { models, server } = await arms(tuned, base);
    const error = await errorFrom(sampledAtAll(models, undefined));
    expect(error).toMatchObject({ code: 'not-sampled', exitCode: 2, message: expect.stringMatching(message) });
    expect(error.message).toMatch(/temperature.*seed.*response cache/);
    expect(server.seen).toHaveLength(requests);
  });
});

describe('servers that give no words', () => {
  it.each<[string, Says]>([
    ['a refusal', () => failure(400, { message: 'odd' })],
    ['nothing', () => ''],
    ['a filter', () => completion('x', { finish: 'content_filter' })],
  ])('leave a doubt, and a note: %s', async (_, says) => {
    const { models } = await arms(says, samples);
    // As after a preflight.
    await models.baseline.preflight();
    const { doubtful, notes } = await sampledAtAll(models, undefined);
    expect(doubtful).toEqual({ candidate: true, baseline: false });
    expect(notes).toEqual([expect.stringMatching(/server of the candidate samples was not checkable/)]);
  });
});

it('a model that no server runs is not asked', async () => {
  expect(await sampledAtAll({}, undefined)).toEqual({ doubtful: { candidate: false, baseline: false }, notes: [] });
});
