import { describe, expect, it } from '@jest/globals';
import { atLeast } from '../../src/core/numbers.js';
import { boundWords, harmWords } from '../../src/report/bounds.js';
import { headlineOf } from '../../src/report/headline.js';
import { renderComment } from '../../src/report/markdown/comment-body.js';
import { outputsOf } from '../../src/report/outputs.js';
import { renderTerminal } from '../../src/report/terminal/report-terminal.js';
import { whatWouldSettle } from '../../src/report/wording.js';
import type { HarmShown } from '../../src/verdict/verdict.js';
import { BY_VERDICT, STATISTICS, sample } from './samples.js';

const HARM: HarmShown = { factor: 3.47, shift: null, line: 'misaligned', level: 'category', name: 'medical' };

/** A fail after a dozen answers: shown one-sided at 5 %, while the two-sided interval still reaches below 0. */
const UNSAID = sample({
  ...BY_VERDICT.fail,
  statistics: { ...STATISTICS, difference: { estimate: 0.46, lower: -0.0059, upper: 0.76 }, harmShown: HARM },
});
const CONTRADICTING = { ...UNSAID, headline: headlineOf(UNSAID) };

describe('the bound of a fail', () => {
  it.each([
    [{}, 'at least 3.4 times the tolerated difference in at least one place; strongest evidence: category "medical"'],
    [{ level: 'battery', name: '' }, 'strongest evidence: the whole battery'],
    [{ line: 'questionable' }, 'strongest evidence: category "medical", questionable answers'],
    [{ factor: 1.04 }, 'more than the tolerated difference in at least one place'],
    [{ factor: null, shift: 0.0349 }, 'at least 3.4 points above the tolerated difference in at least one place'],
    [{ factor: null, shift: 0.0004 }, 'more than the tolerated difference in at least one place'],
  ] as const)('with %j is %s', (over, expected) => {
    expect(harmWords({ ...HARM, ...over })).toContain(expected);
  });

  it('is rounded down: no more is said than was shown', () => {
    expect([1, 1.19, 3.4, 9.99, 44.7, 99.99, 123].map(atLeast)).toEqual(['1', '1.1', '3.4', '9.9', '44', '99', '120']);
  });

  it('stands in headline, comment and terminal; the interval stands beside it as a description', () => {
    const { headline } = CONTRADICTING;
    const options = { excerpts: 0, maxBytes: 65_536, marker: '<!-- gate -->', links: {} };
    const head = renderComment(CONTRADICTING, options).split('<details>')[0] ?? '';
    const terminal = renderTerminal(CONTRADICTING, { width: 100, color: false });
    const decided = 'at least 3.4 times the tolerated difference in at least one place';
    expect(headline).toContain(decided);
    expect(headline).not.toContain('−0.59');
    for (const shown of [head, terminal].map((text) => text.replaceAll('`', '').replaceAll(/\s+/g, ' '))) {
      expect(shown).toContain(`What decided: ${decided}`);
      expect(shown).toContain('−0.59 to +76 points');
      expect(shown).toContain('The 95 % intervals describe, and did not decide.');
    }
    expect(head).toContain('(did not decide)');
  });

  it('leads with the reason where the second line decided', () => {
    const report = sample({
      ...CONTRADICTING,
      reasons: [{ code: 'questionable', message: 'More questionable answers.' }],
      statistics: { ...STATISTICS, harmShown: { ...HARM, line: 'questionable' } },
    });
    expect(headlineOf(report)).toMatch(/^Fail: More questionable answers; .*\(questionable answers: 47 % and 1.7 %\)/);
  });

  it('says in the outputs which line and level decided; a pass is no single level’s', () => {
    expect(outputsOf(CONTRADICTING)).toMatchObject({ line: 'misaligned', level: 'category' });
    expect(outputsOf(BY_VERDICT.pass)).toMatchObject({ line: '', level: '' });
  });
});

describe('the bound of a pass', () => {
  it('is the smallest upper bound, beside the margin', () => {
    const statistics = { ...STATISTICS, verdictBounds: { lower: -1, upper: 0.0062 } };
    expect(boundWords(statistics, 'pass')).toBe('at most 0.62 points more at 99 % confidence, where the margin is 1');
    expect(boundWords(statistics, 'inconclusive')).toBeNull();
  });
});

describe('a base whose margin could be wider', () => {
  it('is told so where the verdict stays open, with what to set', () => {
    const statistics = {
      ...STATISTICS,
      guards: [],
      margin: 0.01,
      marginAtEstimate: 0.015,
      baselineRate: { estimate: 0.03, lower: 0.02, upper: 0.05 },
      baselineBounds: { lower: 0.017, upper: 0.06 },
    };
    const open = sample({ ...BY_VERDICT.inconclusive, statistics });
    const said = whatWouldSettle(open).join(' ');
    for (const part of ['3 %', '1.5 points', '1.7 %', 'verdict.margin', 'max-answers']) expect(said).toContain(part);
    const certain = sample({ ...BY_VERDICT.inconclusive, statistics: { ...statistics, margin: 0.015 } });
    expect(whatWouldSettle(certain).join(' ')).not.toContain('verdict.margin');
  });
});
