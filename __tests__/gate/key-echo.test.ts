import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { failure } from '../support/fault-server.js';
import { smallGate } from '../support/small-gate.js';

const KEY = 'sk-9f8a7c6b5d4e3f2a1b0c+/=';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-key-echo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** All that a run leaves, when its server refuses with these words. */
async function leftBy(message: string): Promise<string> {
  const reply = () => failure(401, { message });
  const { report } = await smallGate(folder, { reply, flags: { 'api-key': KEY } });
  const names = await readdir(join(folder, 'report')).catch(() => []);
  const files = await Promise.all(names.map((name) => readFile(join(folder, 'report', name), 'utf8')));
  return [JSON.stringify(report), ...files].join('\n');
}

describe('a key that a server repeats', () => {
  it.each([276, 280, 285, 290, 295, 1180, 1190])(
    'is hidden before its words are cut (after %i characters)',
    async (before) => {
      const left = await leftBy(`${'n'.repeat(before)}${KEY} is no key of ours.`);
      expect(left).toContain('nnn');
      expect(left).not.toContain(KEY.slice(0, 5));
    },
    30_000,
  );

  it.each([
    ['in a URL', encodeURIComponent(KEY)],
    ['in base64', Buffer.from(`user:${KEY}`).toString('base64')],
  ])(
    'is hidden %s too',
    async (_, form) => {
      const left = await leftBy(`No such key: ${form}.`);
      expect(left).toContain('***');
      expect(left).not.toContain(form);
    },
    30_000,
  );
});
