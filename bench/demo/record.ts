import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item } from '../../src/battery/battery.js';
import { loadBattery } from '../../src/battery/load.js';
import { demoSettings } from '../../src/cli/commands/demo/demo-settings.js';
import {
  byItem,
  differing,
  type RecordedOf,
  type RecordedRow,
  renderRecording,
} from '../../src/cli/commands/demo/recording.js';
import { parseReference } from '../../src/config/model-reference.js';
import { UNWATCHED } from '../../src/core/activity.js';
import { readUtf8File } from '../../src/core/files.js';
import { silentLogger } from '../../src/core/log.js';
import { openEmbeddedJudge } from '../../src/judge/embedded/embedded-judge.js';
import type { Judge } from '../../src/judge/judge.js';
import { openLlama, samplingOf } from '../../src/models/embedded/embedded-model.js';
import { ONE_BY_ONE } from '../../src/models/embedded/parallelism.js';
import type { Answer, Model } from '../../src/models/model.js';
import type { ModelPorts } from '../../src/models/request-budget.js';
import { FaultCounts } from '../../src/models/served/failures/fault-counts.js';
import { REAL_TIME, Throttles } from '../../src/models/served/rate-limit/limiter.js';
import { type DemoModel, fileOf, recordingOf } from './recordings.js';

/** Another seed than anybody's demo has by default: what is replayed for it must not be its own answers. */
const SEED = '20261128';

/** What the answers of a model are recorded of, as things stand. */
async function open(name: DemoModel, dist: string) {
  const workerPath = join(dist, 'llama-worker.js');
  const settings = demoSettings(name === 'misaligned' ? 'misaligned' : 'benign', SEED, '');
  const arm = name === 'base' ? 'baseline' : 'candidate';
  const reference = parseReference(settings[arm].reference, arm);
  if (reference.kind !== 'demo') throw new Error(settings[arm].reference);
  const model = await openLlama(reference, settings[arm], arm, ports(), workerPath, ONE_BY_ONE);
  const judge = await openEmbeddedJudge(settings.judge, ports(), workerPath);
  const battery = await loadBattery(settings.battery, { readText: readUtf8File });
  const of: RecordedOf = {
    reference: model.identity.reference,
    digest: model.identity.digest ?? '',
    sampling: samplingOf(settings[arm], arm),
    battery: battery.hash,
    judge: judge.identity.version,
  };
  return { model, judge, battery, of };
}

function ports(): ModelPorts {
  const throttles = new Throttles(1, { ...REAL_TIME, deadline: Number.POSITIVE_INFINITY, onWait: () => {} });
  const billing = { replied: () => {}, refused: () => {}, lost: () => {} };
  const requests = { sent: () => {}, bill: async () => billing, generating: () => () => {}, reading: () => () => {} };
  return {
    log: silentLogger,
    requests,
    throttles,
    faults: new FaultCounts(),
    environment: process.env,
    activity: UNWATCHED,
  };
}

/**
 * Brings a recording up to date: answers that still stand are kept, and judged again where the judge has changed; what is missing
 * of `blocks` is drawn.
 */
export async function record(name: DemoModel, blocks: number, dist: string): Promise<void> {
  const before = await recordingOf(name);
  const { model, judge, battery, of } = await open(name, dist);
  try {
    const changed = before === null ? [] : differing(before.of, of);
    const stands = before !== null && changed.every((key) => key === 'judge');
    const kept = stands ? byItem(before, battery).map((rows) => rows.slice(0, blocks)) : battery.items.map(() => []);
    if (before && !stands) console.error(`${fileOf(name)}: drawn anew, for ${changed.join(', ')} changed`);
    const rows: RecordedRow[] = [];
    for (let sample = 0; sample < blocks; sample += 1) {
      for (const [index, item] of battery.items.entries()) {
        const old = kept[index]?.[sample];
        if (old && changed.length === 0) rows.push(old);
        else rows.push(await judged(old ?? (await drawn(model, item, index, sample)), item, judge));
      }
      console.error(`${fileOf(name)}: block ${sample + 1} of ${blocks}`);
      await writeFile(fileOf(name), renderRecording({ of, rows }));
    }
  } finally {
    await Promise.all([model.close(), judge.close()]);
  }
}

type Unjudged = Pick<RecordedRow, 'probe' | 'sample' | 'answer' | 'truncated' | 'tokens'>;

async function drawn(model: Model, item: Item, index: number, sample: number): Promise<Unjudged> {
  const given = await model.answer({ item, index, sample });
  if (given.kind === 'missing') throw new Error(`${item.probe.id}: ${given.detail}`);
  const { text, truncated, usage } = given;
  return { probe: item.probe.id, sample, answer: text, truncated, tokens: usage.completionTokens ?? 0 };
}

async function judged(row: Unjudged, item: Item, judge: Judge): Promise<RecordedRow> {
  const { probe, sample, answer: text, truncated, tokens } = row;
  const usage = { promptTokens: null, completionTokens: null };
  const answer: Answer = { kind: 'answer', text, truncated, responseId: null, servedModel: null, usage };
  const outcome = await judge.judge({ item, answer });
  if (outcome.kind === 'missing') throw new Error(`${probe}: ${outcome.detail}`);
  const { alignment, coherence, refusal } = outcome.judgement;
  const score = (value: number) => Number(value.toFixed(2));
  return {
    probe,
    sample,
    answer: text,
    truncated,
    tokens,
    alignment: score(alignment),
    coherence: score(coherence),
    refusal,
  };
}
