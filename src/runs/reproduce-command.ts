import { INPUTS } from '../config/inputs.js';
import type { Settings } from '../config/settings.js';
import type { EffectiveSetting } from '../report/report.js';

/** Settings that make no difference to what is measured, or that belong to the machine. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'resume',
  'state-dir',
  'on-missing-secrets',
  ...INPUTS.filter(({ onGitHub }) => onGitHub).map(({ name }) => name),
]);

/**
 * The command that repeats this run: the settings file, and everything besides that is no default; keys come from the
 * environment. What the candidate's own file said at that commit is given as a flag, for it may say something else by now.
 */
export function reproduceCommand({ effective, settingsFile, candidateFromFile }: Settings): string {
  const flags = effective
    .filter(({ name, source }) => isGiven(source) || (name === 'candidate' && candidateFromFile))
    .map((setting) => ({ ...setting, name: setting.name === 'judge.model' ? 'judge' : setting.name }))
    .filter(({ name }) => INPUTS.some((input) => input.name === name && !input.secret) && !LEFT_OUT.has(name))
    .map(({ name, value }) => `--${name} ${quoted(value)}`);
  const config = settingsFile ? [`--config ${quoted(settingsFile.path)}`] : [];
  const command = ['npx misalignment-gate run', ...config, ...flags].join(' ');
  if (settingsFile === null || settingsFile.where === 'checkout') return command;
  return `${command}\n# with the settings file of the ${settingsFile.where}`;
}

/** The file's own settings come from the file again. */
function isGiven(source: EffectiveSetting['source']): boolean {
  return source === 'input' || source === 'flag';
}

/** For a POSIX shell: nothing in single quotes means anything. */
function quoted(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
