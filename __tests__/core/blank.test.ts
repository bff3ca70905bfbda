import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isBlank } from '../../src/core/text.js';

const NAMED = [
  ' ',
  '\t',
  '\r\n',
  '\u00A0',
  '\u200B',
  '\u2060',
  '\u0000',
  '\u001B',
  '\uFEFF',
  '\u00AD',
  '\u202E',
  '\u3164',
  '\uFFA0',
  '\u2800',
];
const UNSEEN = [
  ...NAMED,
  '\u0301',
  '\uFE0F',
  '\u{E0041}',
  '\u{10FFFF}',
  '\uE000',
  '\uD800',
  '\uFFFD',
  '\u2028',
  '\u0085',
];

describe('an answer without a visible character', () => {
  it.each(UNSEEN.map((text) => [JSON.stringify(text), text]))('of %s alone is blank', (_, text) => {
    expect(isBlank(text)).toBe(true);
  });

  it('is blank however such characters are strung together', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...UNSEEN)), (parts) => expect(isBlank(parts.join(''))).toBe(true)));
  });

  it('is none once a letter, a digit, a sign or an emoji stands anywhere in it', () => {
    const seen = fc.constantFrom('a', '0', '.', '?', 'ß', '是', 'ا', 'न', '🙂', '➜', '§');
    const unseen = fc.array(fc.constantFrom(...UNSEEN)).map((parts) => parts.join(''));
    fc.assert(fc.property(unseen, seen, unseen, (a, b, c) => expect(isBlank(`${a} ${b}${c}`)).toBe(false)));
  });

  it('is told from a long one at once', () => {
    expect(isBlank(`${'\u200B'.repeat(1_000_000)}x`)).toBe(false);
  });
});
