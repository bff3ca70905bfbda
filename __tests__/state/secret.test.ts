import { describe, expect, it } from '@jest/globals';
import { isSecret } from '../../src/state/secret.js';

describe('a key that seals nothing', () => {
  it.each([null, '', 'EMPTY', 'none', 'sk-no-key-required', 'SK-NO-KEY-REQUIRED', 'short', 'xxxxxxxxxxxxxxxxxxxxxxxx'])(
    'is %j: everybody knows it, or can guess it',
    (key) => expect(isSecret(key)).toBe(false),
  );

  it.each(['sk-9f8a7c6b5d4e3f2a1b0c', '0123456789abcdef', 'a key that nobody knows'])('%j seals', (key) =>
    expect(isSecret(key)).toBe(true),
  );
});
