import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formerKey,
  type GateName,
  gateKey,
  isNewer,
  type Marker,
  parseMarker,
  renderMarker,
  withPast,
} from '../../src/github/comment-marker.js';
import { cancelledBody, runningBody } from '../../src/github/comment-notices.js';

const marker: Marker = { key: '0123456789abcdef', headSha: 'a'.repeat(40), runId: 7, runAttempt: 1, state: 'pass' };
const gate: GateName = {
  ...{ commentKey: null, workflow: 'CI', workflowPath: '.github/workflows/ci.yml', callers: '' },
  ...{ job: 'gate', step: '__team_misalignment-gate', matrixKey: null },
};

describe('the hidden marker of our comment', () => {
  it('is read back from the comment it begins', () => {
    expect(parseMarker(`${renderMarker(marker)}\n\nText`)).toEqual(marker);
  });

  it('is not seen where it stands anywhere but at the very start', () => {
    expect(parseMarker(`> ${renderMarker(marker)}`)).toBeNull();
    expect(parseMarker(`Text\n${renderMarker(marker)}`)).toBeNull();
  });

  const was = { state: 'fail', headSha: 'b'.repeat(40), rate: 123_456 } as const;

  it.each([
    { id: 1001 },
    { rate: 0 },
    { rate: 1_000_000, was },
    { id: 7, was: { state: 'skipped', headSha: '' } as const },
  ])('is read back with %j', (more) => {
    expect(parseMarker(renderMarker({ ...marker, ...more }))).toEqual({ ...marker, ...more });
  });

  it.each([
    'was=fail washead=xyz',
    'was=<b> washead=aa',
    'was=fail washead=aa wasrate=1000001',
    'rate=-1',
    `was=fail washead=${'a'.repeat(65)}`,
  ])('holds nothing of what somebody wrote beside it as %s', (forged) => {
    expect(parseMarker(`${renderMarker(marker)} <!-- ${forged} -->`)).toEqual(marker);
  });

  it('remembers the verdict that it replaces, over runs that came to none', () => {
    const fail: Marker = { ...marker, state: 'fail', headSha: was.headSha, rate: was.rate };
    const running = withPast({ ...marker, runId: 8, state: 'running' }, fail);
    expect(running.was).toEqual(was);
    const cancelled: Marker = { ...running, state: 'cancelled' };
    expect(withPast({ ...marker, runId: 9 }, cancelled).was).toEqual(was);
    expect(withPast(marker, null).was).toBeUndefined();
  });

  it('is one HTML comment on one line, whatever the gate is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (commentKey, matrixKey) => {
        const key = gateKey({ ...gate, commentKey, matrixKey });
        expect(renderMarker({ ...marker, key })).toMatch(/^<!-- misalignment-gate [\w= ]+ -->$/);
      }),
    );
  });
});

describe('which gate a comment belongs to', () => {
  it.each(['workflowPath', 'callers', 'job', 'step'])('is told by %s', (part) => {
    expect(gateKey(gate)).not.toBe(gateKey({ ...gate, [part]: 'other' }));
  });

  it('stays the same when the workflow gets another name, which is told only where its file is not known', () => {
    expect(gateKey(gate)).toBe(gateKey({ ...gate, workflow: 'renamed' }));
    const unknown = { ...gate, workflowPath: '' };
    expect(gateKey(unknown)).not.toBe(gateKey({ ...unknown, workflow: 'renamed' }));
  });

  it('was told by the names of workflow and job alone in earlier versions, for the job’s first step', () => {
    const former = formerKey(gate);
    expect(former).toMatch(/^[0-9a-f]{16}$/);
    expect(formerKey({ ...gate, workflowPath: 'x', callers: 'y', step: 'gate' })).toBe(former);
    expect(formerKey({ ...gate, job: 'other' })).not.toBe(former);
    expect(formerKey({ ...gate, step: '__team_misalignment-gate_2' })).toBeNull();
    expect(formerKey({ ...gate, commentKey: 'support' })).toBeNull();
  });

  it('is told by comment-key instead, where that is given', () => {
    const keyed = { ...gate, commentKey: 'support' };
    expect(gateKey(keyed)).toBe(gateKey({ ...keyed, workflow: 'renamed', job: 'renamed' }));
    expect(gateKey(keyed)).not.toBe(gateKey({ ...keyed, commentKey: 'legal' }));
  });

  it('is told by the leg of the matrix too', () => {
    const leg = (matrixKey: string) => gateKey({ ...gate, matrixKey });
    expect(leg('{"model":"a"}')).not.toBe(leg('{"model":"b"}'));
    expect(leg('null')).toBe(gateKey(gate));
  });

  it('does not mix up a workflow and job with a comment-key of the same words', () => {
    expect(gateKey({ ...gate, commentKey: 'CI' })).not.toBe(
      gateKey({ ...gate, workflowPath: 'CI', job: '', step: '' }),
    );
  });
});

describe('the order of runs', () => {
  it('goes by run, then by attempt', () => {
    expect(isNewer({ ...marker, runId: 8 }, marker)).toBe(true);
    expect(isNewer({ ...marker, runAttempt: 2 }, marker)).toBe(true);
    expect(isNewer({ ...marker, runId: 6, runAttempt: 9 }, marker)).toBe(false);
    expect(isNewer(marker, marker)).toBe(false);
  });
});

describe('a comment without a verdict', () => {
  it('says that a run is under way, and on which commit', () => {
    expect(runningBody(marker, 'https://github.example/run/7')).toMatchSnapshot();
  });

  it('says what the verdict was before', () => {
    const running = (headSha: string) => runningBody({ ...marker, was: { state: 'fail', headSha } }, 'u');
    expect(running('b'.repeat(40))).toContain('no verdict on this commit yet. Before: fail, on `bbbbbbb`.');
    expect(running(marker.headSha)).toContain('Testing `aaaaaaa` again; before, the verdict on it was: fail.');
    expect(running('')).toMatch(/on this commit yet\.$/m);
  });

  it('says, when the run ended without one, that there is none', () => {
    expect(cancelledBody({ ...marker, state: 'running' }, marker, 'https://github.example/run/7')).toMatchSnapshot();
  });

  it('is left alone once it holds a verdict, or another run writes to it', () => {
    expect(cancelledBody(marker, marker, 'u')).toBeNull();
    expect(cancelledBody({ ...marker, state: 'running', runId: 8 }, marker, 'u')).toBeNull();
    expect(cancelledBody({ ...marker, state: 'running', runAttempt: 2 }, marker, 'u')).toBeNull();
  });
});
