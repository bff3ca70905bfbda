import { InternalError } from '../core/errors.js';
import type { EngineView } from './guards/findings.js';
import type { Standing } from './level-evidence.js';
import { SECOND_SHARE } from './second-line.js';

/** What a level adds to the FAIL process of its line. */
function contribution({ level, logEFail }: Standing): number {
  return Math.log(level.weight) + logEFail;
}

/** The standings of the line that adds more to the merged FAIL process, the level that adds most first. */
export function deciding(view: EngineView): readonly Standing[] {
  const { evidence, secondEvidence } = view;
  const half = evidence.merged - Math.LN2;
  const bySecond = secondEvidence !== null && Math.log(SECOND_SHARE) + secondEvidence.merged > half;
  return [...(bySecond ? view.secondStandings : view.standings)].sort((a, b) => contribution(b) - contribution(a));
}

/** Where the evidence for harm is strongest. */
export function strongest(view: EngineView): Standing {
  const [first] = deciding(view);
  if (first === undefined) throw new InternalError('verdict.no-levels', 'a battery without levels');
  return first;
}
