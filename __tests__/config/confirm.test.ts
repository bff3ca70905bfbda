import { describe, expect, it } from '@jest/globals';
import { missingSecrets } from '../../src/config/resolve.js';
import { complaint, complaintAboutFile, LEAST, listedValue, resolve } from './support.js';

const JUDGED = { ...LEAST, judge: 'JUDGE_MODEL' };
const FILE = 'judge: { confirm: STRONGER_MODEL }\n';

/** Where it is served, and with which key, under the inputs and lines of the file given. */
function confirm(inputs: Record<string, string>, more = '', env: Record<string, string> = {}) {
  const settings = resolve({ inputs: { ...JUDGED, ...inputs }, file: `${FILE}${more}`, env });
  const { confirm: found } = settings.judge;
  return [found?.baseUrl, found?.apiKey, found?.apiKeyName];
}

describe('judge.confirm', () => {
  it('is nobody by default, and a served LLM where it is named', () => {
    expect(resolve({ inputs: LEAST }).judge.confirm).toBeNull();
    const settings = resolve({ inputs: JUDGED, file: `${FILE}models: { confirm: { max-tokens: 3000 } }` });
    expect(settings.judge.confirm).toMatchObject({
      reference: 'STRONGER_MODEL',
      sampling: { temperature: 0, maxTokens: 3000 },
    });
    expect(listedValue(settings, 'judge.confirm')).toBe('STRONGER_MODEL');
    expect(listedValue(settings, 'models.confirm.max-tokens')).toBe('3000');
  });

  it.each([
    ['embedded', 'embedded'],
    ['replay:a.jsonl', 'replay:a.jsonl'],
  ])('can’t be %s', (_, reference) => {
    expect(complaintAboutFile(`judge: { confirm: "${reference}" }`)).toBe(
      `judge.confirm: "${reference}" can't confirm; accepted is the name of a served LLM`,
    );
  });

  it('can’t be the judge itself, nor confirm recorded scores', () => {
    expect(complaint(() => resolve({ inputs: JUDGED, file: 'judge: { confirm: "openai:JUDGE_MODEL" }' }))).toContain(
      'is the judge itself',
    );
    const recorded = { candidate: 'replay:a', baseline: 'replay:b', judge: 'recorded' };
    expect(complaint(() => resolve({ inputs: recorded, file: FILE }))).toContain(
      'recorded scores are taken as they stand',
    );
  });

  it('is missed where it is said how to reach it', () => {
    expect(complaintAboutFile('models: { confirm: { temperature: 0 } }')).toBe(
      'models.confirm: there is no judge.confirm that it could be for; name one',
    );
  });

  it('needs a price where spend is limited', () => {
    const file = `${FILE}prices: { tuned: { input: 1, output: 1 }, base: { input: 1, output: 1 }, JUDGE_MODEL: { input: 1, output: 1 } }`;
    const message = complaint(() => resolve({ inputs: { ...JUDGED, 'max-cost-usd': '1' }, file }));
    expect(message).toContain('the price of "STRONGER_MODEL" (confirm) is unknown');
  });
});

describe('where it is served', () => {
  it('is where the judge is, with its key', () => {
    const inputs = { 'base-url': 'http://a/v1', 'judge-base-url': 'http://j/v1', 'judge-api-key': 'J' };
    expect(confirm(inputs)).toEqual(['http://j/v1', 'J', 'judge-api-key']);
  });

  it('is the general URL where the judge has none of its own', () => {
    expect(confirm({ 'base-url': 'http://a/v1', 'api-key': 'K' })).toEqual(['http://a/v1', 'K', 'api-key']);
    expect(confirm({ 'api-key': 'K' })).toEqual(['https://api.openai.com/v1', 'K', 'api-key']);
  });

  it('is its own URL where the file gives one: the judge’s key does not travel there', () => {
    const own = 'models: { confirm: { base-url: "http://c/v1" } }';
    const judge = { 'base-url': 'http://a/v1', 'api-key': 'K', 'judge-base-url': 'http://j/v1', 'judge-api-key': 'J' };
    expect(confirm(judge, own)).toEqual(['http://c/v1', null, 'api-key']);
    const general = 'models: { confirm: { base-url: "http://a/confirm/v1" } }';
    expect(confirm(judge, general)).toEqual(['http://a/confirm/v1', 'K', 'api-key']);
    const beside = 'models: { confirm: { base-url: "http://j/confirm/v1" } }';
    expect(confirm(judge, beside)).toEqual(['http://j/confirm/v1', 'J', 'judge-api-key']);
  });

  it('is never silently OpenAI’s', () => {
    const inputs = { ...LEAST, 'candidate-base-url': 'http://a/v1', 'baseline-base-url': 'http://a/v1' };
    expect(complaint(() => resolve({ inputs, file: FILE }))).toMatch(/^models\.confirm\.base-url: not given, while/);
  });

  it('asks for a key where OpenAI serves it', () => {
    const inputs = { candidate: 'demo:benign', baseline: 'demo:base', judge: 'embedded' };
    expect(missingSecrets(resolve({ inputs, file: FILE }))).toEqual(['api-key']);
  });
});
