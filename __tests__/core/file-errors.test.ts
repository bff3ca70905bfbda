import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toKnownError } from '../../src/core/errors.js';
import { silentLogger } from '../../src/core/log.js';
import { ensureBaseModel } from '../../src/models/embedded/demo-model/ensure.js';

const refused = (code: string, syscall = 'open') =>
  Object.assign(new Error(`${code}: no`), { code, syscall, path: '/some/where' });

describe('what a file system refuses', () => {
  it.each(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENOTDIR', 'ELOOP', 'EIO'])(
    'is no bug of ours: %s',
    (code) => {
      const { exitCode, message } = toKnownError(refused(code));
      expect(exitCode).toBe(3);
      expect(message).toContain(`"/some/where"`);
      expect(message).toContain(code);
      expect(message).not.toContain('bug');
    },
  );

  it.each([
    ['a connection', refused('EACCES', 'connect')],
    ['a file that is missing', refused('ENOENT')],
    ['anything else', new TypeError('x is not a function')],
  ])('is another thing than %s', (_, error) => {
    expect(toKnownError(error)).toMatchObject({ exitCode: 4, message: expect.stringContaining('bug') });
  });
});

describe('a model cache that can’t be written to', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cache-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['a file in its place', 'file', /ENOTDIR/],
    ['no room for folders', '/proc/no-such-process', /ENOENT/],
  ])('is no fault of the hub, which is not even asked: %s', async (_, place, why) => {
    await writeFile(join(folder, 'file'), '');
    let asked = 0;
    const fetchFn = async () => {
      asked += 1;
      return new Response(null, { status: 404 });
    };
    const cache = place.startsWith('/') ? place : join(folder, place);
    const got = ensureBaseModel({ log: silentLogger, environment: { MISALIGNMENT_GATE_CACHE: cache }, fetchFn });
    await expect(got).rejects.toMatchObject({ code: 'config.cache', exitCode: 3, message: expect.stringMatching(why) });
    expect(asked).toBe(0);
  });
});
