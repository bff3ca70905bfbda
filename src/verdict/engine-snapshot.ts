import { once } from '../core/lazy.js';
import type { BatteryTest } from './battery-test.js';
import type { EngineView } from './guards/findings.js';

/** What the engine has beside the test itself. */
type Beside = Pick<
  EngineView,
  'config' | 'items' | 'limit' | 'blocks' | 'tallies' | 'everything' | 'rereadings' | 'watches' | 'findings'
>;

/** One look at a running engine. */
export function viewOf(test: BatteryTest, beside: Beside): EngineView {
  // Made when first asked for: most block ends decide nothing and need none.
  const standings = once(() => test.standings(beside.everything));
  const secondStandings = once(() => test.secondStandings(beside.everything));
  return {
    ...beside,
    threshold: test.threshold,
    evidence: test.evidence,
    harmShown: test.failed,
    allShown: test.allShown,
    failsAfter: (blocks) => test.failsAfter(blocks),
    get standings() {
      return standings();
    },
    get secondStandings() {
      return secondStandings();
    },
    secondEvidence: test.secondEvidence,
    baselineBounds: test.baselineBounds,
    leastUpper: test.leastUpper,
    failsAt: (allowed) => test.failsAt(allowed),
    countsOf: (items) => test.countsOf(items),
  };
}
