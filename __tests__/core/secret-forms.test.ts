import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutSecrets } from '../../src/core/secret-forms.js';

const KEY = 'sk-a/b+c"d\\e<f>&1234567890';

describe('a secret is found', () => {
  it.each([
    ['as it is', KEY],
    ['in a URL', encodeURIComponent(KEY)],
    ['in a URL in lower case', encodeURIComponent(KEY).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['in JSON', JSON.stringify(KEY)],
    ['in JSON with slashes escaped', JSON.stringify(KEY).replaceAll('/', '\\/')],
    [
      'in JSON within ASCII and HTML',
      JSON.stringify(KEY).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026'),
    ],
    ['in base64', Buffer.from(KEY).toString('base64')],
  ])('%s', (_, form) => {
    const text = withoutSecrets(`before ${form} after`, [KEY]);
    expect(text).toMatch(/^before .*\*\*\*.* after$/);
    expect(text).not.toContain('1234567890');
    expect(text.length).toBeLessThan(30);
  });

  it('in base64, whatever stands before and after it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (before, after) => {
        for (const encoding of ['base64', 'base64url'] as const) {
          const whole = Buffer.from(`${before}${KEY}${after}`).toString(encoding);
          expect(Buffer.from(withoutSecrets(whole, [KEY]).replace('***', ''), 'base64').toString()).not.toContain(
            '567890',
          );
        }
      }),
    );
  });

  it('but not where it is a word of everyday text', () => {
    expect(withoutSecrets('{"index": 1, "text": "EMPTY"}', ['x', 'EMPTY'])).toBe('{"index": 1, "text": "EMPTY"}');
  });

  it('when it begins with another one', () => {
    expect(withoutSecrets('sk-one-two', ['sk-one', 'sk-one-two'])).toBe('***');
  });
});
