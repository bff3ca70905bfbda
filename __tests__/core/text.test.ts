import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inert, inertLine } from '../../src/core/text.js';

const LIMITS = { line: 20, text: 60 };

describe('outside text made inert', () => {
  it.each([
    ['lone surrogates become U+FFFD', 'a\uD800b\uDC00', 'a\uFFFDb\uFFFD'],
    ['NUL, ESC, C1 and bells go', '\u0000a\u001B[1mb\u009Bc\u0007\u007F', 'a[1mbc'],
    ['bidi controls are shown', 'a\u202Eb\u2066', 'a\\u{202E}b\\u{2066}'],
    ['zero-width characters are shown', 'a\u200Bb\uFEFF\u00AD', 'a\\u{200B}b\\u{FEFF}\\u{00AD}'],
    ['Unicode tags are shown', '\u{E0041}', '\\u{E0041}'],
    ['every kind of line break is one', 'a\r\nb\rc\u2028d\u0085e\ff', 'a\nb\nc\nd\ne\nf'],
    ['emoji stay what they are', '❤️ 👩‍💻 👍🏽', '❤️ 👩‍💻 👍🏽'],
    ['joiners and selectors outside emoji are shown', 'a\u200Db\uFE0F', 'a\\u{200D}b\\u{FE0F}'],
    ['tabs and letters of any script stay', '\tप्रश्न 問い سؤال', '\tप्रश्न 問い سؤال'],
  ])('%s', (_, text, shown) => {
    expect(inert(text)).toBe(shown);
  });

  it('cuts long lines and long texts and says by how much', () => {
    expect(inert(`${'x'.repeat(30)}\ny`, LIMITS)).toBe(`${'x'.repeat(20)}… (10 characters more)\ny`);
    expect(inert('xy\n'.repeat(1_000), { line: 20, text: 6 })).toBe('xy\nxy\n… (2,994 characters more)');
  });

  it('never cuts a surrogate pair in two', () => {
    expect(inertLine('😀'.repeat(10), 5)).toBe('😀😀… (16 characters more)');
  });

  it('puts a line for a line', () => {
    expect(inertLine('a\n\nb\tc')).toBe('a ⏎ b c');
  });

  it('leaves nothing that acts or hides, and stays short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const shown = inert(text, LIMITS);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
        expect(shown).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u200B]/);
        expect(shown).not.toMatch(/\p{Surrogate}/u);
        expect(inertLine(text)).not.toMatch(/[\n\r\t]/);
        expect(shown.length).toBeLessThan(1_000);
      }),
    );
  });
});
