import { INPUTS } from './config/inputs.js';
import type { Settings } from './config/settings.js';

/** Settings that make no difference to what is measured, or that belong to the machine. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'report-dir',
  'resume',
  'state-dir',
  'comment',
  'comment-key',
  'excerpts-in',
  'on-missing-secrets',
  'override-label',
  'check-name',
]);

/** The command that repeats this run: everything that is no default; keys come from the environment. */
export function reproduceCommand({ effective }: Settings): string {
  const flags = effective
    .filter(({ source }) => source !== 'default' && source !== 'environment')
    .map((setting) => ({ ...setting, name: setting.name === 'judge.model' ? 'judge' : setting.name }))
    .filter(({ name }) => INPUTS.some((input) => input.name === name && !input.secret) && !LEFT_OUT.has(name))
    .map(({ name, value }) => `--${name} ${quoted(value)}`);
  return ['npx misalignment-gate run', ...flags].join(' ');
}

/** For a POSIX shell: nothing in single quotes means anything. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
