import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PERMISSIONS } from '../../src/cli/commands/init/permissions.js';
import { packageRoot } from '../../src/core/package.js';

describe('docs/permissions.md', () => {
  it('lists what init asks for, and nothing else', () => {
    const text = readFileSync(join(packageRoot(), 'docs/permissions.md'), 'utf8');
    const listed = [...text.matchAll(/^\|.*?\| `([\w-]+: \w+)` +\|/gm)].map(([, permission]) => permission);
    const asked = Object.values(PERMISSIONS).flatMap((all) => all.map(({ scope, access }) => `${scope}: ${access}`));
    expect(listed.sort()).toEqual(asked.sort());
  });
});
