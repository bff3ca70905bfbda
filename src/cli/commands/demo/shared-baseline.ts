import { itemName } from '../../../battery/battery.js';
import type { Judge, JudgeOutcome, JudgeRequest } from '../../../judge/judge.js';
import { openJudge } from '../../../judge/open-judge.js';
import type { AnswerOutcome, Model } from '../../../models/model.js';
import { openModel } from '../../../models/open-model.js';
import type { RequestCounter } from '../../../models/request-budget.js';
import type { PlanPorts } from '../../../sampling/plan.js';
import { judgementKey, RecordedBaseline, recordedJudgements } from './recorded-baseline.js';
import type { Recording } from './recording.js';

/** Openers that keep the baseline's answers, the judge and its test from one run to the next. */
export interface SharedParts {
  readonly openers: Pick<PlanPorts, 'openModel' | 'openJudge'>;
  close(): Promise<void>;
}

/**
 * Both runs of the demo compare with the same baseline under the same settings: what is not recorded of it is sampled and judged
 * once, and so is the judge's test.
 * @param recording null where it was made of something else: then the baseline is drawn
 */
export function shareBaseline(
  recording: Recording | null,
  open: Pick<PlanPorts, 'openModel' | 'openJudge'> = { openModel, openJudge },
): SharedParts {
  let baseline: Promise<Model> | null = null;
  let counter: RequestCounter | null = null;
  let judge: Promise<Judge> | null = null;
  return {
    openers: {
      openModel: (settings, arm, ports) => {
        if (arm === 'candidate') return open.openModel(settings, arm, ports);
        counter = ports.requests;
        const requests = toLatest(() => counter ?? ports.requests);
        const live = () => open.openModel(settings, arm, { ...ports, requests });
        const opening = () => (recording ? RecordedBaseline.open(recording, live) : live());
        baseline ??= opening().then(rememberingModel);
        return baseline.then(keptOpen);
      },
      openJudge: (settings, ports) => {
        judge ??= open.openJudge(settings, ports).then((opened) => rememberingJudge(opened, recording));
        return judge.then(keptOpen);
      },
    },
    close: async () => {
      await Promise.allSettled([baseline?.then((model) => model.close()), judge?.then((one) => one.close())]);
    },
  };
}

/** What the shared model takes counts for the run that asks. */
function toLatest(counter: () => RequestCounter): RequestCounter {
  return {
    sent: (role) => counter().sent(role),
    bill: (...about) => counter().bill(...about),
    generating: (role) => counter().generating(role),
    reading: (role) => counter().reading(role),
  };
}

function rememberingModel(model: Model): Model {
  const known = new Map<string, Promise<AnswerOutcome>>();
  return {
    get identity() {
      return model.identity;
    },
    get notes() {
      return model.notes ?? [];
    },
    preflight: (signal) => model.preflight(signal),
    answer: (request) => remember(known, `${request.index} ${request.sample}`, () => model.answer(request)),
    close: () => model.close(),
  };
}

function rememberingJudge(judge: Judge, recording: Recording | null): Judge {
  const recorded = recording ? recordedJudgements(recording) : new Map<string, JudgeOutcome>();
  const known = new Map<string, Promise<JudgeOutcome>>();
  const keyOf = ({ item, answer }: JudgeRequest) => judgementKey(itemName(item), answer.text);
  return {
    get identity() {
      return judge.identity;
    },
    preflight: (signal) => judge.preflight(signal),
    judge: async (request) =>
      recorded.get(keyOf(request)) ?? remember(known, keyOf(request), () => judge.judge(request)),
    close: () => judge.close(),
  };
}

/** The same, but its user does not end it. */
function keptOpen<T extends Model | Judge>(part: T): T {
  return Object.create(part, { close: { value: async () => {} } }) as T;
}

/** What failed or was cancelled is asked again. */
function remember<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before) return before;
  const asked = ask();
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  return asked;
}
