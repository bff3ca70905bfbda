import { createHash } from 'node:crypto';
import type { Logger } from '../core/log.js';
import type { Judge } from '../judge/judge.js';
import { isUnfit, type TestedJudge, type TestRequest, testJudge } from '../judge/self-check/fitness.js';
import type { Plan } from '../sampling/plan.js';
import { roomNote } from './open-engine.js';
import type { RunState } from './resume.js';

interface TestPorts {
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * The judge's test, before any model is sampled: once for all attempts at a verdict, and while it holds for later ones too.
 * @throws as `testJudge`
 */
export async function testOnce(plan: Plan, state: Pick<RunState, 'onceFor'>, ports: TestPorts): Promise<TestedJudge> {
  let isNew = false;
  const test = () => {
    isNew = true;
    return testJudge(requestOf(plan), ports);
  };
  // One that failed may have had a bad day: a later run tests it again.
  const found = await state.onceFor('judge-test', aboutOf(plan), test, (one) => !isUnfit(one));
  const tested = isNew ? found : takenOver(found);
  for (const { tripped, message } of tested.findings) if (tripped) ports.log.warning(message);
  const note = isUnfit(tested) ? null : roomNote(plan, tested.fitness);
  if (note === null) return tested;
  ports.log.warning(note);
  return { ...tested, notes: [...tested.notes, note] };
}

export function requestOf({ judge, confirm, settings, labelled, lanes }: Plan): TestRequest {
  const { limit } = lanes.judge;
  return {
    judge,
    confirm,
    settings: settings.judge,
    labelled,
    secondLine: settings.judge.thresholds.questionableBelow ?? null,
    atOnce: limit ?? settings.maxConcurrency,
  };
}

function takenOver({ fitness, ...tested }: TestedJudge): TestedJudge {
  return { ...tested, fitness: fitness && { ...fitness, on: fitness.on.replace('in this run', 'in an earlier run') } };
}

/** What a judge's test holds for. */
function aboutOf(plan: Plan): string {
  const { judge, confirm, settings, labelled } = plan;
  const { apiKey: _, confirm: confirming, sampling, ...own } = settings.judge;
  const who = ({ identity: { reference, served, fingerprint = null, version } }: Judge) => [
    ...[reference, served, fingerprint, version],
  ];
  const parts = [
    ...[who(judge), own, sampling],
    ...[confirm && who(confirm), confirming && [confirming.baseUrl, confirming.sampling]],
    ...[labelled?.hash, requestOf(plan).secondLine],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
