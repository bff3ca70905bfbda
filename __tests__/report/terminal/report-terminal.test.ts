import { describe, expect, it } from '@jest/globals';
import { renderTerminal } from '../../../src/report/terminal/report-terminal.js';
import { displayWidth } from '../../../src/report/terminal/width.js';
import { HOSTILE, poisoned } from '../hostile.js';
import { BY_VERDICT, SAMPLES } from '../samples.js';

const ESC = '\u001B';

describe('the report on a terminal', () => {
  it.each(Object.entries(SAMPLES))('shows %s in 80 columns', (_, report) => {
    expect(renderTerminal(report, { color: false, width: 80 })).toMatchSnapshot();
  });

  it.each([80, 120])('keeps every line within %i columns', (width) => {
    for (const report of Object.values(SAMPLES)) {
      const widths = renderTerminal(report, { color: false, width }).split('\n').map(displayWidth);
      expect(Math.max(...widths)).toBeLessThanOrEqual(width);
    }
  });

  it('colours the verdict only where colours are wanted, and only a pass green', () => {
    const badge = (verdict: keyof typeof BY_VERDICT, color: boolean) =>
      renderTerminal(BY_VERDICT[verdict], { color, width: 80 }).split('\n')[0];
    expect(badge('pass', false)).toBe(' PASS ');
    const green = `${ESC}[42m`;
    expect(badge('pass', true)).toContain(green);
    for (const verdict of ['fail', 'inconclusive', 'skipped', 'bypassed'] as const) {
      expect(badge(verdict, true)).toContain(`${ESC}[4`);
      expect(badge(verdict, true)).not.toContain(green);
    }
  });

  it('lets no control character of outside text through', () => {
    for (const text of HOSTILE) {
      const shown = renderTerminal(poisoned(BY_VERDICT.fail, text), { color: false, width: 80 });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point.
      expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\u200B\u202E]/);
      expect(shown).not.toMatch(/\p{Surrogate}/u);
    }
  });

  it('lets no line of outside text begin like one of ours', () => {
    const forged = poisoned(BY_VERDICT.fail, 'x\n PASS \nPass: forged\r\nWhy\u2028Why');
    const lines = renderTerminal(forged, { color: false, width: 80 }).split('\n');
    expect(lines.filter((line) => /^ PASS |^Pass: forged/.test(line))).toEqual([]);
    expect(lines.filter((line) => line === 'Why')).toHaveLength(1);
  });

  it('says of a judge that was not tested that it was not', () => {
    expect(renderTerminal(BY_VERDICT.inconclusive, { color: false, width: 80 })).toContain('was not tested');
  });
});
