import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Activity } from '../../src/core/activity.js';
import { silentLogger } from '../../src/core/log.js';
import { openLlama } from '../../src/models/embedded/embedded-model.js';
import { ONE_BY_ONE } from '../../src/models/embedded/parallelism.js';
import { openWire } from '../../src/models/served/rate-limit/network.js';
import { openServed } from '../../src/models/served/served-model.js';
import { ask, closeServers, serve } from '../models/served.js';
import { item, served, testPorts } from '../models/support.js';
import { completion } from '../support/fault-server.js';

afterEach(closeServers);

/** Notes what begins, with its limit, and what of it is still under way. */
function noting() {
  const seen: (readonly [string, number])[] = [];
  const open: string[] = [];
  const begun: Activity['begun'] = (what, withinMs = 0) => {
    seen.push([what, withinMs]);
    open.push(what);
    return () => void open.splice(open.indexOf(what), 1);
  };
  const during: Activity['during'] = (what, withinMs, work) => work().finally(begun(what, withinMs));
  return { seen, open, activity: { begun, during } };
}

describe('who watches over the run hears', () => {
  it('of every request, for as long as its reply is waited for', async () => {
    const { seen, open, activity } = noting();
    const server = await serve(() => {
      expect(open).toEqual([`requests to ${server.origin}`]);
      return completion('Hi.');
    });
    const replyTimeout = { seconds: 900, name: 'reply-timeout' };
    const settings = served(`${server.origin}/v1`, { replyTimeout });
    const model = openServed('tuned', settings, 'candidate', { ...testPorts(), activity });
    await ask(model);
    expect([seen, open]).toEqual([[[`requests to ${server.origin}`, 900_000]], []]);
  });

  it('of a request that comes to nothing, and when it does', async () => {
    const { seen, open, activity } = noting();
    const model = openServed('tuned', served('http://127.0.0.1:9/v1'), 'candidate', { ...testPorts(), activity });
    await expect(model.preflight()).rejects.toMatchObject({ code: 'endpoint.unreachable' });
    expect(seen).not.toEqual([]);
    expect(open).toEqual([]);
  }, 30_000);

  it('of a wait that a server asks for, and how long it is', async () => {
    const { seen, open, activity } = noting();
    const limits = { maxConcurrency: 4, timeoutMinutes: 60, maxWaitSeconds: 600 };
    const wire = openWire(limits, silentLogger, activity);
    let asked = 0;
    const server = await serve(() => {
      asked += 1;
      if (asked > 1) return completion('Hi.');
      return { status: 429, headers: { 'retry-after-ms': '300' }, body: { error: { message: 'slow down' } } };
    });
    const ports = { ...testPorts(), ...wire, activity };
    await ask(openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports));
    const [waited] = seen.filter(([what]) => what === 'waits of a rate limit');
    expect(waited?.[1]).toBeGreaterThan(0);
    expect(waited?.[1]).toBeLessThanOrEqual(300);
    expect(open).toEqual([]);
  });

  it('of an embedded model at work, which may take as long as it takes', async () => {
    const { seen, open, activity } = noting();
    const folder = await mkdtemp(join(tmpdir(), 'activity-'));
    const [modelPath, workerPath] = [join(folder, 'model.gguf'), join(folder, 'worker.mjs')];
    await writeFile(modelPath, 'GGUF and more');
    await writeFile(
      workerPath,
      `process.on('disconnect', () => process.exit(0));
       process.on('message', ({ type, id }) => process.send(
         type === 'load'
           ? { type: 'loaded', id, device: 'cpu', answersAtOnce: 1 }
           : { type: 'answered', id, text: 'Hi.', truncated: false, promptTokens: 1, completionTokens: 1 },
       ));`,
    );
    const settings = { ...served('http://127.0.0.1:9/v1'), reference: `gguf:${modelPath}`, baseUrl: null };
    const reference = { kind: 'gguf', path: modelPath, lora: null } as const;
    const ports = { ...testPorts(), activity };
    const model = await openLlama(reference, settings, 'candidate', ports, workerPath, ONE_BY_ONE);
    try {
      await model.preflight();
      const answering = model.answer({ item: item(), index: 0, sample: 0 });
      expect(open).toEqual(['the embedded candidate']);
      await answering;
      expect(seen).toEqual(Array(2).fill(['the embedded candidate', Number.POSITIVE_INFINITY]));
      expect(open).toEqual([]);
    } finally {
      await model.close();
      await rm(folder, { recursive: true, force: true });
    }
  }, 30_000);
});
