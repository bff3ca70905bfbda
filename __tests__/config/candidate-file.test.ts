import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CandidateRules, candidateAt, parseCandidateFile } from '../../src/config/candidate-file.js';
import { candidatePattern } from '../../src/config/candidate-name.js';
import { parseReference } from '../../src/config/model-reference.js';
import { isServed } from '../../src/config/sections/endpoints.js';
import { ConfigError } from '../../src/core/errors.js';

const found = (text: string) => ({ text, what: 'models/support.yaml at abc1234' });
const at = (text: string, pointer = '/adapter') => candidateAt(found(text), pointer).reference;

describe('a reference to a file of the pull request', () => {
  it('has a path and a pointer', () => {
    expect(parseCandidateFile('file:models/support.yaml#/a/b')).toEqual({
      path: 'models/support.yaml',
      pointer: '/a/b',
    });
  });

  it('is told from other references', () => {
    expect(parseCandidateFile('openai:tuned')).toBeNull();
    expect(parseCandidateFile('file-model')).toBeNull();
  });

  it.each(['file:', 'file:models/support.yaml', 'file:#/adapter', 'file:models/support.yaml#adapter'])(
    '%s is an error that shows the form',
    (reference) => {
      expect(() => parseCandidateFile(reference)).toThrow(/file:PATH#\/pointer/);
    },
  );
});

describe('the value a pull request proposes', () => {
  it('is read from YAML and from JSON', () => {
    expect(at('adapter: tuned-v2 # the new one\n')).toBe('tuned-v2');
    expect(at('{"models": [{"adapter": "tuned-v2"}]}', '/models/0/adapter')).toBe('tuned-v2');
    expect(at('"a/b~c": tuned', '/a~1b~0c')).toBe('tuned');
  });

  it('names the keys that exist when the pointer leads nowhere', () => {
    expect(() => at('model: {adaptor: x, base: y}', '/model/adapter')).toThrow(
      'candidate: models/support.yaml at abc1234 has no /model/adapter; keys at /model: adaptor, base',
    );
    expect(() => at('adapter: x', '/adapter/name')).toThrow('/adapter is a text');
    expect(() => at('', '/adapter')).toThrow('its top is empty');
  });

  it.each([
    ['adapter:', 'is empty'],
    ['adapter: ""', 'an empty text'],
    ['adapter: 7', 'the number 7'],
    ['adapter: [a]', 'a list'],
    ['adapter: {a: b}', 'a mapping'],
    ['adapter: "a\\nb"', "no model's name"],
    ['adapter: "a\\u202Eb"', "no model's name"],
    [`adapter: ${'x'.repeat(501)}`, "no model's name"],
  ])('%j is an error: %s', (text, message) => {
    expect(() => at(text)).toThrow(ConfigError);
    expect(() => at(text)).toThrow(message);
  });

  it.each([
    'gguf:/srv/models/other.gguf',
    'gguf:model.gguf',
    'replay:answers.jsonl',
    'report:report.json',
    'demo:benign',
    'file:other.yaml#/x',
  ])('%s is refused: what is proposed is a model that can be asked', (name) => {
    expect(() => at(`adapter: "${name}"`)).toThrow(
      /a file may propose NAME or openai:NAME, a model served at the base URL, not /,
    );
  });

  it('of a file with a key that stands there twice is nobody’s guess', () => {
    expect(() => at('adapter: a\nadapter: b\n')).toThrow(/line 2: the key "adapter" stands twice/);
    expect(() => at('{"adapter": "a", "adapter": "b"}')).toThrow(/the key "adapter" stands twice/);
  });

  it.each(['embedded', 'recorded'])('%s is a served name like any other: only a judge is called so', (name) => {
    expect(at(`adapter: ${name}`)).toBe(`openai:${name}`);
    expect(isServed(at(`adapter: openai:${name}`))).toBe(true);
  });

  it.each(['support-v7', 'org/support_v7', 'ft:base.org:x:1', 'llama3.2:3b', 'openai:tuned'])(
    '%s is a name',
    (name) => {
      expect(at(`adapter: "${name}"`)).toBe(name);
    },
  );

  it.each([
    '../x',
    'a/../b',
    '/abs/path',
    'https://evil.example/v1',
    's3://bucket/x',
    'HTTP:x',
    '//evil.example',
    'a b',
    'a?b',
    'a@b',
    'ünl',
    'openai:',
    'openai:../x',
  ])('%s is no name', (name) => {
    expect(() => at(JSON.stringify({ adapter: name }))).toThrow(ConfigError);
  });

  it('is never a path to anything here, whatever candidate-pattern lets through', () => {
    const rules = { scope: 'file', pattern: candidatePattern('candidate-pattern', '[^]*') } as const;
    const schemes = fc.constantFrom(
      '',
      ' ',
      'openai:',
      'gguf:',
      'GGUF:',
      'replay:',
      'report:',
      'file:',
      'demo:',
      'embedded',
    );
    const rest = fc.constantFrom(
      '/etc/passwd',
      '/no/such/file',
      '/etc',
      '../x',
      'base',
      'x?lora=/etc/passwd',
      'a#/b',
      '',
    );
    const name = fc.tuple(schemes, schemes, rest).map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, (text) => {
        try {
          const { reference } = candidateAt(found(JSON.stringify({ adapter: text })), '/adapter', rules);
          expect(parseReference(reference, 'candidate').kind).toBe('served');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });

  it('matches candidate-pattern as a whole, where the team has one', () => {
    const rules = { scope: 'file', pattern: candidatePattern('candidate-pattern', 'support-v[0-9]+') } as const;
    const named = (name: string) => () => candidateAt(found(JSON.stringify({ adapter: name })), '/adapter', rules);
    expect(named('support-v12')().reference).toBe('support-v12');
    expect(named('support-v12/../x')).toThrow(/candidate-pattern matches/);
    expect(named('xsupport-v1')).toThrow(ConfigError);
    expect(() => candidatePattern('candidate-pattern', '(')).toThrow(
      /candidate-pattern: "\(" is not a regular expression/,
    );
  });

  it('is told from another by all that the scope covers', () => {
    const same = (scope: CandidateRules['scope'], one: string, other: string) => {
      const [a, b] = [one, other].map((text) => candidateAt(found(text), '/support/adapter', { scope, pattern: null }));
      return a?.identity === b?.identity;
    };
    const v1 = 'support: { adapter: a, revision: 1 }\nsales: { adapter: b }\n';
    const revised = v1.replace('revision: 1', 'revision: 2');
    const elsewhere = v1.replace('adapter: b', 'adapter: c');
    const reformatted = 'sales: { adapter: b }\nsupport: { revision: 1, adapter: a } # same\n';
    expect(
      (['file', 'mapping', 'value'] as const).map((scope) =>
        [revised, elsewhere, reformatted, v1].map((text) => same(scope, v1, text)),
      ),
    ).toEqual([
      [false, false, false, true],
      [false, true, true, true],
      [true, true, true, true],
    ]);
  });

  it('of a file with .nan or an alias inside its own anchor is compared to the letter', () => {
    const identity = (text: string) =>
      candidateAt(found(text), '/adapter', { scope: 'mapping', pattern: null }).identity;
    for (const text of ['adapter: a\nx: .nan', 'adapter: a\nx: &x [*x]']) {
      expect(identity(text)).not.toBe(identity(`${text} `));
      expect(identity(text)).toBe(identity(text));
    }
  });

  it.each([
    ['over 64 KiB', `adapter: a\n# ${'x'.repeat(65_536)}`, /is over 64 KiB, which no candidate file needs/],
    [
      'of 60,000 keys',
      `adapter: a\n${Array.from({ length: 60_000 }, (_, at) => `k${at}: 1`).join('\n')}`,
      /is over 64 KiB/,
    ],
    [
      'of 9,000 keys',
      `adapter: a\n${Array.from({ length: 9_000 }, (_, at) => `${at.toString(36)}:`).join('\n')}`,
      /has more than 2000 keys/,
    ],
    [
      'nested deep',
      `adapter: a\nx: ${'['.repeat(9_000)}`,
      /is nested deeper than 50 levels, which no candidate file needs/,
    ],
    [
      'of two documents',
      'adapter: a\n---\nadapter: b\n',
      /line 2: a second document begins here; a candidate file is one/,
    ],
    [
      'with a merge key',
      'x: &x { adapter: a }\n<<: *x\n',
      /line 2: a YAML merge key \(<<\) is not followed here; write the merged keys out/,
    ],
    ['with a tag', 'adapter: !env NAME', /a YAML tag \(!…\), which a candidate file does not use/],
  ])('of a file %s is refused soon, in words of our own', (_, text, words) => {
    const start = performance.now();
    expect(() => at(text)).toThrow(words);
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it('is not found in what objects inherit', () => {
    for (const pointer of ['/constructor', '/__proto__', '/constructor/name', '/toString']) {
      expect(() => at('adapter: x', pointer)).toThrow(ConfigError);
    }
  });

  it('of an alias bomb is an error, soon', () => {
    const levels = Array.from(
      { length: 20 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`,
    );
    expect(() => at(['a0: &a0 x', ...levels, 'adapter: *a20'].join('\n'))).toThrow(ConfigError);
  });

  it('of any file is a text or a ConfigError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.string(), (text, key) => {
        try {
          expect(typeof at(text, `/${key}`)).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});
