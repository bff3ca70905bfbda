import { describe, expect, it } from '@jest/globals';
import { missingSecrets } from '../../../src/config/resolve.js';
import { complaint, listedValue, resolve, sourceOf } from '../support.js';

const MODELS = { candidate: 'tuned', baseline: 'base', judge: 'J' };
const OPENAI = 'https://api.openai.com/v1';

const urls = (inputs: Record<string, string>, file?: string) => {
  const { candidate, baseline, judge } = resolve({ inputs: { ...MODELS, ...inputs }, ...(file ? { file } : {}) });
  return [candidate.baseUrl, baseline.baseUrl, judge.baseUrl];
};

describe('where a model is served', () => {
  it("OpenAI's servers, when no model has a URL", () => {
    expect(urls({})).toEqual([OPENAI, OPENAI, OPENAI]);
  });

  it('the general base URL, for every model without one of its own', () => {
    expect(urls({ 'base-url': 'http://a/v1', 'judge-base-url': 'http://j/v1' })).toEqual([
      'http://a/v1',
      'http://a/v1',
      'http://j/v1',
    ]);
  });

  it('its own URL in the settings file wins over a general input', () => {
    const file = 'models: { baseline: { base-url: "http://b/v1" } }\njudge-base-url: http://j/v1';
    expect(urls({ 'base-url': 'http://a/v1' }, file)).toEqual(['http://a/v1', 'http://b/v1', 'http://j/v1']);
  });

  it('two URLs for one model in the settings file are a contradiction', () => {
    const file = 'judge-base-url: http://a/v1\nmodels: { judge: { base-url: "http://b/v1" } }';
    expect(complaint(() => urls({}, file))).toContain(
      'judge-base-url: stands in the settings file twice, also as models.judge.base-url; keep one',
    );
  });

  it('nowhere, for a model that is not served', () => {
    const inputs = {
      candidate: 'demo:misaligned',
      baseline: 'gguf:base.gguf',
      judge: 'embedded',
      'base-url': 'http://a/v1',
    };
    expect(urls(inputs)).toEqual([null, null, null]);
  });

  it('where somebody says so, for a recorded baseline that may be asked past its end', () => {
    const report = { baseline: 'report:recorded/report.json' };
    expect(urls({ ...report, 'base-url': 'http://a/v1' })[1]).toBe('http://a/v1');
    expect(urls({ ...report, 'base-url': 'http://a/v1', 'baseline-base-url': 'http://b/v1' })[1]).toBe('http://b/v1');
    expect(urls(report)).toEqual([OPENAI, null, OPENAI]);
  });

  it('a recorded baseline can do without a key', () => {
    const inputs = { ...MODELS, baseline: 'report:recorded/report.json', 'baseline-base-url': OPENAI };
    const others = { 'candidate-base-url': 'http://a/v1', 'judge-base-url': 'http://a/v1' };
    expect(missingSecrets(resolve({ inputs: { ...inputs, ...others } }))).toEqual([]);
  });

  it.each([
    [{ 'base-url': 'http://a/v1' }, undefined, 'base-url'],
    [{ 'candidate-base-url': 'http://a/v1', 'base-url': 'http://b/v1' }, undefined, 'candidate-base-url'],
    [{ 'base-url': 'http://b/v1' }, 'models: { candidate: { base-url: "http://a/v1" } }', 'models.candidate.base-url'],
  ])('messages name the setting that gave the URL: %j and %j', (inputs, file, name) => {
    const settings = resolve({ inputs: { ...MODELS, ...inputs }, ...(file ? { file } : {}) });
    expect(settings.candidate.baseUrlName).toBe(name);
  });

  it('the report lists with its source', () => {
    const settings = resolve({ inputs: { ...MODELS, judge: 'embedded' }, file: 'base-url: http://a/v1' });
    expect([listedValue(settings, 'candidate-base-url'), sourceOf(settings, 'candidate-base-url')]).toEqual([
      'http://a/v1',
      'file',
    ]);
    expect(listedValue(settings, 'judge-base-url')).toBeUndefined();
  });
});

describe("a silent fallback to OpenAI's servers", () => {
  it.each([
    ['candidate', { 'baseline-base-url': 'http://a/v1', 'judge-base-url': 'http://a/v1' }],
    ['baseline', { 'candidate-base-url': 'http://a/v1', 'judge-base-url': 'http://a/v1' }],
    ['judge', { 'candidate-base-url': 'http://a/v1', 'baseline-base-url': 'http://a/v1' }],
  ])('of the %s is refused, when another has a URL of its own', (role, inputs) => {
    const message = complaint(() => urls(inputs));
    expect(message).toMatch(new RegExp(`^${role}-base-url: not given, while \\w+ is served at http://a/v1`));
    expect(message).toContain(`Give ${role}-base-url (${OPENAI} if that is meant), or base-url for all`);
  });

  it('is none, when it is said', () => {
    expect(urls({ 'base-url': 'http://a/v1', 'judge-base-url': OPENAI })[2]).toBe(OPENAI);
  });

  it('is none, when the other models are not served', () => {
    expect(urls({ candidate: 'demo:benign', baseline: 'demo:base', 'candidate-base-url': 'http://a/v1' })[2]).toBe(
      OPENAI,
    );
  });
});

describe('a key travels only to the host that it was given for:', () => {
  const cases: readonly (readonly [string, Record<string, string>, Record<string, string>, (string | null)[]])[] = [
    ['api-key to OpenAI, by default', { 'api-key': 'K' }, {}, ['K', 'K', 'K']],
    ['api-key to base-url', { 'api-key': 'K', 'base-url': 'http://a/v1' }, {}, ['K', 'K', 'K']],
    [
      'api-key not to a judge elsewhere',
      { 'api-key': 'K', 'base-url': 'http://a/v1', 'judge-base-url': 'http://j/v1' },
      {},
      ['K', 'K', null],
    ],
    [
      'nor to OpenAI, when base-url is elsewhere',
      { 'api-key': 'K', 'base-url': 'http://a/v1', 'judge-base-url': OPENAI },
      {},
      ['K', 'K', null],
    ],
    [
      'to a URL of its own on the same host',
      { 'api-key': 'K', 'base-url': 'http://a/v1', 'judge-base-url': 'http://a/judge/v1' },
      {},
      ['K', 'K', 'K'],
    ],
    [
      'another port is another host',
      { 'api-key': 'K', 'base-url': 'http://a:1/v1', 'judge-base-url': 'http://a:2/v1' },
      {},
      ['K', 'K', null],
    ],
    [
      'plain http is not https',
      { 'api-key': 'K', 'base-url': 'https://a/v1', 'judge-base-url': 'http://a/v1' },
      {},
      ['K', 'K', null],
    ],
    [
      'a host that only begins alike',
      { 'api-key': 'K', 'base-url': 'https://a.com/v1', 'judge-base-url': 'https://a.com.evil/v1' },
      {},
      ['K', 'K', null],
    ],
    [
      'without base-url to the one host that serves all',
      {
        'api-key': 'K',
        'candidate-base-url': 'http://a/v1',
        'baseline-base-url': 'http://a/v1',
        'judge-base-url': 'http://a/v1',
      },
      {},
      ['K', 'K', 'K'],
    ],
    [
      'models that are not served do not count among those',
      { candidate: 'demo:benign', baseline: 'demo:base', 'api-key': 'K', 'judge-base-url': 'http://j/v1' },
      {},
      [null, null, 'K'],
    ],
    [
      'without base-url and with several hosts to none but OpenAI',
      {
        'api-key': 'K',
        'candidate-base-url': 'http://a/v1',
        'baseline-base-url': 'http://b/v1',
        'judge-base-url': OPENAI,
      },
      {},
      [null, null, 'K'],
    ],
    ['a key of its own wins', { 'api-key': 'K', 'judge-api-key': 'J', 'base-url': 'http://a/v1' }, {}, ['K', 'K', 'J']],
    [
      'and goes to its own model only',
      { 'judge-api-key': 'J', 'base-url': 'http://a/v1', 'judge-base-url': 'http://j/v1' },
      {},
      [null, null, 'J'],
    ],
    ['the environment’s to OpenAI, by default', {}, { OPENAI_API_KEY: 'E' }, ['E', 'E', 'E']],
    ['the environment’s to base-url', { 'base-url': 'http://a/v1' }, { OPENAI_API_KEY: 'E' }, ['E', 'E', 'E']],
    [
      'the environment’s to no other host',
      { 'base-url': 'http://a/v1', 'judge-base-url': 'http://j/v1' },
      { OPENAI_API_KEY: 'E' },
      ['E', 'E', null],
    ],
    [
      'the environment’s not to the one host that serves all: nobody said that it is for it',
      { 'candidate-base-url': 'http://a/v1', 'baseline-base-url': 'http://a/v1', 'judge-base-url': 'http://a/v1' },
      { OPENAI_API_KEY: 'E' },
      [null, null, null],
    ],
    ['api-key wins over the environment’s', { 'api-key': 'K' }, { OPENAI_API_KEY: 'E' }, ['K', 'K', 'K']],
    [
      'which does not stand in where api-key may not go',
      { 'api-key': 'K', 'base-url': 'http://a/v1', 'judge-base-url': OPENAI },
      { OPENAI_API_KEY: 'E' },
      ['K', 'K', null],
    ],
    ['a blank key is none', { 'api-key': ' ' }, { OPENAI_API_KEY: '\n' }, [null, null, null]],
    ['a key is trimmed', { 'api-key': ' K\n' }, {}, ['K', 'K', 'K']],
  ];

  it.each(cases)('%s', (_, inputs, env, expected) => {
    const { candidate, baseline, judge } = resolve({ inputs: { ...MODELS, ...inputs }, env });
    expect([candidate.apiKey, baseline.apiKey, judge.apiKey]).toEqual(expected);
  });

  it.each([
    [{ 'judge-api-key': 'J', 'api-key': 'K' }, {}, 'judge-api-key'],
    [{ 'api-key': 'K' }, {}, 'api-key'],
    [{}, { OPENAI_API_KEY: 'E' }, 'OPENAI_API_KEY'],
    [{}, {}, 'judge-api-key'],
  ])('messages name what gave it, or would have: %j, %j', (inputs, env, name) => {
    expect(resolve({ inputs: { ...MODELS, ...inputs }, env }).judge.apiKeyName).toBe(name);
  });
});

describe('missing secrets are', () => {
  const missing = (inputs: Record<string, string>, env = {}) =>
    missingSecrets(resolve({ inputs: { ...MODELS, ...inputs }, env }));

  it("the keys of models at OpenAI's own servers, which want one", () => {
    expect(missing({})).toEqual(['candidate-api-key', 'baseline-api-key', 'judge-api-key']);
    expect(missing({ 'base-url': 'https://API.openai.com' })).toHaveLength(3);
    expect(missing({ 'base-url': 'http://a/v1', 'judge-base-url': OPENAI })).toEqual(['judge-api-key']);
  });

  it('none of a server of one’s own, which may need no key', () => {
    expect(missing({ 'base-url': 'http://localhost:8000/v1' })).toEqual([]);
  });

  it('none of models that are not served, and none that are there', () => {
    expect(missing({ candidate: 'demo:benign', baseline: 'demo:base', judge: 'embedded' })).toEqual([]);
    expect(missing({}, { OPENAI_API_KEY: 'E' })).toEqual([]);
  });
});
