import { describe, expect, it } from '@jest/globals';
import { complaint, LEAST, resolve } from '../support.js';

describe('the history branch', () => {
  it('is none by default; a run is compared with the first baseline, a schedule stale after two weeks', () => {
    expect(resolve({ inputs: LEAST }).history).toEqual({ branch: null, anchor: null, staleAfterDays: 14 });
  });

  it('comes with its section in the settings file', () => {
    const file = 'history-branch: gate/history\nhistory: { anchor: BASE, stale-after-days: 30 }\n';
    const expected = { branch: 'gate/history', anchor: 'BASE', staleAfterDays: 30 };
    expect(resolve({ inputs: LEAST, file }).history).toEqual(expected);
  });

  it.each([
    'refs/heads/x',
    'a..b',
    'a b',
    '-x',
    '/x',
    'x/',
    'x.lock',
    'a//b',
    '.x',
    'a/.b',
    'x~1',
    'x^',
    'a:b',
    '@',
    'a@{1}',
    'x?',
    'x\u0007y',
  ])('%j is no branch’s name', (name) => {
    expect(complaint(() => resolve({ inputs: { ...LEAST, 'history-branch': name } }))).toMatch(
      /^history-branch: .* is no branch's name; give one such as misalignment-history/,
    );
  });

  it.each([
    ['history: { ancor: BASE }', /history.ancor \(line 1\): unknown key; did you mean anchor\?/],
    ['history: { stale-after-days: 0 }', /history.stale-after-days: 0 is not a whole number from 1 to 366/],
  ])('%s is told', (file, message) => {
    expect(complaint(() => resolve({ inputs: LEAST, file }))).toMatch(message);
  });
});
