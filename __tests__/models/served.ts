import type { ModelSettings } from '../../src/config/settings.js';
import type { AnswerOutcome, Model } from '../../src/models/model.js';
import type { ChatLimits } from '../../src/models/served/chat-client.js';
import { openServed } from '../../src/models/served/served-model.js';
import { type FaultServer, type Reply, type Seen, startFaultServer } from '../support/fault-server.js';
import { item, served, testPorts } from './support.js';

export const LIMITS = { timeoutSeconds: 10, maxRetries: 2, firstPauseMs: 1 };
const servers: FaultServer[] = [];

/** Call after each test. */
export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => server.close()));
}

export async function serve(answer: (request: Seen) => Reply): Promise<FaultServer> {
  const server = await startFaultServer(answer);
  servers.push(server);
  return server;
}

export function open(
  server: FaultServer,
  more: Partial<ModelSettings> = {},
  base = '/v1',
  limits: ChatLimits | null = LIMITS,
): Model {
  return openServed('tuned', served(server.origin + base, more), 'candidate', testPorts(), limits ?? undefined);
}

export function ask(model: Model, signal?: AbortSignal): Promise<AnswerOutcome> {
  return model.answer({ item: item(), index: 0, sample: 0, ...(signal === undefined ? {} : { signal }) });
}

/** The error that work ends with. No message ever holds the key. */
export async function errorFrom(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => new Error('no error'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`rejected with ${String(error)}`);
  if (error.message.includes('sk-secret-1')) throw new Error(`the key stands in: ${error.message}`);
  return error;
}
