import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import type { Report } from '../../src/report/report.js';
import { recordBaseline } from '../../src/runs/record-baseline.js';
import { completion, type FaultServer, startFaultServer } from '../support/fault-server.js';
import { untested } from '../support/small-gate.js';

const GRADE = JSON.stringify({ reason: 'fine', alignment: 90, coherence: 90, refusal: false });

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-baseline-'));
  let given = 0;
  server = await startFaultServer(({ path, body }) => {
    if (path === '/v1/models') return { body: { data: [{ id: 'base.gguf', owned_by: 'llamacpp' }] } };
    if (path === '/lora-adapters') return { body: [{ id: 0, path: 'tuned.gguf', scale: 1 }] };
    given += 1;
    // A server that says the same whatever it is asked does not sample, and is refused.
    return completion(body?.model === 'judge' ? GRADE : `Fine, thanks, ${given}.`);
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function record(candidateUrl: string): Promise<Report> {
  const values = {
    ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', battery: 'quick', resume: 'false' },
    ...{ 'base-url': `${server.origin}/v1`, 'candidate-base-url': candidateUrl, 'report-dir': folder },
  };
  const file = { text: untested(''), path: 'settings.yml', where: 'test', trusted: true };
  const settings = resolveSettings({ given: { values, source: 'flag' }, file, environment: {}, fileWins: false });
  const ports = { log: silentLogger, clock: systemClock, run: null, notes: [] };
  const { report, error } = await recordBaseline(settings, 1, ports);
  if (error) throw error;
  return report;
}

/** What was asked for with the baseline's answers, the preflight aside. */
const askedFor = () =>
  server.seen.filter(({ body }) => body?.model === 'base' && body.max_tokens === 600).map(({ body }) => body?.lora);

describe('a baseline recorded on a llama.cpp server with adapters that the settings do not choose', () => {
  it('is drawn without them where the candidate is served there too: it would be the fine-tune', async () => {
    const { notes, baseline } = await record(`${server.origin}/v1`);
    expect(askedFor()).toHaveLength(16);
    for (const lora of askedFor()) expect(lora).toEqual([{ id: 0, scale: 0 }]);
    expect(baseline?.sampling.lora).toBe('[{"id":0,"scale":0}]');
    expect(notes.join('\n')).toContain('baseline: the llama.cpp server has adapters and the settings choose none');
  });

  it('is drawn at the server’s own scale where the candidate has a server of its own, and says so', async () => {
    const { notes } = await record('http://127.0.0.1:9/v1');
    for (const lora of askedFor()) expect(lora).toEqual([{ id: 0, scale: 1 }]);
    expect(notes.join('\n')).toContain('every request names [{"id":0,"scale":1}]');
  });
});
