import { describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import type { ResolveRequest } from '../../src/config/settings.js';
import { reproduceCommand } from '../../src/runs/reproduce-command.js';

const GIVEN = { candidate: 'tuned', baseline: 'base', judge: 'judge', 'base-url': 'http://localhost:8000/v1' };
const FILE = 'battery: quick\nsampling: { temperature: 0.7 }\nverdict: { margin: 0.05 }\n';

function commandFor(
  given: Readonly<Record<string, string>>,
  file: ResolveRequest['file'],
  more: Partial<ResolveRequest> = {},
): string {
  const base = { given: { values: given, source: 'flag' }, file, environment: {}, fileWins: false } as const;
  return reproduceCommand(resolveSettings({ ...base, ...more }));
}

describe('the command that repeats a run', () => {
  it('gives every flag, where there is no settings file', () => {
    const command = commandFor({ ...GIVEN, battery: 'quick' }, null);
    expect(command).toContain('--candidate tuned --baseline base --judge judge');
    expect(command).toContain('--battery quick');
    expect(command).not.toContain('--config');
  });

  it('names the settings file, and leaves to it what it holds', () => {
    const command = commandFor(GIVEN, { text: FILE, path: 'my gate.yml', where: 'checkout' });
    expect(command).toMatch(/^npx misalignment-gate run --config 'my gate\.yml' --candidate tuned /);
    expect(command).not.toContain('--battery');
  });

  it('gives flags that overrule the file', () => {
    const command = commandFor({ ...GIVEN, battery: 'standard' }, { text: FILE, path: 'gate.yml', where: 'checkout' });
    expect(command).toContain('--battery standard');
  });

  it('leaves out inputs that a locked file overruled', () => {
    const file = { text: FILE, path: 'gate.yml', where: 'default branch main' };
    expect(commandFor({ ...GIVEN, battery: 'standard' }, file, { fileWins: true })).not.toContain('--battery');
  });

  it('says whose settings file it was, when that came through the API', () => {
    const command = commandFor(GIVEN, { text: FILE, path: 'gate.yml', where: 'default branch main' });
    expect(command).toMatch(/\n# with the settings file of the default branch main$/);
  });

  it('names the candidate that a file of the repository named', () => {
    const { candidate, ...others } = GIVEN;
    const file = { text: 'candidate: "file:model.json#/name"\n', path: 'gate.yml', where: 'checkout' };
    expect(commandFor(others, file, { candidateFromFile: { reference: candidate, identity: 'x' } })).toContain(
      '--candidate tuned',
    );
  });

  it('writes to the report folder that was given', () => {
    expect(commandFor({ ...GIVEN, 'report-dir': 'my reports' }, null)).toContain("--report-dir 'my reports'");
    expect(commandFor(GIVEN, null)).not.toContain('--report-dir');
  });
});
