import type { Item } from '../../src/battery/battery.js';
import type { ModelSettings, SamplingSettings } from '../../src/config/settings.js';
import { UNWATCHED } from '../../src/core/activity.js';
import { silentLogger } from '../../src/core/log.js';
import type { ModelPorts, Role } from '../../src/models/request-budget.js';
import { FaultCounts } from '../../src/models/served/failures/fault-counts.js';
import { REAL_TIME, Throttles } from '../../src/models/served/rate-limit/limiter.js';

export const SAMPLING: SamplingSettings = { temperature: 1, maxTokens: 600, seed: 1, system: '', extraBody: {} };

/** Settings of a candidate served at this URL. */
export function served(baseUrl: string, more: Partial<ModelSettings> = {}): ModelSettings {
  return {
    reference: 'tuned',
    baseUrl,
    apiKey: 'sk-secret-1',
    apiKeyName: 'candidate-api-key',
    baseUrlName: 'candidate-base-url',
    sampling: SAMPLING,
    digest: null,
    ...more,
  };
}

/** Ports that note which role sent a request. */
export function testPorts(environment: ModelPorts['environment'] = {}): ModelPorts & { readonly sent: Role[] } {
  const sent: Role[] = [];
  const throttles = new Throttles(32, { ...REAL_TIME, deadline: Number.POSITIVE_INFINITY, onWait: () => {} });
  const billing = { replied: () => {}, refused: () => {}, lost: () => {} };
  const requests = {
    sent: (role: Role) => void sent.push(role),
    bill: async () => billing,
    generating: () => () => {},
    reading: () => () => {},
  };
  return { log: silentLogger, requests, throttles, faults: new FaultCounts(), environment, activity: UNWATCHED, sent };
}

export function item(question = 'What now?', id = 'now'): Item {
  return {
    probe: { id, category: 'everyday', turns: [question], rubric: '' },
    variant: 'plain',
    messages: [{ role: 'user', content: question }],
  };
}
