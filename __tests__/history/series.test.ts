import { describe, expect, it } from '@jest/globals';
import type { HistoryRecord } from '../../src/history/record.js';
import { historyOf, type SeriesOptions } from '../../src/history/series.js';
import { measured, models, OPTIONS, record } from './support.js';

function history(now: HistoryRecord, records: readonly HistoryRecord[], options: Partial<SeriesOptions> = {}) {
  return historyOf(now, { records, bad: [] }, { ...OPTIONS, ...options });
}

describe('the trend', () => {
  it('is this gate’s runs of what is in use, oldest first, with this run at its end', () => {
    const others = [
      record('11-02', { gate: 'f'.repeat(16) }),
      record('11-03', { proposed: true, event: 'pull_request' }),
    ];
    const { rows } = history(record('11-17'), [record('11-01'), ...others, record('11-08')]);
    expect(rows.map(({ finishedAt }) => finishedAt.slice(5, 10))).toEqual(['11-01', '11-08', '11-17']);
  });

  it('goes on from what an earlier version wrote under the gate’s key of that time', () => {
    const formerGate = 'e'.repeat(16);
    const { rows, drift } = history(record('11-17'), [record('11-08', { gate: formerGate })], { formerGate });
    expect(rows).toHaveLength(2);
    expect(drift).toMatchObject([{ against: 'last-accepted' }, { against: 'anchor' }]);
  });

  it('shows a run once, whose earlier attempts are on the branch', () => {
    const now = record('11-17', { runAttempt: 2, verdict: 'fail' });
    const { rows, drift } = history(now, [record('11-17')]);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['fail']);
    expect(drift).toEqual([]);
  });

  it('ends with half a year of weekly runs', () => {
    const earlier = Array.from({ length: 60 }, (_, at) => record('10-01', { runId: at }));
    expect(history(record('11-17'), earlier).rows).toHaveLength(26);
  });

  it('of a first run is that run alone, with nothing to compare', () => {
    expect(history(record('11-17'), [])).toMatchObject({ drift: [], notes: [], rows: [{ verdict: 'pass' }] });
  });

  it('holds runs that measured nothing', () => {
    const broken = record('11-08', {
      verdict: 'inconclusive',
      models: null,
      battery: null,
      judge: null,
      difference: null,
    });
    expect(history(record('11-17'), [broken]).rows[0]).toMatchObject({ candidate: null, rate: null });
    expect(history(broken, [record('11-01')])).toMatchObject({ drift: [], notes: [] });
  });
});

describe('drift', () => {
  it('is tested against the last run that passed, whatever came after it', () => {
    const earlier = [record('11-01'), record('11-08'), record('11-15', { verdict: 'fail', models: models(40) })];
    const { drift } = history(record('11-17', { models: models(30) }), earlier);
    expect(drift[0]).toMatchObject({ against: 'last-accepted', finishedAt: record('11-08').finishedAt, shown: true });
  });

  it('is tested against the baseline of the first run, however long ago', () => {
    const steps = [0, 4, 8, 12, 16].map((bad, week) => record(`10-0${week + 1}`, { models: models(bad) }));
    const { drift } = history(record('11-17', { models: models(20) }), steps);
    expect(drift.map(({ against, model, shown }) => ({ against, model, shown }))).toEqual([
      { against: 'last-accepted', model: 'support-v7', shown: false },
      { against: 'anchor', model: 'base', shown: true },
    ]);
  });

  it('splits the chance of a false alarm between the two', () => {
    expect(history(record('11-17'), [record('11-01')]).drift.map(({ alpha }) => alpha)).toEqual([0.025, 0.025]);
  });

  it('goes by the anchor of the settings: its first measurement, in either role', () => {
    const earlier = [
      record('11-01'),
      record('11-08', { models: { candidate: measured('original'), baseline: measured('base') } }),
    ];
    const { drift } = history(record('11-17'), earlier, { anchor: 'original' });
    expect(drift.find(({ against }) => against === 'anchor')).toMatchObject({
      model: 'original',
      finishedAt: record('11-08').finishedAt,
    });
  });

  it('says when the anchor was never measured, unless this run does', () => {
    expect(history(record('11-17'), [record('11-01')], { anchor: 'nowhere' }).notes).toEqual([
      expect.stringMatching(/no run on the history branch has measured .*`history.anchor`.*Run the gate once/),
    ]);
    expect(history(record('11-17'), [], { anchor: 'base' }).notes).toEqual([]);
  });

  it.each<[string, Partial<HistoryRecord>]>([
    ['battery', { battery: { name: 'quick', version: '2', hash: 'c'.repeat(64), items: 16 } }],
    ['judge', { judge: { reference: 'other', served: null, version: 'v1', misalignedBelow: 30, coherentAbove: 50 } }],
    [
      'sampling',
      {
        models: {
          candidate: measured('x', 0, { sampling: { temperature: 0.7, maxTokens: 600, system: null } }),
          baseline: measured('base', 0, { sampling: { temperature: 0.7, maxTokens: 600, system: null } }),
        },
      },
    ],
  ])('is not tested across another %s, and that is said', (name, more) => {
    const { drift, notes } = history(record('11-17'), [record('11-01', more)]);
    expect(drift).toEqual([]);
    expect(notes).toEqual([expect.stringContaining(`another ${name}`), expect.stringContaining('begins anew')]);
  });

  it('is tested against the first run under the present conditions, when they changed', () => {
    const before = record('10-01', { battery: { name: 'quick', version: '0', hash: 'c'.repeat(64), items: 16 } });
    const { drift } = history(record('11-17'), [before, record('11-01'), record('11-08')]);
    expect(drift.find(({ against }) => against === 'anchor')?.finishedAt).toBe(record('11-01').finishedAt);
  });

  it('takes what a pull request proposed for no measurement of what is in use', () => {
    const proposed = record('11-08', { proposed: true, event: 'pull_request', models: models(200, 200) });
    expect(history(record('11-17', { models: models(30) }), [proposed]).drift).toEqual([]);
  });

  it('a run whose line claims places and blocks without end costs nothing and shows nothing', () => {
    const forged = { ...measured('base', 0), blocks: 1_000_000, misaligned: [[999_999, 999_999]] as const };
    const { drift } = history(record('11-17'), [record('11-01', { models: { candidate: forged, baseline: forged } })]);
    expect(drift.map(({ shown, pairs }) => ({ shown, pairs }))).toEqual(Array(2).fill({ shown: false, pairs: 640 }));
  });
});

describe('a schedule that stands still', () => {
  const WEEKLY = { staleAfterDays: 14 };

  it('is said by the next run of any gate', () => {
    const push = record('11-24', { event: 'push', gate: 'f'.repeat(16) });
    expect(history(push, [record('11-08')], WEEKLY).notes).toEqual([
      expect.stringMatching(/schedule is stale.*16 days ago/),
    ]);
    expect(history(record('11-24'), [record('11-08')], WEEKLY).notes).toEqual([
      expect.stringMatching(/before this one was 16 days/),
    ]);
  });

  it('is none while it runs, and where there was never one', () => {
    expect(history(record('11-22', { event: 'push' }), [record('11-08')], WEEKLY).notes).toEqual([]);
    expect(history(record('11-24', { event: 'push' }), [record('10-01', { event: 'push' })], WEEKLY).notes).toEqual([]);
    expect(history(record('11-24', { event: 'push' }), [record('11-08')], { staleAfterDays: 30 }).notes).toEqual([]);
  });
});

describe('lines that could not be read', () => {
  it('are named with their number, a few of them', () => {
    const bad = [3, 5, 8, 13, 21].map((line) => ({ line, problem: 'not JSON' }));
    expect(historyOf(record('11-17'), { records: [], bad }, OPTIONS).notes[0]).toMatch(
      /line 3 \(not JSON\), line 5 \(not JSON\), line 8 \(not JSON\) and 2 more/,
    );
  });
});
