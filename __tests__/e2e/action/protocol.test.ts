import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { startRunner } from '../../action/runner.js';
import { type ActionExport, exportAction, node24, runStep } from '../support/action-export.js';

interface ActionFile {
  readonly inputs: Record<string, { default?: string }>;
  readonly runs: { using: string; main: string; post: string };
}

/** The contexts that a runner offers to the defaults in action.yml. */
const CONTEXTS: Readonly<Record<string, string>> = { 'github.token': 'gh-token', 'toJSON(matrix)': 'null' };

/** `with:` as the runner turns it into variables: what is given, else the default with its expressions filled in, else "". */
function variables(action: ActionFile, given: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(action.inputs).map(([name, input]) => {
    const value = given[name] ?? input.default ?? '';
    const filled = value.replace(/\$\{\{\s*(.+?)\s*\}\}/g, (_, expression: string) => CONTEXTS[expression] ?? '');
    return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, filled];
  });
  return Object.fromEntries(entries);
}

let exported: ActionExport;
let action: ActionFile;

beforeAll(async () => {
  exported = await exportAction();
  action = parse(await readFile(join(exported.folder, 'action.yml'), 'utf8')) as ActionFile;
}, 120_000);
afterAll(() => exported.remove());

describe('the runner’s protocol', () => {
  it('finds main and post in the export, which has no node_modules', async () => {
    for (const entry of [action.runs.main, action.runs.post]) {
      expect((await readFile(join(exported.folder, entry), 'utf8')).length).toBeGreaterThan(0);
    }
  });

  it('is met under Node 24', async () => {
    expect(action.runs.using).toBe('node24');
    expect(await node24()).toMatch(/node/);
  });

  it('declared defaults alone set nothing: the run asks for a candidate', async () => {
    const payload = { repository: { default_branch: 'main' } };
    const runner = await startRunner({ event: 'push', payload, env: variables(action, {}) });
    try {
      const { exitCode, stdout } = await runStep(exported, 'index', runner);
      expect(exitCode).toBe(3);
      expect(stdout).toContain('candidate: not given');
      expect(stdout).toContain('::add-mask::gh-token');
      expect((await runStep(exported, 'post', runner)).exitCode).toBe(0);
    } finally {
      await runner.remove();
    }
  }, 60_000);
});
