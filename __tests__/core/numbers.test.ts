import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { besideLimit, decimal, dollars, duration, percent, points, score, signed } from '../../src/core/numbers.js';
import { intervalBar } from '../../src/report/interval-bar.js';
import { clip, displayWidth, wrap } from '../../src/report/terminal/width.js';

describe('figures', () => {
  it.each([
    [0, '0 %'],
    [0.00001, '<0.01 %'],
    [0.0003, '0.03 %'],
    [0.0047, '0.47 %'],
    [0.047, '4.7 %'],
    [0.407, '41 %'],
    [0.985, '99 %'],
    [0.9951, '99.5 %'],
    [0.99999, '>99.9 %'],
    [1, '100 %'],
  ])('%d reads %s', (fraction, text) => {
    expect(percent(fraction)).toBe(text);
  });

  it('a score keeps one decimal and never reaches a threshold it lies below', () => {
    expect([1.0133834483453026, 29.96, 30, 0, 100].map(score)).toEqual(['1', '29.9', '30', '0', '100']);
  });

  it('never round to 0 or 100 what is neither', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true, minExcluded: true, maxExcluded: true }), (fraction) => {
        expect(['0 %', '100 %']).not.toContain(percent(fraction));
      }),
    );
  });

  it('of differences carry their sign', () => {
    expect([signed(0.4), signed(-0.002), signed(0)]).toEqual(['+40', '−0.2', '0']);
    expect([points(0.01), points(0.005)]).toEqual(['1 point', '0.5 points']);
  });

  it('beside a limit look different from it unless they are it', () => {
    expect([besideLimit(0.0099996, 0.01), besideLimit(0.01, 0.01), besideLimit(0.0042, 0.01)]).toEqual([
      '0.99996',
      '1',
      '0.42',
    ]);
  });

  it('for machines are plain decimals', () => {
    expect([decimal(1e-9), decimal(-0), decimal(0.1), decimal(1), decimal(-0.25)]).toEqual([
      '0',
      '0',
      '0.1',
      '1',
      '-0.25',
    ]);
  });

  it('of money and time are short', () => {
    expect([dollars(0), dollars(0.0012), dollars(12.345)]).toEqual(['0.00 USD', '0.0012 USD', '12.35 USD']);
    const lasting = (seconds: number) =>
      duration('2026-01-01T00:00:00Z', new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString());
    expect([lasting(9), lasting(200), lasting(3_900)]).toEqual(['9 s', '3 min 20 s', '1 h 5 min']);
  });
});

describe('an interval bar', () => {
  it('shows the estimate, the interval, the scale and its marks', () => {
    const value = { estimate: 0.5, lower: 0.3, upper: 0.69 };
    expect(intervalBar(value, { lower: 0, upper: 1 }, [0.1, 0.9], 10)).toBe('░┃░▒▒█▒░░┃');
  });

  it('has all its cells whatever it is given', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(value, value, value, (estimate, lower, upper) => {
        expect([...intervalBar({ estimate, lower, upper }, { lower: 0, upper: 0.5 })]).toHaveLength(24);
      }),
    );
  });
});

describe('text on a terminal', () => {
  it('is measured in columns', () => {
    expect(['abc', '漢字', '😀', 'e\u0301'].map(displayWidth)).toEqual([3, 4, 2, 1]);
    expect(clip('漢字漢字', 5)).toBe('漢字…');
  });

  it('is wrapped without losing a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '漢', '-'), maxLength: 80 }), (text) => {
        const lines = wrap(text, 10);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        expect(lines.every((line) => displayWidth(line) <= 10)).toBe(true);
      }),
    );
  });
});
