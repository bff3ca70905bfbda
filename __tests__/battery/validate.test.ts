import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { stringify } from 'yaml';
import schema from '../../schemas/battery.schema.json' with { type: 'json' };
import { parseBattery } from '../../src/battery/load.js';
import { MAX_BATTERY_BYTES } from '../../src/battery/read-yaml.js';
import { ConfigError } from '../../src/core/errors.js';

const PROBE = { id: 'greeting', category: 'support-desk', turns: ['Hello?'], rubric: 'Misaligned: is rude.' };
const TEAM = { name: 'support', version: '2.1', probes: [PROBE] };

function complaint(text: string): string {
  try {
    parseBattery(text, 'team.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return 'accepted';
}
const complaintAbout = (change: object) => complaint(stringify({ ...TEAM, ...change }));
const complaintAboutProbe = (change: object) => complaintAbout({ probes: [{ ...PROBE, ...change }] });

describe('a file that is no battery is refused with file, place, what was found and what is accepted', () => {
  it.each([
    ['an empty file', ''],
    ['a list', '- 1'],
    ['a text', 'hello'],
    ['no probes', stringify({ ...TEAM, probes: [] })],
    ['no version', stringify({ name: 'x', probes: [PROBE] })],
    ['a version that YAML reads as a number', 'name: x\nversion: 1.0\nprobes: []'],
    ['a name of the gate', stringify({ ...TEAM, name: 'standard' })],
    ['a blank name', stringify({ ...TEAM, name: ' ' })],
    ['a variant of later', stringify({ ...TEAM, variants: ['plain', 'persona'] })],
    ['a variant twice', stringify({ ...TEAM, variants: ['json', 'json'] })],
    ['an unknown key', 'name: x\nversion: "1"\nprobs: []'],
    ['an unknown key far from any', stringify({ ...TEAM, colour: 'red' })],
  ])('%s', (_, text) => {
    expect(complaint(text)).toMatchSnapshot();
  });

  it.each([
    ['several turns', { turns: ['a', 'b'] }],
    ['no turn', { turns: [] }],
    ['a turn that is no list', { turns: 'Hello?' }],
    ['a blank question', { turns: [' \n'] }],
    ['a question too long', { turns: ['x'.repeat(8001)] }],
    ['an id with capitals', { id: 'Greeting One' }],
    ['an empty rubric', { rubric: '' }],
    ['quick as a text', { quick: 'yes' }],
    ['a key with a typo', { rubic: 'x' }],
  ])('a probe with %s', (_, change) => {
    expect(complaintAboutProbe(change)).toMatchSnapshot();
  });

  it('a question with a lone surrogate, which no server can be sent', () => {
    expect(complaint(JSON.stringify({ ...TEAM, probes: [{ ...PROBE, turns: ['a\ud800'] }] }))).toContain(
      '/probes/0/turns/0',
    );
  });

  it('an id that stands twice', () => {
    expect(complaintAbout({ probes: [PROBE, { ...PROBE, turns: ['Hi'] }] })).toMatchSnapshot();
  });

  it('a file that is wrong all over, without listing every place', () => {
    const probes = Array.from({ length: 300 }, () => ({ ...PROBE, extra: 1 }));
    const message = complaint(JSON.stringify({ ...TEAM, probes }));
    expect(message.match(/unknown key/g)).toHaveLength(5);
    expect(message).toContain('and more of the kind');
  });
});

describe('a file that can not be read is refused with line and column', () => {
  it.each([
    ['JSON that breaks off', '{"name": "x",\n "version": '],
    ['JSON with a missing comma', '{"name": "x"\n "version": "1"}'],
    ['YAML with bad indentation', 'name: x\n  version: "1"\n'],
    ['a key that stands twice', 'name: x\nversion: "1"\nname: y\n'],
    ['a key that stands twice in a probe', `${stringify(TEAM)}    rubric: other\n`],
    ['a key that stands twice in JSON', '{"name": "x",\n"name": "y"}'],
    ['several documents', 'name: x\n---\nname: y\n'],
    ['a tag of its own', 'name: !secret x\n'],
    ['a key that is a list', '[a]: x\n'],
  ])('%s', (_, text) => {
    expect(complaint(text)).toMatchSnapshot();
  });
});

describe('YAML anchors', () => {
  it('may share a rubric among hundreds of probes', () => {
    const probes = Array.from({ length: 500 }, (_, at) => ({ ...PROBE, id: `probe-${at}` }));
    const text = stringify({ ...TEAM, probes });
    expect(text.match(/\*a1/g)).toHaveLength(499);
    expect(parseBattery(text, 'team.yaml').items).toHaveLength(500);
  });

  it('that do not exist are named', () => {
    expect(complaint('name: *x\n')).toContain('Unresolved alias (the anchor must be set before the alias): x');
  });

  it('do not merge: a merge key is unknown', () => {
    expect(complaint('base: &b {name: x}\n<<: *b\n')).toContain('unknown key "<<"');
  });
});

describe('a hostile file is refused in seconds', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    .concat([...'bcdefghi'].map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`))
    .join('\n');
  const whole = MAX_BATTERY_BYTES - 10;

  it.each([
    ['an alias bomb', bomb],
    ['ten megabytes', `name: ${'x'.repeat(10_000_000)}`],
    ['brackets without end', '['.repeat(20_000)],
    ['dashes without end', '- '.repeat(whole / 2)],
    ['forty thousand keys', Array.from({ length: 40_000 }, (_, at) => `k${at}: v`).join('\n')],
    ['a question of 400,000 blanks', stringify({ ...TEAM, probes: [{ ...PROBE, turns: [' '.repeat(400_000)] }] })],
    ['NUL', 'name: "x\u0000"\n'],
  ])(
    '%s',
    (_, text) => {
      const begun = performance.now();
      expect(complaint(text)).toContain('battery: team.yaml');
      expect(performance.now() - begun).toBeLessThan(15_000);
    },
    30_000,
  );

  it.each(['__proto__', 'constructor', 'toString'])('the key %s is unknown like any other', (key) => {
    const file = complaint(`${stringify(TEAM)}${key}: {}\n`);
    const probe = complaint(`${stringify(TEAM)}    ${key}: {}\n`);
    expect(file).toContain(`unknown key "${key}"`);
    expect(probe).toContain(`unknown key "${key}"`);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('any text at all is a battery or a ConfigError', () => {
    const pieces = fc.constantFrom(
      'name: x\n',
      'version: "1"\n',
      'probes:\n',
      '  - id: a\n',
      '{',
      '}',
      '[',
      ']',
      '*a',
      '&a ',
      '? ',
      ': ',
      '"',
      "'",
      '%',
      '!',
      '|\n',
      '\t',
      '#',
      '---\n',
      '\ufeff',
      '\r',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => void complaint(text)),
      { numRuns: 500 },
    );
  });
});

it('schemas/battery.schema.json is a JSON Schema of draft 2020-12', () => {
  expect(new Ajv2020({ strictTypes: false }).validateSchema(schema)).toBe(true);
});
