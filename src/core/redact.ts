import { withoutSecrets } from './secret-forms.js';

/**
 * A report, or a part of one, without the run's secrets. Servers quote keys in their error messages; the runner hides them
 * in the log only, while the report goes into files, outputs and a comment.
 */
export function redacted<T>(value: T, secrets: readonly string[]): T {
  return secrets.length === 0 ? value : (redactedValue(value, secrets) as T);
}

function redactedValue(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return withoutSecrets(value, secrets);
  if (Array.isArray(value)) return value.map((entry) => redactedValue(entry, secrets));
  if (typeof value !== 'object' || value === null) return value;
  const clean = ([key, entry]: [string, unknown]) => [withoutSecrets(key, secrets), redactedValue(entry, secrets)];
  return Object.fromEntries(Object.entries(value).map(clean));
}
