import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config/settings.js';
import { isKnownError, type KnownError, ProviderError } from '../errors.js';
import type { Logger } from '../log.js';
import type { Model } from '../models/model.js';

const POLL_MS = 3_000;

/** What a server says while it is still loading; a refused key or a wrong setting gets no better by waiting. */
const PASSES: ReadonlySet<string> = new Set([
  'endpoint.unreachable',
  'endpoint.timeout',
  'endpoint.server-error',
  'endpoint.rate-limited',
  'endpoint.malformed',
  'endpoint.base-url',
  'endpoint.model-unknown',
  'endpoint.model-unusable',
]);

export interface WaitPorts {
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

type Part = Pick<Model, 'preflight' | 'unlisted'>;

/**
 * The preflight of models and judge, repeated until each one has answered under its name and its server lists it, for as long
 * as `wait-for-endpoint` says: a model that the job itself serves takes minutes to load. One that answers and is never listed
 * is not held up any longer than that.
 * @throws what the last try found, once the time is over or waiting can't help
 */
export async function preflightAll(
  parts: readonly Part[],
  { waitForEndpointSeconds }: Pick<Settings, 'waitForEndpointSeconds'>,
  { log, signal }: WaitPorts,
): Promise<void> {
  const until = Date.now() + waitForEndpointSeconds * 1000;
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  // Every request listens to it.
  setMaxListeners(0, stop);
  const tell = onceEach((text) => log.info(`wait-for-endpoint: ${text}`));
  const waits = parts.map((part) => answering(part, until, { tell, signal: stop }));
  try {
    await Promise.all(waits);
  } catch (error) {
    // The others would go on asking, and keep the process alive, until their time is over.
    failed.abort();
    await Promise.allSettled(waits);
    throw error;
  }
}

/** Models and judge wait for one server, and most tries find what the last one found. */
function onceEach(tell: (text: string) => void): (lacking: string, left: number) => void {
  const told = new Set<string>();
  return (lacking, left) => {
    if (told.has(lacking)) return;
    told.add(lacking);
    tell(`${lacking} (${Math.ceil(left / 1000)} s left to wait)`);
  };
}

async function answering(
  part: Part,
  until: number,
  { tell, signal }: { readonly tell: ReturnType<typeof onceEach>; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const { error, lacking } = await look(part, signal);
    const left = until - Date.now();
    if (lacking === null) return;
    if (left <= 0) {
      if (error === null) return;
      throw error;
    }
    tell(lacking, left);
    await pause(Math.min(POLL_MS, left), signal);
  }
}

/** What is lacking, in words, and the error that says so; null once nothing is. @throws what waiting can't mend */
async function look(part: Part, signal: AbortSignal): Promise<{ error: KnownError | null; lacking: string | null }> {
  try {
    await part.preflight(signal);
    return { error: null, lacking: part.unlisted ?? null };
  } catch (error) {
    if (!isKnownError(error) || !PASSES.has(error.code)) throw error;
    return { error, lacking: error.message };
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (cause) {
    throw new ProviderError('endpoint.stopped', 'The wait for the servers was stopped.', { cause });
  }
}
