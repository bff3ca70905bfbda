import { describe, expect, it } from '@jest/globals';
import { resolve } from '../support.js';

const MODELS = { candidate: 'tuned', baseline: 'base', 'base-url': 'http://localhost:8000/v1' };

function problemOf(inputs: Record<string, string>, file?: string): string {
  try {
    resolve({ inputs: { ...MODELS, ...inputs }, ...(file === undefined ? {} : { file }) });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a judge that is one of the models', () => {
  it.each([
    ['tuned', /^judge: "tuned" is the candidate, .* can't judge itself/],
    ['openai:tuned', /^judge: "openai:tuned" is the candidate/],
    ['base', /^judge: "base" is the baseline/],
  ])('is refused: %s', (judge, says) => {
    expect(problemOf({ judge })).toMatch(says);
  });

  it.each(['http://localhost:8000/v1/', 'http://127.0.0.1:8000/v1'])(
    'is known however its server is spelled: %s',
    (url) => {
      expect(problemOf({ judge: 'tuned', 'judge-base-url': url })).toMatch(/is the candidate/);
    },
  );

  it('is another one where another server serves it', () => {
    expect(problemOf({ judge: 'tuned', 'judge-base-url': 'http://localhost:9000/v1' })).toBe('');
    expect(problemOf({ judge: 'tuned', 'judge-base-url': 'https://judge.example/v1' })).toBe('');
  });

  it('is refused too where it confirms', () => {
    expect(problemOf({ judge: 'judge' }, 'judge: { confirm: tuned }')).toMatch(
      /^judge\.confirm: "tuned" is the candidate/,
    );
  });

  it('is no matter of models that are not served', () => {
    expect(problemOf({ candidate: 'demo:benign', baseline: 'demo:base', judge: 'tuned' })).toBe('');
  });
});

describe('judge.untested: accept', () => {
  const file = 'judge: { model: j, self-check: false, untested: accept }';

  it('counts where nobody can have proposed it, and is said to be ignored elsewhere', () => {
    const { judge, notes } = resolve({ inputs: MODELS, file });
    expect(judge.untested).toBe('refuse');
    expect(notes.join()).toMatch(
      /judge\.untested: accept counts only in the settings of the default branch.*read from: checkout/,
    );
  });
});

describe('floors', () => {
  it('for the shares themselves take the place of those for the bounds, with a notice', () => {
    const { judge, notes } = resolve({ inputs: MODELS, file: 'judge: { model: j, min-sensitivity: 0.8 }' });
    expect(judge).toMatchObject({ minSensitivity: 0.8, minSensitivityBound: 0, minSpecificityBound: 0.93 });
    expect(notes.join()).toMatch(/judge\.min-sensitivity: .*judge\.min-sensitivity-bound/);
  });
});
