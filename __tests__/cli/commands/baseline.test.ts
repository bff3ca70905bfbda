import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { nextStep } from '../../../src/cli/commands/baseline-command.js';
import { buildProgram } from '../../../src/cli/program.js';
import type { Terminal } from '../../../src/cli/terminal.js';

const SETTINGS = { reportDir: 'recorded', stateDir: '.state', resume: true };

describe('what misalignment-gate baseline says in the end', () => {
  it('names the state directory only where it was kept there', () => {
    expect(nextStep(SETTINGS, true)).toContain('take it from .state');
    const step = nextStep(SETTINGS, false);
    expect(step).not.toContain('take it from');
    expect(step).toContain('--baseline report:recorded/report.json');
    expect(step).toContain('give --state-key to keep it');
  });

  it('asks for no key where keeping is switched off', () => {
    expect(nextStep({ ...SETTINGS, resume: false }, false)).not.toContain('--state-key');
  });
});

describe('misalignment-gate baseline --help', () => {
  it('does not call the candidate required', () => {
    const terminal = { stdout: new PassThrough(), stderr: new PassThrough(), environment: {} } as unknown as Terminal;
    const command = buildProgram(terminal, () => {}).commands.find((one) => one.name() === 'baseline');
    const candidate = /--candidate <value>(.*?)--/s.exec(command?.helpInformation() ?? '')?.[1];
    expect(candidate?.replaceAll(/\s+/g, ' ')).toBe(' Not needed: the baseline alone is asked. ');
  });
});
