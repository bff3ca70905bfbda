import { describe, expect, it } from '@jest/globals';
import { isSecret, voucherOf } from '../../src/state/secret.js';

describe('a key that seals nothing', () => {
  it.each([
    null,
    '',
    'EMPTY',
    'none',
    'sk-no-key-required',
    'SK-NO-KEY-REQUIRED',
    'short',
    'xxxxxxxxxxxxxxxxxxxxxxxx',
    'dummy',
    'not-needed',
    'YOUR_API_KEY_HERE',
    'sk-xxxxxxxxxxxxxxxx',
    'lm-studio-api-key',
    'testtesttesttest',
    'abcabcabcabcabcabc',
    '1234567890123456',
    '0123456789abcdef',
    '                    ',
  ])('is %j: everybody knows it, or can guess it', (key) => expect(isSecret(key)).toBe(false));

  it.each(['sk-9f8a7c6b5d4e3f2a1b0c', 'sk-test-12345', 'one-state-key', 'a key that nobody knows'])('%j seals', (key) =>
    expect(isSecret(key)).toBe(true),
  );
});

describe('what vouches for state and sealed reports', () => {
  const KEY = 'sk-9f8a7c6b5d4e3f2a1b0c';

  it('is state-key, else the first API key that is a secret', () => {
    expect(voucherOf('a key that nobody knows', [KEY])).toEqual({ secret: 'a key that nobody knows' });
    expect(voucherOf(null, ['EMPTY', null, KEY])).toEqual({ secret: KEY });
  });

  it.each([
    ['a state-key that is none', 'none', [KEY], /^state-key is short, or a placeholder/],
    ['placeholders of servers that want no key', null, ['EMPTY', 'sk-no-key-required'], /^the API key .* placeholder/],
    ['no key at all', null, [null, null], /neither a state-key nor an API key/],
  ])('is nothing for %s', (_, stateKey, keys, why) => {
    expect(voucherOf(stateKey, keys)).toEqual({ why: expect.stringMatching(why) });
  });
});
