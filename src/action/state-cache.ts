import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { getState, saveState } from '@actions/core';
import { Ajv } from 'ajv';
import type { Logger } from '../core/log.js';
import type { Carried, Restore } from '../state/state-dir.js';
import { markerFor, type Session } from './session.js';

/** What we use of `@actions/cache`. */
export interface CacheService {
  isFeatureAvailable(): boolean;
  restoreCache(paths: string[], primaryKey: string, restoreKeys?: string[]): Promise<string | undefined>;
  saveCache(paths: string[], key: string): Promise<number>;
}

/** It is large, and only needed where there is state to carry. */
export const loadCacheService = (): Promise<CacheService> => import('@actions/cache');

interface Entry {
  readonly path: string;
  readonly key: string;
}

/** Under this name the post step finds what is still to be saved. */
const CACHE_STATE = 'state-cache';

const isEntries = new Ajv().compile<readonly Entry[]>({
  type: 'array',
  items: {
    type: 'object',
    required: ['path', 'key'],
    properties: { path: { type: 'string' }, key: { type: 'string' } },
  },
});

/**
 * GitHub's cache brings the state directory from job to job. Entries can't be changed once written, so each attempt writes
 * entries of its own, and takes up the newest of whatever attempt.
 */
export function restoreFromCache(session: Session, load = loadCacheService): Restore {
  return async (parts) => {
    const entries = parts.map((part) => entryOf(part, session));
    // First of all, so that the post step saves what a killed step left.
    saveState(CACHE_STATE, JSON.stringify(entries));
    await quietly(session.log, 'restored', async () => {
      const service = await load();
      if (!service.isFeatureAvailable()) return session.log.debug('There is no cache service here.');
      await sideBySide(
        parts.map(async (part) => {
          // A machine that keeps its workspace has the newer files.
          if (await holdsFiles(part.folder)) return;
          const { path, key } = entryOf(part, session);
          const found = await service.restoreCache([path], key, [...ownPrefix(part, session), prefixOf(part)]);
          session.log.debug(`${path}: ${found ?? 'nothing in the cache'}`);
        }),
      );
    });
  };
}

/** Saves what this run, or the step that was killed before, has kept. To be called once the files are closed. */
export async function saveToCache(log: Logger, load = loadCacheService): Promise<void> {
  await quietly(log, 'saved', async () => {
    const entries: unknown = JSON.parse(getState(CACHE_STATE) || '[]');
    if (!isEntries(entries) || entries.length === 0) return;
    const service = await load();
    if (!service.isFeatureAvailable()) return;
    const filled = await Promise.all(entries.map(({ path }) => holdsFiles(path)));
    await sideBySide(entries.filter((_, at) => filled[at]).map(({ path, key }) => service.saveCache([path], key)));
  });
}

function entryOf(part: Carried, session: Session): Entry {
  const { runId = 0, runAttempt = 1 } = session.environment ?? {};
  const name = `${runId}-${runAttempt}`;
  const key = `${prefixOf(part)}${isShared(part) ? `${name}-${legOf(session)}` : `${legOf(session)}-${name}`}`;
  return { path: portable(part.folder, session), key };
}

/** What this gate kept of a verdict comes before what another did that judges the same candidate otherwise. */
function ownPrefix(part: Carried, session: Session): string[] {
  return isShared(part) ? [] : [`${prefixOf(part)}${legOf(session)}-`];
}

/** Of a baseline the newest entry is the best, whoever asked for its answers. */
function isShared({ name }: Carried): boolean {
  return name.startsWith('baseline-');
}

/** Gates that run at the same time, legs of a matrix among them, each write entries of their own. */
function legOf(session: Session): string {
  return createHash('sha256').update(markerFor(session, 'running').key).digest('hex').slice(0, 8);
}

function prefixOf({ name }: Carried): string {
  return `misalignment-gate-${name}-`;
}

/** Relative to the workspace: the next machine's may lie elsewhere, and the service tells entries apart by their paths too. */
function portable(folder: string, { environment }: Session): string {
  const path = relative(environment?.workspace ?? process.cwd(), folder);
  return path.startsWith('..') || isAbsolute(path) ? folder : path;
}

/** The library tries a service that is down for half a minute. @throws the first failure, once nothing is under way any more */
async function sideBySide(works: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

async function holdsFiles(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.length > 0;
}

/** The cache is a convenience: whatever is wrong with it, the verdict stands. */
async function quietly(log: Logger, done: 'restored' | 'saved', work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.notice(`state-dir: could not be ${done} through GitHub's cache (${why}). The verdict does not depend on it.`);
  }
}
