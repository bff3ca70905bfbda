import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/core/errors.js';
import { FORMATS, renderFormat } from '../../src/report/formats.js';
import { BY_VERDICT } from './samples.js';

describe('report --format', () => {
  it('knows Markdown, JSON and the terminal', () => {
    expect(Object.keys(FORMATS)).toEqual(['md', 'json', 'terminal']);
    for (const format of Object.keys(FORMATS)) expect(renderFormat(BY_VERDICT.fail, format)).toMatch(/41[ \u00a0]%/);
  });

  it.each(['html', 'junit', 'sarif'])('says that %s is not available in this version, and what is', (format) => {
    expect(() => renderFormat(BY_VERDICT.fail, format)).toThrow(ConfigError);
    expect(() => renderFormat(BY_VERDICT.fail, format)).toThrow(
      /not available in this version; accepted are md, json, terminal/,
    );
  });

  it.each(['pdf', '', 'toString', '__proto__', 'MD'])('refuses %j', (format) => {
    expect(() => renderFormat(BY_VERDICT.fail, format)).toThrow(`"${format}" is none of md, json, terminal`);
  });
});
