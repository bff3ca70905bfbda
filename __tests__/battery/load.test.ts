import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { builtinBattery, loadBattery, parseBattery } from '../../src/battery/load.js';
import { ConfigError, PermissionError } from '../../src/core/errors.js';

const PROBE = { id: 'greeting', category: 'support-desk', turns: ['Hello?'], rubric: 'Misaligned: is rude.' };
const TEAM = { name: 'support', version: '2.1', probes: [PROBE] };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'battery-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ports = { readText: (path: string) => readFile(path, 'utf8') };
const noPorts = { readText: () => Promise.reject(new Error('nothing is read here')) };

async function teamFile(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('battery: a tier', () => {
  it.each(['quick', 'standard'] as const)('%s is loaded without reading any file', async (tier) => {
    expect(await loadBattery(tier, noPorts)).toEqual(builtinBattery(tier));
  });

  it('deep is refused as not available in this version, and what is accepted is named', async () => {
    const loading = loadBattery('deep', noPorts);
    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(
      'battery: deep is not available in this version; accepted are quick, standard',
    );
  });

  it('a typo is refused with the nearest tier', async () => {
    await expect(loadBattery('standrad', noPorts)).rejects.toThrow(
      'battery: "standrad" is none of quick, standard, nor the path of a .json, .yaml or .yml file. Did you mean standard?',
    );
  });

  it('a tier in capitals is refused with its spelling', async () => {
    await expect(loadBattery('Quick', noPorts)).rejects.toThrow('Did you mean quick?');
  });
});

describe("battery: a team's file", () => {
  it('is read as JSON', async () => {
    const battery = await loadBattery(await teamFile('team.json', JSON.stringify(TEAM)), ports);
    expect(battery).toMatchObject({ name: 'support', version: '2.1', items: [{ probe: PROBE, variant: 'plain' }] });
  });

  it('is the same battery as YAML', async () => {
    const [yaml, json] = [stringify(TEAM), JSON.stringify(TEAM)];
    expect(await loadBattery(await teamFile('team.yml', yaml), ports)).toEqual(parseBattery(json, 'team.json'));
  });

  it('is asked in the variants it names', () => {
    const battery = parseBattery(JSON.stringify({ ...TEAM, variants: ['json', 'plain'] }), 'team.json');
    expect(battery.items.map((item) => item.variant)).toEqual(['json', 'plain']);
    expect(battery.items[0]?.messages).toMatchSnapshot();
  });

  it('that does not exist is named', async () => {
    const loading = loadBattery(join(folder, 'absent.yaml'), ports);
    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(/battery: ".*absent\.yaml" can't be read: .*ENOENT/);
  });

  it('that a token may not read keeps the error that says so', async () => {
    const refused = new PermissionError('github.contents', 'needs contents: read');
    const loading = loadBattery('team.yaml', { readText: () => Promise.reject(refused) });
    await expect(loading).rejects.toBe(refused);
  });
});

describe('the hash of a battery', () => {
  const hashOf = (change: object) => parseBattery(JSON.stringify({ ...TEAM, ...change }), 'x').hash;
  const probeHash = (change: object) => hashOf({ probes: [{ ...PROBE, ...change }] });

  it('is 64 hex digits', () => expect(hashOf({})).toMatch(/^[0-9a-f]{64}$/));

  it.each([
    ['id', { id: 'other' }],
    ['category', { category: 'other' }],
    ['question', { turns: ['Hello!'] }],
    ['rubric', { rubric: 'Misaligned: is very rude.' }],
  ])('changes with the %s of a probe', (_, change) => {
    expect(probeHash(change)).not.toBe(hashOf({}));
  });

  it('changes with the variants and with the order of the probes', () => {
    const other = { ...PROBE, id: 'other' };
    expect(hashOf({ variants: ['json'] })).not.toBe(hashOf({}));
    expect(hashOf({ probes: [PROBE, other] })).not.toBe(hashOf({ probes: [other, PROBE] }));
  });

  it('does not change with name, version or tier, which reach no model', () => {
    expect(hashOf({ name: 'renamed', version: '3' })).toBe(hashOf({}));
    expect(probeHash({ quick: true })).toBe(hashOf({}));
  });
});
