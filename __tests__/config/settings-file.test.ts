import { describe, expect, it } from '@jest/globals';
import { MAX_SETTINGS_BYTES } from '../../src/core/yaml.js';
import { complaint, complaintAboutFile, LEAST, resolve } from './support.js';

describe('a wrong key or value is told as the contract has it', () => {
  it('an unknown key, with its line and the nearest known key', () => {
    expect(complaintAboutFile('judge:\n  self-chek: false')).toBe(
      'judge.self-chek (line 2): unknown key; did you mean self-check?',
    );
  });

  it('an unknown key that is near to none, with the known ones', () => {
    expect(complaintAboutFile('prices: { M: { input: 1, output: 1, colour: 2 } }')).toBe(
      'prices.M.colour (line 1): unknown key; known here: input, output',
    );
  });

  it('a wrong word, with the accepted ones', () => {
    expect(complaintAboutFile('excerpts: 3\nfail-on: Never!')).toBe(
      'fail-on: "Never!" is none of inconclusive, fail, never (line 2)',
    );
  });

  it('with the file and where it was read', () => {
    expect(complaint(() => resolve({ inputs: LEAST, file: 'fail-on: 1' }))).toMatch(
      /^gate\.yml \(checkout\): fail-on: /,
    );
  });

  it.each([
    ['candidate: 7', 'candidate: 7 is not a text; put it in quotes (line 1)'],
    ['baseline: " "', 'baseline: nothing stands here; give a text, or leave the key out (line 1)'],
    ['judge: 1', 'judge: 1 is not a text, or a mapping (line 1)'],
    [
      'judge: { model: J, min-sensitivity-bound: 70 }',
      'judge.min-sensitivity-bound: 70 is not a number from 0 to 1 (line 1)',
    ],
    ['judge: { panel: a }', 'judge.panel: "a" is not a list (line 1)'],
    ['sampling:\nexcerpts: 1', 'sampling: nothing stands here; give a mapping, or leave the key out (line 1)'],
    ['sampling: []', 'sampling: a list is not a mapping (line 1)'],
    ['sampling: { temperature: 0 }', 'sampling.temperature: 0 is not a number above 0 and at most 2 (line 1)'],
    ['sampling: { temperature: .nan }', 'sampling.temperature: NaN is not a number above 0 and at most 2 (line 1)'],
    [
      'sampling: { max-tokens: .inf }',
      'sampling.max-tokens: Infinity is not a whole number from 1 to 1000000 (line 1)',
    ],
    ['expect-same-model: yes', 'expect-same-model: "yes" is not true or false (line 1)'],
    ['issue-on-failure: 1', 'issue-on-failure: 1 is not true or false (line 1)'],
    ['excerpts: 1.5', 'excerpts: 1.5 is not a whole number from 0 to 50 (line 1)'],
    ['excerpts: "3"', 'excerpts: "3" is not a whole number from 0 to 50 (line 1)'],
    ['max-answers: 0', 'max-answers: 0 is not a whole number from 1 on (line 1)'],
    ['max-cost-usd: 0', 'max-cost-usd: 0 is not a number above 0 (line 1)'],
    [
      'timeout-minutes: 15x',
      'timeout-minutes: "15x" is not a number above 0 and at most 1440, or a time such as 90m (line 1)',
    ],
    ['domain: { a: 1 }', 'domain: a mapping is not a text, or a list (line 1)'],
    ['domain:\n  - medical\n  - 7', 'domain.1: 7 is not a text; put it in quotes (line 3)'],
    ['verdict: { margin: 5 }', 'verdict.margin: 5 is not auto, or a number above 0 and below 1 (line 1)'],
    ['verdict: { max-blocks: 0 }', 'verdict.max-blocks: 0 is not auto, or a whole number from 1 to 1000000 (line 1)'],
    ['prices: { M: 3 }', 'prices.M: 3 is not a mapping (line 1)'],
    ['prices: { M: { input: 1 } }', 'prices.M: output is missing (line 1)'],
    ['prices: { "a\\nb": { input: -1, output: 0 } }', 'prices."a\\nb".input: -1 is not a number from 0 on (line 1)'],
    [
      'config-from: base',
      'config-from (line 1): only an input or a flag can say this; take it out of the settings file',
    ],
  ])('%j', (file, expected) => {
    expect(complaintAboutFile(file)).toBe(expected);
  });

  it('all problems at once, in the order of the file', () => {
    const message = complaintAboutFile(
      'excerpts: x\njudge:\n  self-chek: 1\n  model: 7\nverdict: { alpha: 0 }\nfoo: 1',
    );
    expect(message.split('\n')).toEqual([
      '5 problems',
      'excerpts: "x" is not a whole number from 0 to 50 (line 1)',
      'judge.self-chek (line 3): unknown key; did you mean self-check?',
      'judge.model: 7 is not a text; put it in quotes (line 4)',
      'verdict.alpha: 0 is not a number above 0 and below 1 (line 5)',
      expect.stringMatching(/^foo \(line 6\): unknown key; known here: candidate, baseline, /),
    ]);
  });

  it('not more than twenty of them', () => {
    const keys = Array.from({ length: 500 }, (_, i) => `key-${i}: 1`).join('\n');
    expect(complaintAboutFile(keys).split('\n')).toHaveLength(22);
  });

  it('a long value is cut', () => {
    expect(complaintAboutFile(`fail-on: ${'x'.repeat(5000)}`).length).toBeLessThan(200);
  });
});

describe('a part that this version does not have is refused:', () => {
  it.each(['judge: { model: embedded, panel: [a, b] }', 'models: { screen: {} }'])('%s', (file) => {
    expect(complaint(() => resolve({ inputs: LEAST, file }))).toMatch(/: not available in this version; leave it out$/);
  });
});

describe('a settings file with nothing in it is fine:', () => {
  it.each(['', '\n', '# only\n# comments\n', '---\n', '{}', '\ufeff# a byte order mark\r\n'])('%j', (file) => {
    expect(resolve({ inputs: LEAST, file }).effective.every(({ source }) => source !== 'file')).toBe(true);
  });
});

describe('JSON is YAML', () => {
  it('with the line for editors', () => {
    const file = JSON.stringify({ $schema: './config.schema.json', excerpts: 9 });
    expect(resolve({ inputs: LEAST, file }).excerpts).toBe(9);
  });
});

describe('what is no settings file is refused with the line', () => {
  it.each([
    ['a text', 'hello', 'the file: "hello" is not a mapping (line 1)'],
    ['a list', '- excerpts: 1', 'the file: a list is not a mapping (line 1)'],
    ['a tab', 'sampling:\n\tseed: 1', 'is not valid YAML: line 2: Tabs are not allowed as indentation'],
    ['an open quote', 'judge: "J', 'is not valid YAML: line 1: Missing closing "quote'],
    [
      'a colon in a plain text',
      'judge: a: b',
      'is not valid YAML: line 1: a second colon; is a value with a colon missing its quotes?',
    ],
    [
      'an @ at the start',
      'judge: @J',
      'is not valid YAML: line 1: a value that starts with a special character; put it in quotes',
    ],
    [
      'a key that stands twice',
      'excerpts: 1\nfail-on: fail\nexcerpts: 2',
      'line 3: the key "excerpts" stands twice in one mapping; keep one',
    ],
    [
      'two documents',
      'excerpts: 1\n---\nexcerpts: 2',
      'is not valid YAML: line 2: a second document begins here; settings are one',
    ],
    ['a tag', 'judge: !!js/function x', 'is not valid YAML: line 1: a YAML tag (!…), which settings do not use'],
    ['a list as a key', '? [a]\n: b', 'is not valid YAML: line 1: a key that is not a plain text'],
    ['a lost bracket', 'domain: [a', /^is not valid YAML: line 1: /],
    ['an alias without an anchor', 'judge: *J', /alias that has no anchor/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9', /^is a Git LFS pointer/],
  ])('%s', (_, file, expected) => {
    expect(complaintAboutFile(file)).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });
});

describe('a hostile file is refused before it does harm:', () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x]',
    ...'bcdefgh'.split('').map((key, i) => `${key}: &${key} [${Array(6).fill(`*${'abcdefg'[i]}`)}]`),
  ];

  it.each([
    ['an alias bomb', bomb.join('\n'), /aliases/],
    ['an alias inside its own anchor', 'sampling: { extra-body: &a { b: *a } }', /nested deeper than 50/],
    ['brackets without end', '['.repeat(100_000), /nested deeper than 50/],
    ['closed brackets', `sampling: ${'['.repeat(3000)}${']'.repeat(3000)}`, /nested deeper than 50/],
    ['braces', `x: ${'{a: '.repeat(3000)}`, /nested deeper than 50/],
    ['lists in lists on one line', `x:\n  ${'- '.repeat(3000)}a`, /nested deeper than 50/],
    ['questions on one line', '? '.repeat(3000), /nested deeper than 50/],
    [
      'indentation without end',
      Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /nested deeper than 50/,
    ],
    ['more than 2 MB', `# ${'x'.repeat(MAX_SETTINGS_BYTES)}`, /is over 2 MB/],
    ['a prototype', '__proto__: { excerpts: 1 }', /__proto__ \(line 1\): unknown key/],
  ])('%s', (_, file, expected) => {
    expect(complaintAboutFile(file)).toMatch(expected);
  });

  it('but a system prompt with deep indentation and brackets is only text', () => {
    const prompt = `sampling:\n  system: |\n    Obey.\n${' '.repeat(500)}[[[${'- '.repeat(99)}{{{`;
    expect(resolve({ inputs: LEAST, file: prompt }).candidate.sampling.system).toContain('[[[');
  });

  it('and a file between 1 and 2 MB is read', () => {
    expect(resolve({ inputs: LEAST, file: `${'# comment\n'.repeat(150_000)}excerpts: 1` }).excerpts).toBe(1);
  });
});

describe('a secret in the settings file', () => {
  it.each([
    'api-key: sk-leak',
    'judge-api-key: sk-leak',
    'state-key: sk-leak',
    'github-token: sk-leak',
    'OPENAI_API_KEY: sk-leak',
    'models: { judge: { api-key: sk-leak } }',
    'sampling: { extra-body: { api_key: sk-leak } }',
    'api-key:\n  - sk-leak\nexcerpts: x',
  ])('is refused, and not repeated: %s', (file) => {
    const message = complaintAboutFile(file);
    expect(message).toMatch(
      / \(line 1\): a secret may not stand in a settings file; give it as an input .* revoke this one$/,
    );
    expect(message).not.toContain('sk-leak');
  });

  it.each([
    'api-key: "sk-leak',
    'api-key: a: sk-leak',
    'api-key: |sk-leak',
    'api-key: *sk-leak',
    'x: "y" sk-leak',
    'api-key: !sk-leak x',
    '{a: 1}}sk-leak',
    '%FOO sk-leak\n---\na: 1',
  ])('is not repeated from a file that cannot be parsed: %s', (file) => {
    expect(complaintAboutFile(file)).not.toContain('sk-leak');
  });

  it('is not what a model of such a name costs', () => {
    const file = 'prices: { api-key: { input: 1, output: 2 } }';
    expect(resolve({ inputs: LEAST, file }).prices).toMatchObject({ 'api-key': { input: 1, output: 2 } });
  });
});
