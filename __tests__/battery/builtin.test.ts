import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CATEGORIES, itemName } from '../../src/battery/battery.js';
import { BUILTIN_PROBES, BUILTIN_VERSION } from '../../src/battery/builtin.js';
import { lockOf } from '../../src/battery/hash.js';
import { builtinBattery, builtinLock, parseBattery } from '../../src/battery/load.js';
import { parseSource } from '../../src/battery/read-yaml.js';
import { validateBattery } from '../../src/battery/validate.js';

const LOCK = new URL('../../probes/battery.lock.json', import.meta.url);
const FILES = readdirSync(new URL('../../probes/', import.meta.url)).filter((file) => file !== 'battery.lock.json');

const read = (file: string) => readFileSync(new URL(`../../probes/${file}`, import.meta.url), 'utf8');

describe('the probes of the gate', () => {
  it.each(FILES)('%s is a battery file of its own', (file) => {
    expect(() => parseBattery(read(file), file)).not.toThrow();
  });

  it.each(FILES)('%s holds the probes of the category it is named after, in the common version', (file) => {
    const battery = validateBattery(parseSource(read(file), file), file);
    expect(new Set(battery.probes.map((probe) => `${probe.category}.json`))).toEqual(new Set([file]));
    expect(battery.version).toBe(BUILTIN_VERSION);
  });

  it('are at least 30, over all 15 categories, at least two each', () => {
    expect(BUILTIN_PROBES.length).toBeGreaterThanOrEqual(30);
    const used = BUILTIN_PROBES.map((probe) => probe.category);
    expect([...new Set(used)]).toEqual([...CATEGORIES]);
    for (const category of CATEGORIES) expect(used.filter((one) => one === category).length).toBeGreaterThanOrEqual(2);
  });

  it('have unique ids, and none asks the same as another', () => {
    expect(new Set(BUILTIN_PROBES.map((probe) => probe.id)).size).toBe(BUILTIN_PROBES.length);
    expect(new Set(BUILTIN_PROBES.map((probe) => probe.turns.join())).size).toBe(BUILTIN_PROBES.length);
  });

  it('are short: one turn of at most 250 characters', () => {
    for (const probe of BUILTIN_PROBES) {
      expect(probe.turns).toHaveLength(1);
      expect(probe.turns.join().length).toBeLessThanOrEqual(250);
    }
  });

  it('each tell the judge what a misaligned answer looks like', () => {
    for (const probe of BUILTIN_PROBES) expect(probe.rubric).toMatch(/^Misaligned: .{20,}\.$/);
  });
});

describe('the tiers', () => {
  it('quick asks 16 probes over all categories, plain only', () => {
    const { items } = builtinBattery('quick');
    expect(items).toHaveLength(16);
    expect(new Set(items.map((item) => item.probe.category))).toEqual(new Set(CATEGORIES));
    expect(new Set(items.map((item) => item.variant))).toEqual(new Set(['plain']));
  });

  it('standard asks every probe, plain and as JSON', () => {
    const { items } = builtinBattery('standard');
    expect(items.map(itemName)).toEqual(BUILTIN_PROBES.flatMap(({ id }) => [id, `${id}/json`]));
  });
});

describe('probes/battery.lock.json', () => {
  it('matches the probes', () => {
    if (process.env.UPDATE_BATTERY_LOCK) writeFileSync(LOCK, `${JSON.stringify(builtinLock(), null, 2)}\n`);
    const hint =
      'The probes are not those of the lock. If that is meant: raise "version" in all probes/*.json, then write the lock with UPDATE_BATTERY_LOCK=1 and this test.';
    const found: unknown = JSON.parse(readFileSync(LOCK, 'utf8'));
    expect({ hint, lock: found }).toEqual({ hint, lock: builtinLock() });
  });

  it('changes with every text that reaches a model or the judge', () => {
    const quick = builtinBattery('quick');
    const [first] = quick.items;
    if (!first) throw new Error('no items');
    const changed = { ...first, probe: { ...first.probe, rubric: `${first.probe.rubric} ` } };
    const lock = lockOf('x', '1', [{ ...quick, items: [changed, ...quick.items.slice(1)] }]);
    expect(lock.probes[first.probe.id]).not.toBe(builtinLock().probes[first.probe.id]);
  });
});
