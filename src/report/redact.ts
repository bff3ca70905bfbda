/** Shorter ones are no secrets but words of everyday text, or numbers. */
const MIN_LENGTH = 8;

/**
 * A report, or a part of one, without the run's secrets. Servers quote keys in their error messages; the runner hides them
 * in the log only, while the report goes into files, outputs and a comment.
 */
export function redacted<T>(value: T, secrets: readonly string[]): T {
  const hidden = secrets.filter((secret) => secret.length >= MIN_LENGTH);
  return hidden.length === 0 ? value : (redactedValue(value, hidden) as T);
}

function redactedValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), value);
  if (Array.isArray(value)) return value.map((entry) => redactedValue(entry, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redactedValue(entry, secrets)]));
}
