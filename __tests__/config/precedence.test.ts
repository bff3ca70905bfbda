import { describe, expect, it } from '@jest/globals';
import { INPUTS } from '../../src/config/inputs.js';
import { complaint, LEAST, listedValue, resolve, sourceOf } from './support.js';

const FILE = 'fail-on: fail\nexcerpts: 7\njudge: { model: file-judge, self-check: false }';
const SERVED = { candidate: 'tuned', baseline: 'base' };

describe('a setting comes from', () => {
  it('the input, when it is given', () => {
    const settings = resolve({ inputs: { ...LEAST, 'fail-on': 'never' }, file: FILE });
    expect(settings.failOn).toBe('never');
    expect(sourceOf(settings, 'fail-on')).toBe('input');
  });

  it('the flag, when the front end is a terminal', () => {
    const settings = resolve({ inputs: { ...LEAST, 'fail-on': 'never' }, file: FILE, source: 'flag' });
    expect(sourceOf(settings, 'fail-on')).toBe('flag');
  });

  it('the settings file, when there is no input', () => {
    const settings = resolve({ inputs: LEAST, file: FILE });
    expect(settings.excerpts).toBe(7);
    expect(sourceOf(settings, 'excerpts')).toBe('file');
  });

  it('its default, when nobody gave it', () => {
    const settings = resolve({ inputs: LEAST });
    expect(settings.failOn).toBe('inconclusive');
    expect(sourceOf(settings, 'fail-on')).toBe('default');
  });

  it.each(['', '  ', '\n'])('elsewhere, when the input is %j, which counts as not given', (blank) => {
    expect(resolve({ inputs: { ...LEAST, 'fail-on': blank }, file: FILE }).failOn).toBe('fail');
    expect(resolve({ inputs: { ...LEAST, 'fail-on': blank } }).failOn).toBe('inconclusive');
  });

  it('the input without the spaces around it', () => {
    expect(resolve({ inputs: { ...LEAST, candidate: ' tuned\n', 'max-answers': ' 600 ' } })).toMatchObject({
      candidate: { reference: 'tuned' },
      maxAnswers: 600,
    });
  });
});

describe('the judge', () => {
  it('named by the input replaces the name in the settings file only', () => {
    const settings = resolve({ inputs: { ...SERVED, judge: 'input-judge' }, file: FILE });
    expect(settings.judge).toMatchObject({ reference: 'input-judge', selfCheck: false });
    expect([sourceOf(settings, 'judge'), sourceOf(settings, 'judge.self-check')]).toEqual(['input', 'file']);
  });

  it('may be a plain name in the settings file', () => {
    expect(resolve({ inputs: SERVED, file: 'judge: file-judge' }).judge).toMatchObject({
      reference: 'file-judge',
      selfCheck: true,
    });
  });

  it('keeps its settings where the settings file leaves the name to the input', () => {
    const settings = resolve({ inputs: { ...SERVED, judge: 'input-judge' }, file: 'judge: { coherent-above: 60 }' });
    expect(settings.judge).toMatchObject({ reference: 'input-judge', thresholds: { coherentAbove: 60 } });
  });

  it('is what the recordings say, when candidate and baseline are both recorded', () => {
    const settings = resolve({ inputs: { candidate: 'replay:a.csv', baseline: 'replay:b.csv' } });
    expect(settings.judge.reference).toBe('recorded');
    expect(sourceOf(settings, 'judge')).toBe('default');
  });

  it('of recordings may be another', () => {
    const inputs = { candidate: 'replay:a.csv', baseline: 'replay:b.csv', judge: 'embedded' };
    expect(resolve({ inputs }).judge.reference).toBe('embedded');
  });
});

describe('what a run cannot do without is named, with what is accepted', () => {
  it.each([
    [
      'candidate',
      /candidate: not given\. Give it as an input, a flag \(--candidate\) or in the settings file: .*file:PATH/,
    ],
    ['baseline', /baseline: not given\..*gguf:PATH/],
    ['judge', /judge: not given\..*embedded \(offline\), or recorded/],
  ] as const)('%s', (name, expected) => {
    expect(complaint(() => resolve({ inputs: { ...LEAST, [name]: '' } }))).toMatch(expected);
  });

  it('all three at once', () => {
    const lines = complaint(() => resolve({ inputs: {} })).split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual(['candidate', 'baseline', 'judge']);
  });

  it.each(['candidate', 'baseline'])('%s: embedded and recorded are judges and no models', (name) => {
    const inputs = { ...LEAST, [name]: 'embedded' };
    expect(complaint(() => resolve({ inputs }))).toContain(`${name}: "embedded" is a judge, not a model`);
    expect(resolve({ inputs: { ...LEAST, [name]: 'openai:embedded' } })).toMatchObject({
      [name]: { reference: 'openai:embedded' },
    });
  });
});

describe('the candidate that a file of the pull request names', () => {
  it('takes the place of the reference to that file', () => {
    const inputs = { ...LEAST, candidate: 'file:m.yaml#/adapter' };
    const settings = resolve({ inputs, candidateFromFile: 'tuned-v2' });
    expect(settings.candidate.reference).toBe('tuned-v2');
    expect([listedValue(settings, 'candidate'), sourceOf(settings, 'candidate')]).toEqual(['tuned-v2', 'input']);
  });

  it('is not served anywhere before it is known', () => {
    const settings = resolve({ inputs: { ...LEAST, candidate: 'file:m.yaml#/adapter' } });
    expect(settings.candidate).toMatchObject({ reference: 'file:m.yaml#/adapter', baseUrl: null });
  });
});

describe('the report lists', () => {
  it('every effective setting once, with its source', () => {
    const { effective } = resolve({ inputs: LEAST, file: FILE.replace('file-judge', 'embedded') });
    expect(effective.map(({ name, value, source }) => `${name} = ${value} (${source})`)).toMatchSnapshot();
    expect(new Set(effective.map(({ name }) => name)).size).toBe(effective.length);
  });

  it('a list as an input would give it', () => {
    const settings = resolve({ inputs: LEAST, file: 'domain: [medical, code]' });
    expect(listedValue(settings, 'domain')).toBe('medical, code');
  });

  it('no secret', () => {
    const secrets = INPUTS.filter(({ secret }) => secret).map(({ name }) => [name, 'sk-tell-nobody']);
    const settings = resolve({
      inputs: { ...LEAST, ...Object.fromEntries(secrets) },
      env: { OPENAI_API_KEY: 'sk-tell-nobody' },
    });
    expect(JSON.stringify([settings.effective, settings.notes])).not.toContain('sk-tell-nobody');
  });
});

describe('what this version does not have yet', () => {
  it('`battery: deep` is refused, from input and file', () => {
    const message = /battery: deep is not available in this version; accepted are quick, standard, or the path/;
    expect(complaint(() => resolve({ inputs: { ...LEAST, battery: 'deep' } }))).toMatch(message);
    expect(complaint(() => resolve({ inputs: LEAST, file: 'battery: deep' }))).toMatch(message);
  });
});

describe('a name that is no setting', () => {
  it('is refused with the nearest', () => {
    expect(complaint(() => resolve({ inputs: { ...LEAST, 'fail-onn': 'fail' } }))).toBe(
      'fail-onn: no such setting; did you mean fail-on?',
    );
  });

  it.each(['constructor', '__proto__', 'toString'])('%s', (name) => {
    const inputs = Object.fromEntries([...Object.entries(LEAST), [name, 'x']]);
    expect(complaint(() => resolve({ inputs }))).toContain(`${name}: no such setting`);
  });
});
