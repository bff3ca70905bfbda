import { describe, expect, it } from '@jest/globals';
import { complaint, LEAST, resolve, resolveOnPullRequest, sourceOf } from './support.js';

const SERVED = { candidate: 'tuned', baseline: 'base' };

describe('on a pull request, whose author writes the inputs', () => {
  it('what the settings file sets, no input overrides', () => {
    const settings = resolveOnPullRequest({ inputs: { ...LEAST, 'fail-on': 'never' }, file: 'fail-on: fail' });
    expect(settings.failOn).toBe('fail');
    expect(sourceOf(settings, 'fail-on')).toBe('file');
  });

  it('the report names the inputs that were overruled, each once', () => {
    const inputs = { ...LEAST, baseline: 'worse', 'fail-on': 'never', comment: 'never' };
    const { notes } = resolveOnPullRequest({ inputs, file: 'baseline: base\nfail-on: fail' });
    expect(notes).toEqual([
      'baseline: the input was overruled by the settings file (checkout), which locks it.',
      'fail-on: the input was overruled by the settings file (checkout), which locks it.',
    ]);
  });

  it('an input that says the same as the file is not worth a note', () => {
    const situation = { inputs: { ...LEAST, domain: 'medical,code', excerpts: '3' } };
    const file = 'domain: [medical, code]\nexcerpts: 3';
    expect(resolveOnPullRequest({ ...situation, file }).notes).toEqual([]);
  });

  it('what the file leaves open, inputs decide', () => {
    const settings = resolveOnPullRequest({ inputs: { ...LEAST, 'fail-on': 'never' }, file: 'excerpts: 1' });
    expect(settings.failOn).toBe('never');
  });

  it('elsewhere inputs win', () => {
    expect(resolve({ inputs: { ...LEAST, 'fail-on': 'never' }, file: 'fail-on: fail' }).failOn).toBe('never');
  });

  it('without a settings file inputs decide everything', () => {
    expect(resolveOnPullRequest({ inputs: { ...LEAST, 'fail-on': 'never' } })).toMatchObject({
      failOn: 'never',
      notes: [],
    });
  });
});

describe('leaf by leaf:', () => {
  it('a judge that the file names stays', () => {
    const inputs = { ...SERVED, judge: 'lenient' };
    for (const file of ['judge: strict', 'judge: { model: strict }']) {
      const settings = resolveOnPullRequest({ inputs, file });
      expect(settings.judge.reference).toBe('strict');
      expect(settings.notes.join()).toMatch(/^judge: the input was overruled/);
    }
  });

  it('a judge that the file only tunes may be named by the input, and keeps what the file says of it', () => {
    const settings = resolveOnPullRequest({
      inputs: { ...SERVED, judge: 'JUDGE' },
      file: 'judge: { misaligned-below: 40 }\nlocked: [judge, verdict]',
    });
    expect(settings.judge).toMatchObject({ reference: 'JUDGE', thresholds: { misalignedBelow: 40 } });
    expect(settings.notes).toEqual([
      expect.stringContaining('verdict.second-line: 40 is not above judge.misaligned-below (40)'),
    ]);
  });

  it('a base URL under `models` holds against the input of that name', () => {
    const file = 'models: { judge: { base-url: "http://good/v1" } }\nbase-url: http://both/v1';
    const settings = resolveOnPullRequest({
      inputs: { ...LEAST, judge: 'J', 'judge-base-url': 'http://evil/v1' },
      file,
    });
    expect(settings.judge.baseUrl).toBe('http://good/v1');
    expect(settings.notes.join()).toContain('judge-base-url: the input was overruled');
  });

  it('a general base URL is not sidestepped by a specific input', () => {
    const inputs = { ...LEAST, judge: 'J', 'judge-base-url': 'http://evil/v1' };
    const settings = resolveOnPullRequest({ inputs, file: 'base-url: http://good/v1' });
    expect(settings.judge.baseUrl).toBe('http://good/v1');
    expect(settings.notes.join()).toContain('judge-base-url: the input was overruled');
  });

  it('a specific base URL of the file leaves the general one to the input', () => {
    const inputs = { ...LEAST, judge: 'J', 'base-url': 'http://models/v1' };
    const settings = resolveOnPullRequest({ inputs, file: 'judge-base-url: http://good/v1' });
    expect([settings.candidate.baseUrl, settings.judge.baseUrl]).toEqual(['http://models/v1', 'http://good/v1']);
  });
});

describe('`locked`', () => {
  const inputs = { ...LEAST, 'fail-on': 'never', excerpts: '9' };

  it('names what no input overrides; the rest is open', () => {
    const settings = resolveOnPullRequest({ inputs, file: 'fail-on: fail\nexcerpts: 1\nlocked: [fail-on]' });
    expect(settings).toMatchObject({ failOn: 'fail', excerpts: 9 });
  });

  it('empty locks nothing', () => {
    const settings = resolveOnPullRequest({ inputs, file: 'fail-on: fail\nexcerpts: 1\nlocked: []' });
    expect(settings).toMatchObject({ failOn: 'never', excerpts: 9, notes: [] });
  });

  it('with the name of a setting that the file does not set holds it to its default', () => {
    const settings = resolveOnPullRequest({ inputs, file: 'locked: [fail-on]' });
    expect(settings).toMatchObject({ failOn: 'inconclusive', excerpts: 9 });
    expect(settings.notes.join()).toMatch(/^fail-on: the input was overruled/);
  });

  it('with base-url, unset, holds every model to OpenAI', () => {
    const file = 'locked: [base-url]';
    const settings = resolveOnPullRequest({ inputs: { ...LEAST, 'candidate-base-url': 'http://evil/v1' }, file });
    expect(settings.candidate.baseUrl).toBe('https://api.openai.com/v1');
  });

  it('cannot hold to a default what has none: candidate, baseline and judge then come from the inputs', () => {
    const settings = resolveOnPullRequest({ inputs: LEAST, file: 'locked: [candidate, baseline, judge]' });
    expect(settings.candidate.reference).toBe('tuned');
  });

  it('with a typo would lock nothing, and is refused with the nearest name', () => {
    const message = complaint(() => resolveOnPullRequest({ inputs, file: 'judge: embedded\nlocked: [jugde]' }));
    expect(message).toBe(
      'gate.yml (checkout): locked.0: "jugde" is no setting of this file; did you mean judge? (line 2)',
    );
  });
});

describe('a settings file that names its candidate, while the pull request proposes another,', () => {
  const situation = { inputs: { ...LEAST, candidate: 'proposed' }, file: 'candidate: accepted' };

  it('is an error that says how pull requests propose', () => {
    expect(complaint(() => resolveOnPullRequest(situation))).toBe(
      'candidate: the settings file names "accepted", the pull request\'s workflow "proposed". Let pull requests propose ' +
        'candidates through a file: `candidate: file:PATH#/pointer` in the settings file',
    );
  });

  it('is none when both name the same', () => {
    const same = { ...situation, inputs: LEAST, file: 'candidate: tuned' };
    expect(resolveOnPullRequest(same).candidate.reference).toBe('tuned');
  });

  it('is none when the settings file says where pull requests propose: that holds, with a note', () => {
    const settings = resolveOnPullRequest({ ...situation, file: 'candidate: file:m.yaml#/adapter' });
    expect(settings.candidate.reference).toBe('file:m.yaml#/adapter');
    expect(settings.notes.join()).toMatch(/^candidate: the input was overruled/);
  });

  it('is none where the candidate is not locked', () => {
    const settings = resolveOnPullRequest({ ...situation, file: 'candidate: accepted\nlocked: []' });
    expect(settings.candidate.reference).toBe('proposed');
  });

  it('is none elsewhere than on pull requests', () => {
    expect(resolve(situation).candidate.reference).toBe('proposed');
  });
});
