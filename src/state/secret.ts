/** Shorter ones can be tried out. */
const LEAST_LENGTH = 16;

/** What servers that want no key are given. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'sk-no-key-required',
  'no-key-required',
  'not-needed-not-needed',
  'lm-studio-lm-studio',
]);

/** Whether a key can vouch for something: one that everybody knows or can guess keeps nothing from anybody. */
export function isSecret(key: string | null): key is string {
  if (key === null || key.length < LEAST_LENGTH || PLACEHOLDERS.has(key.toLowerCase())) return false;
  // "xxxxxxxxxxxxxxxx", "0000 …"
  return new Set(key).size > LEAST_VARIETY;
}

const LEAST_VARIETY = 4;
