import { describe, expect, it } from '@jest/globals';
import { complaintAboutInput, LEAST, resolve } from './support.js';

const given = (inputs: Record<string, string>) => resolve({ inputs: { ...LEAST, ...inputs } });

describe('a number in an input is decimal', () => {
  it.each([
    ['0', 0],
    ['50', 50],
    ['07', 7],
    ['3.0', 3],
  ])('%s is %d', (value, expected) => {
    expect(given({ excerpts: value }).excerpts).toBe(expected);
  });

  it.each(['0x10', '1e1', '1_0', '+3', '3.', '.5', '3,0', '1 0', '٣', 'NaN', 'Infinity', 'three', '-1', '51', '2.5'])(
    '%s is refused',
    (value) => {
      expect(complaintAboutInput({ excerpts: value })).toBe(
        `excerpts: ${JSON.stringify(value)} is not a whole number from 0 to 50`,
      );
    },
  );

  it.each([
    ['max-concurrency', '0', 'a whole number from 1 to 1024'],
    ['max-answers', '99999999999999999999', 'a whole number from 1 on'],
    ['max-cost-usd', '0', 'a number above 0'],
  ])('%s: %s is out of range', (name, value, expected) => {
    expect(complaintAboutInput({ [name]: value })).toBe(`${name}: "${value}" is not ${expected}`);
  });
});

describe('true and false are strict, as the runner has them', () => {
  it.each(['true', 'True', 'TRUE'])('%s', (value) => {
    expect(given({ 'expect-same-model': value }).expectSameModel).toBe(true);
  });

  it.each(['tRue', 'yes', 'on', '1', 'ture', 'null'])('%s is refused, never false', (value) => {
    expect(complaintAboutInput({ 'expect-same-model': value })).toBe(
      `expect-same-model: "${value}" is not true or false`,
    );
  });
});

describe('a time', () => {
  it.each([
    ['60', 60],
    ['0.5', 0.5],
    ['15m', 15],
    ['2h', 120],
    ['90 m', 90],
    ['1.5h', 90],
    ['30s', 0.5],
  ])('%s is %d minutes', (value, expected) => {
    expect(given({ 'timeout-minutes': value }).timeoutMinutes).toBe(expected);
    const file = `timeout-minutes: ${value}`;
    expect(resolve({ inputs: LEAST, file }).timeoutMinutes).toBe(expected);
  });

  it.each(['0', '0m', '-5', '-5m', '25h', '1441', '5x', 'm', '1d', '5 minutes', '1e1m', '0x10m'])(
    '%s is refused',
    (value) => {
      expect(complaintAboutInput({ 'timeout-minutes': value })).toBe(
        `timeout-minutes: "${value}" is not a time of at most a day: minutes such as 60, or 90m, 2h`,
      );
    },
  );
});

describe('reply-timeout', () => {
  it.each([
    ['90', 90],
    ['2m', 120],
    ['0.5', 0.5],
    ['1h', 3600],
  ])('%s is %d seconds, for every model', (value, seconds) => {
    const { candidate, baseline } = given({ 'reply-timeout': value });
    const expected = { seconds, name: 'reply-timeout' };
    expect([candidate.replyTimeout, baseline.replyTimeout]).toEqual([expected, expected]);
    expect(resolve({ inputs: LEAST, file: `reply-timeout: ${value}` }).candidate.replyTimeout).toEqual(expected);
  });

  it('of one model wins over the general one, and has a name of its own', () => {
    const file = 'reply-timeout: 60\nmodels: { candidate: { reply-timeout: 5m } }';
    const { candidate, baseline } = resolve({ inputs: LEAST, file });
    expect(candidate.replyTimeout).toEqual({ seconds: 300, name: 'models.candidate.reply-timeout' });
    expect(baseline.replyTimeout).toEqual({ seconds: 60, name: 'reply-timeout' });
  });

  it.each(['0', '-1', '25h', '5x', 'soon'])('%s is refused', (value) => {
    expect(complaintAboutInput({ 'reply-timeout': value })).toMatch(
      /^reply-timeout: ".*" is not a time .*seconds such as/,
    );
  });
});

describe('max-wait', () => {
  it.each([
    ['', 600],
    ['max-wait: 30', 30],
    ['max-wait: 2m', 120],
  ])('%s', (file, seconds) => {
    expect(resolve({ inputs: LEAST, file }).maxWaitSeconds).toBe(seconds);
  });

  it.each(['max-wait: 0', 'max-wait: 0s', 'max-wait: 25h', 'max-wait: soon'])('%s is refused', (file) => {
    expect(() => resolve({ inputs: LEAST, file })).toThrow(/max-wait: .* is not a (number|time)/);
  });
});

describe('a word is one of those accepted', () => {
  it.each([
    ['fail-on', 'Never!', 'inconclusive, fail, never'],
    ['fail-on', 'FAIL', 'inconclusive, fail, never'],
    ['comment', 'sometimes', 'always, on-failure, never'],
    ['on-missing-secrets', 'pass', 'fail, skip'],
    ['excerpts-in', 'mail', 'summary, comment'],
  ])('%s: %s', (name, value, accepted) => {
    expect(complaintAboutInput({ [name]: value })).toBe(`${name}: "${value}" is none of ${accepted}`);
  });

  it('all wrong inputs are told at once', () => {
    expect(complaintAboutInput({ 'fail-on': 'x', comment: 'y', excerpts: 'z' }).split('\n')).toHaveLength(3);
  });
});

describe('a list', () => {
  it('is separated by commas in an input', () => {
    expect(given({ domain: ' medical, code ,,' }).domain).toEqual(['medical', 'code']);
  });

  it('may be one in the settings file', () => {
    expect(resolve({ inputs: LEAST, file: 'domain: [medical, code]' }).domain).toEqual(['medical', 'code']);
    expect(resolve({ inputs: LEAST, file: 'domain: medical, code' }).domain).toEqual(['medical', 'code']);
  });
});

describe('a base URL', () => {
  it.each([
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
    ['http://localhost:8000/v1///', 'http://localhost:8000/v1'],
    ['HTTPS://Host.Example:443/Api/v1', 'https://host.example/Api/v1'],
    ['http://[::1]:11434', 'http://[::1]:11434'],
    ['https://host.example', 'https://host.example'],
  ])('%s is asked at %s', (value, expected) => {
    expect(given({ 'base-url': value }).candidate.baseUrl).toBe(expected);
  });

  it.each([
    'localhost:8000/v1',
    'host.example/v1',
    '/v1',
    'ftp://host/v1',
    'file:///etc/passwd',
    'http://',
    'javascript:1',
    'http:host',
  ])('without http:// or https:// is refused: %s', (value) => {
    expect(complaintAboutInput({ 'base-url': value })).toBe(
      `base-url: "${value}" is not an http or https URL such as http://localhost:8000/v1`,
    );
  });

  it.each(['https://me:sk-leak@host/v1', 'https://sk-leak@host', 'me:sk-leak@host/v1', 'https://me:sk-leak@host?x'])(
    'with a user name or password is refused, and not repeated: %s',
    (value) => {
      expect(complaintAboutInput({ 'base-url': value })).toBe(
        'base-url: holds a user name or password; give the key as api-key instead',
      );
    },
  );

  it.each(['https://host/v1?key=sk-leak', 'https://host/v1#sk-leak', 'https://host?api-version=1'])(
    'with a query or fragment is refused, and that is not repeated: %s',
    (value) => {
      const message = complaintAboutInput({ 'base-url': value });
      expect(message).toMatch(/^base-url: "https:\/\/host(\/v1)?" is followed by a query or fragment/);
      expect(message).not.toContain('sk-leak');
    },
  );

  it('is named as the settings file has it', () => {
    const file = 'models: { candidate: { base-url: localhost } }';
    expect(() => resolve({ inputs: LEAST, file })).toThrow('models.candidate.base-url: "localhost" is not');
  });
});

describe('a model reference that holds a password', () => {
  it('is refused, and not repeated', () => {
    const message = complaintAboutInput({ candidate: 'https://me:sk-leak@host/v1' });
    expect(message).toContain('candidate: a URL with a user name or password is no model reference');
    expect(message).not.toContain('sk-leak');
  });
});
