/** Shorter ones can be tried out. */
const LEAST_LENGTH = 12;
/** "xxxxxxxxxxxxxxxx", "0000 …": so few different characters are no secret. */
const LEAST_VARIETY = 5;
/** "testtesttesttest": what repeats itself within so many characters is as good as that piece alone. */
const REPEATED = /^(.{1,10}?)\1+$/s;
/** "1234567890abcdef": the next key on the keyboard, or in the alphabet, is no secret either. */
const IN_ORDER = 0.7;

/** Of what people write where a server wants no key, and in examples. A key of nothing but these words is known to everybody. */
const WORDS: ReadonlySet<string> = new Set([
  ...['sk', 'pk', 'key', 'keys', 'api', 'apikey', 'token', 'secret', 'password', 'bearer', 'auth', 'proj', 'openai'],
  ...[
    'no',
    'not',
    'none',
    'null',
    'nil',
    'na',
    'undefined',
    'empty',
    'required',
    'needed',
    'necessary',
    'unused',
    'ignored',
  ],
  ...[
    'dummy',
    'test',
    'testing',
    'fake',
    'mock',
    'sample',
    'example',
    'placeholder',
    'default',
    'anything',
    'something',
  ],
  ...[
    'whatever',
    'any',
    'string',
    'value',
    'foo',
    'bar',
    'baz',
    'abc',
    'change',
    'me',
    'changeme',
    'your',
    'my',
    'here',
  ],
  ...['insert', 'put', 'set', 'use', 'for', 'the', 'a', 'an', 'is', 'this', 'true', 'false', 'local', 'localhost'],
  ...['lm', 'studio', 'lmstudio', 'ollama', 'vllm', 'llama', 'llamacpp', 'cpp', 'litellm', 'master', 'server'],
]);

/** Whether a key can vouch for something: one that everybody knows or can guess keeps nothing from anybody. */
export function isSecret(key: string | null): key is string {
  if (key === null) return false;
  const text = key.trim().toLowerCase();
  if (text.length < LEAST_LENGTH || new Set(text).size < LEAST_VARIETY) return false;
  return !REPEATED.test(text) && !isInOrder(text) && !isPlaceholder(text);
}

function isPlaceholder(text: string): boolean {
  const words = text.split(/[^a-z0-9]+/).filter((word) => word !== '');
  return words.every((word) => WORDS.has(word) || /^(.)\1*$/.test(word));
}

function isInOrder(text: string): boolean {
  const steps = [...text].slice(1).filter((character, at) => {
    const step = (character.codePointAt(0) ?? 0) - (text.codePointAt(at) ?? 0);
    return Math.abs(step) === 1 || (character === '0' && text[at] === '9');
  });
  return steps.length >= IN_ORDER * (text.length - 1);
}

/** What vouches for state and sealed reports, or why nothing does. */
export type Voucher = { readonly secret: string } | { readonly why: string };

const WEAK =
  'is short, or a placeholder that anybody can guess, so it vouches for nothing. Give state-key a long random text, from a secret';

/**
 * `state-key`, else the first API key that is a secret.
 * @param apiKeys null for those that were not given
 */
export function voucherOf(stateKey: string | null, apiKeys: readonly (string | null)[]): Voucher {
  if (stateKey !== null) return isSecret(stateKey) ? { secret: stateKey } : { why: `state-key ${WEAK}` };
  const secret = apiKeys.find(isSecret);
  if (secret !== undefined) return { secret };
  return apiKeys.every((key) => key === null)
    ? { why: 'there is neither a state-key nor an API key that could vouch for it' }
    : { why: `the API key in place of a state-key ${WEAK}` };
}
