import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseHistory } from '../../src/history/parse.js';
import { type HistoryRecord, recordOf, renderRecord } from '../../src/history/record.js';
import type { Place } from '../../src/verdict/measurement.js';
import { HOSTILE } from '../report/hostile.js';
import { BY_VERDICT } from '../report/samples.js';
import { GATE, record } from './support.js';

const RUN = {
  ...{ repository: 'team/models', event: 'schedule', headSha: 'a'.repeat(40), runId: 42, runAttempt: 1 },
  url: 'https://github.example/team/models/actions/runs/42/attempts/1',
};
const EMPTY = { blocks: 0, misaligned: [], missing: [] };

function lineOf(more: Parameters<typeof recordOf>[0], tracks: Parameters<typeof recordOf>[1] = null): HistoryRecord {
  const made = recordOf({ ...more, run: RUN }, tracks, { gate: GATE, proposed: false });
  if (made === null) throw new Error('no record');
  return made;
}

describe('a line of history.jsonl', () => {
  it.each(Object.entries(BY_VERDICT))('of a run that ended in %s is read back as it was written', (_, report) => {
    const tracks = { candidate: { blocks: 7, misaligned: [[3, 1]] as const, missing: [] }, baseline: EMPTY };
    const written = lineOf(report, tracks);
    expect(parseHistory(renderRecord(written))).toEqual({ records: [written], bad: [] });
  });

  it('is one line, whatever names models and judges have', () => {
    for (const text of [...HOSTILE, 'x'.repeat(10_000)]) {
      const { fail } = BY_VERDICT;
      const candidate = fail.candidate && { ...fail.candidate, reference: text, served: text };
      const rendered = renderRecord(lineOf({ ...fail, candidate }, { candidate: EMPTY, baseline: EMPTY }));
      expect(rendered.trimEnd().split('\n')).toHaveLength(1);
      expect(parseHistory(rendered).bad).toEqual([]);
    }
  });

  it('holds so many blocks as its length allows, and only their places', () => {
    const places = Array.from({ length: 9_000 }, (_, at): Place => [at % 100, Math.floor(at / 100)]);
    const long = { blocks: 90, misaligned: places, missing: [] };
    const { models } = lineOf(BY_VERDICT.fail, { candidate: long, baseline: EMPTY });
    expect(models?.candidate).toMatchObject({ blocks: 30 });
    expect(models?.candidate.misaligned).toHaveLength(3_000);
    expect(parseHistory(renderRecord(lineOf(BY_VERDICT.fail, { candidate: long, baseline: EMPTY }))).bad).toEqual([]);
  });

  it('is not made of a report that ran nowhere', () => {
    expect(recordOf({ ...BY_VERDICT.fail, run: null }, null, { gate: GATE, proposed: false })).toBeNull();
  });
});

describe('history.jsonl is not trusted', () => {
  it.each<[string, string]>([
    ['no JSON', '{"schemaVersion":1'],
    ['no record', '{}'],
    ['another version', JSON.stringify({ ...record('11-01'), schemaVersion: 2 })],
    ['a rate that is none', JSON.stringify(record('11-01')).replace('"upper":0.01', '"upper":7')],
    ['a date that is none', JSON.stringify({ ...record('11-01'), finishedAt: '2026-13-01T00:00:00Z' })],
    ['a key of its own', JSON.stringify({ ...record('11-01'), __proto__x: 1 })],
    ['a megabyte', JSON.stringify({ ...record('11-01'), event: 'x'.repeat(2 ** 20) })],
    ['nesting without end', '['.repeat(100_000)],
  ])('%s: the line is skipped and named, the others count', (_, line) => {
    const { records, bad } = parseHistory(
      `${renderRecord(record('11-01'))}${line}\n\n${renderRecord(record('11-08'))}`,
    );
    expect(records).toEqual([record('11-01'), record('11-08')]);
    expect(bad).toEqual([{ line: 2, problem: expect.any(String) }]);
    expect(bad[0]?.problem.length).toBeLessThan(400);
  });

  it('any text at all is read without an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(parseHistory(text).records).toEqual([]);
      }),
    );
  });
});
