import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidateAt, parseCandidateFile } from '../../src/config/candidate-file.js';
import { ConfigError } from '../../src/errors.js';

const at = (text: string, pointer = '/adapter') =>
  candidateAt({ text, what: 'models/support.yaml at abc1234' }, pointer);

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
    expect(() => at('adapter: x', '/adapter/name')).toThrow('/adapter is the string x');
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

  it.each(['replay:answers.jsonl', 'report:report.json', 'demo:benign', 'file:other.yaml#/x'])(
    '%s is refused: what is proposed is a model that can be asked',
    (name) => {
      expect(() => at(`adapter: "${name}"`)).toThrow(/a file may propose NAME, openai:NAME or gguf:PATH/);
    },
  );

  it('of a file with a key that stands there twice is nobody’s guess', () => {
    expect(() => at('adapter: a\nadapter: b\n')).toThrow(/not valid YAML or JSON/);
    expect(() => at('{"adapter": "a", "adapter": "b"}')).toThrow(/not valid YAML or JSON/);
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
