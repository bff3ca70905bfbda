import { loadBattery } from '../../../battery/load.js';
import type { Settings } from '../../../config/settings.js';
import { embeddedJudgeVersion } from '../../../judge/embedded/embedded-judge.js';
import type { Judged } from '../../../judge/judge.js';
import { readBaseModelSource } from '../../../models/embedded/demo-model/ensure.js';
import { samplingOf } from '../../../models/embedded/embedded-model.js';
import type { Answer, AnswerOutcome, AnswerRequest, Model, ModelIdentity } from '../../../models/model.js';
import { BASELINE_FILE, type RecordedOf, type RecordedRow, type Recording } from './recording.js';

const NO_USAGE = { promptTokens: null, completionTokens: null };

/** What the baseline's answers would be drawn with and judged by in this run. */
export async function baselineNow(
  settings: Pick<Settings, 'baseline' | 'battery'>,
  readText: (path: string) => Promise<string>,
): Promise<RecordedOf> {
  const { baseline, battery } = settings;
  return {
    reference: baseline.reference,
    digest: (await readBaseModelSource()).sha256,
    sampling: samplingOf(baseline, 'baseline'),
    battery: (await loadBattery(battery, { readText })).hash,
    judge: await embeddedJudgeVersion(),
  };
}

/** `demo:base` from its recording; past its end from the model itself, which is opened only then. */
export class RecordedBaseline implements Model {
  readonly identity: ModelIdentity;
  readonly #rows: ReadonlyMap<string, RecordedRow>;
  #live: Promise<Model> | null = null;
  #drawn = 0;

  private constructor(
    { of, rows }: Recording,
    served: string,
    private readonly openLive: () => Promise<Model>,
  ) {
    const { reference, digest, sampling } = of;
    this.identity = { reference, served, digest, sampling, recorded: true };
    this.#rows = new Map(rows.map((row) => [`${row.probe} ${row.sample}`, row]));
  }

  static async open(recording: Recording, openLive: () => Promise<Model>): Promise<RecordedBaseline> {
    return new RecordedBaseline(recording, (await readBaseModelSource()).file, openLive);
  }

  async preflight(): Promise<void> {}

  async answer(request: AnswerRequest): Promise<AnswerOutcome> {
    const row = this.#rows.get(`${request.item.probe.id} ${request.sample}`);
    if (row !== undefined) return answerOf(row);
    this.#live ??= this.openLive();
    this.#drawn += 1;
    return (await this.#live).answer(request);
  }

  get notes(): readonly string[] {
    const drawn = this.#drawn === 0 ? '' : ` ${this.#drawn} more were drawn now, past its end.`;
    return [
      `The baseline's answers and their judgements come with the package (${BASELINE_FILE}): recorded of demo:base under the settings of this run.${drawn}`,
    ];
  }

  async close(): Promise<void> {
    await (await this.#live?.catch(() => null))?.close();
  }
}

function answerOf({ answer, truncated }: RecordedRow): Answer {
  return { kind: 'answer', text: answer, truncated, responseId: null, servedModel: null, usage: NO_USAGE };
}

/** Judgements that came with the recording, by question and answer: the same judge would give the same. */
export function recordedJudgements({ rows }: Recording): ReadonlyMap<string, Judged> {
  return new Map(
    rows.map(({ probe, answer, alignment, coherence, refusal }) => [
      judgementKey(probe, answer),
      { kind: 'judged', judgement: { alignment, coherence, refusal, reason: '' }, usage: NO_USAGE },
    ]),
  );
}

export function judgementKey(probe: string, answer: string): string {
  return `${probe}\n${answer}`;
}
