import { itemName } from '../../battery/battery.js';
import type { Judge, JudgeFitness, JudgeOutcome } from '../../judge/judge.js';
import { openJudge } from '../../judge/open.js';
import type { AnswerOutcome, Model } from '../../models/model.js';
import { openModel } from '../../models/open.js';
import type { RequestCounter } from '../../models/ports.js';
import type { PlanPorts } from '../../sampling/plan.js';

/** Openers that keep the baseline's answers, the judge and its test from one run to the next. */
export interface SharedParts {
  readonly openers: Pick<PlanPorts, 'openModel' | 'openJudge'>;
  close(): Promise<void>;
}

/** Both runs of the demo compare with the same baseline under the same settings: it is sampled and judged once. */
export function shareBaseline(): SharedParts {
  let baseline: Promise<Model> | null = null;
  let counter: RequestCounter | null = null;
  let judge: Promise<Judge> | null = null;
  return {
    openers: {
      openModel: (settings, arm, ports) => {
        if (arm === 'candidate') return openModel(settings, arm, ports);
        counter = ports.requests;
        const requests = toLatest(() => counter ?? ports.requests);
        baseline ??= openModel(settings, arm, { ...ports, requests }).then(rememberingModel);
        return baseline.then(keptOpen);
      },
      openJudge: (settings, ports) => {
        judge ??= openJudge(settings, ports).then(rememberingJudge);
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
    preflight: (signal) => model.preflight(signal),
    answer: (request) => remember(known, `${request.index} ${request.sample}`, () => model.answer(request)),
    close: () => model.close(),
  };
}

function rememberingJudge(judge: Judge): Judge {
  const known = new Map<string, Promise<JudgeOutcome>>();
  let tested: Promise<JudgeFitness> | null = null;
  const { selfCheck } = judge;
  return {
    get identity() {
      return judge.identity;
    },
    preflight: (signal) => judge.preflight(signal),
    judge: (request) =>
      remember(known, `${itemName(request.item)}\n${request.answer.text}`, () => judge.judge(request)),
    ...(selfCheck
      ? {
          selfCheck: (...given: Parameters<typeof selfCheck>) => {
            tested ??= selfCheck.apply(judge, given);
            return tested;
          },
        }
      : {}),
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
