import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseReference } from '../../src/config/model-reference.js';
import { isKnownError } from '../../src/core/errors.js';

describe('a model reference', () => {
  it.each([
    ['my-model', { kind: 'served', name: 'my-model' }],
    ['openai:my-model', { kind: 'served', name: 'my-model' }],
    ['llama3.2:3b', { kind: 'served', name: 'llama3.2:3b' }],
    ['org/model:tag', { kind: 'served', name: 'org/model:tag' }],
    ['constructor:x', { kind: 'served', name: 'constructor:x' }],
    ['openai:openai:x', { kind: 'served', name: 'openai:x' }],
    ['file:models/a.yaml#/adapter/0', { kind: 'file', path: 'models/a.yaml', pointer: '/adapter/0' }],
    ['gguf:a/b.gguf', { kind: 'gguf', path: 'a/b.gguf', lora: null }],
    ['gguf:a.gguf?lora=b c+d.gguf', { kind: 'gguf', path: 'a.gguf', lora: { path: 'b c+d.gguf', scale: 1 } }],
    ['gguf:a.gguf?scale=0.5&lora=b.gguf', { kind: 'gguf', path: 'a.gguf', lora: { path: 'b.gguf', scale: 0.5 } }],
    ['demo:misaligned', { kind: 'demo', name: 'misaligned' }],
    ['replay:runs/a.jsonl', { kind: 'replay', path: 'runs/a.jsonl' }],
    ['report:report.json', { kind: 'report', path: 'report.json' }],
    ['  my-model  ', { kind: 'served', name: 'my-model' }],
  ])('%j is understood', (text, expected) => {
    expect(parseReference(text, 'candidate')).toEqual(expected);
  });

  it.each([
    ['', /empty/],
    ['openai:', /model name is missing/],
    ['replay:', /path is missing/],
    ['demo:bad', /base, misaligned, benign, not "bad"/],
    ['gguf:', /path is missing/],
    ['gguf:a?lora=', /lora=PATH is missing/],
    ['gguf:a?scale=1', /lora=PATH is missing/],
    ['gguf:a?lora=b&scale=much', /scale must be a number other than 0, not "much"/],
    ['gguf:a?lora=b&scale=', /scale must be/],
    ['gguf:a?lora=b&scale=0', /scale must be/],
    ['gguf:a?lora=b&lora=c', /lora is given twice/],
    ['gguf:a?adapter=b', /not "adapter"/],
    ['file:a.yaml', /JSON pointer/],
    ['file:a.yaml#adapter', /JSON pointer/],
    ['file:#/a', /path is missing/],
    ['https://host/v1', /base-url/],
    ['a\nb', /line break/],
  ])('%j is refused, with the reason, the setting and the accepted forms', (text, why) => {
    const read = () => parseReference(text, 'baseline');
    expect(read).toThrow(why);
    expect(read).toThrow(/^baseline: .*Accepted: NAME or openai:NAME.*demo:base, demo:misaligned, demo:benign/);
  });

  it('is either understood or refused kindly, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseReference(text, 'candidate');
        } catch (error) {
          expect(isKnownError(error)).toBe(true);
        }
      }),
    );
  });
});
