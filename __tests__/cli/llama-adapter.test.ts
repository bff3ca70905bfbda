import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { llamaServer } from '../../src/cli/commands/init/llama-server.js';
import { candidateAt } from '../../src/config/candidate-file.js';
import { complaint } from '../config/support.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'llama-adapter-'));
  // The step's own tools, but for GitHub and the container.
  tool('curl', 'cat "$PROPOSED"');
  tool('docker', 'printf %s "$ADAPTER"');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tool(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** The adapter that the step starts the server with; null where it ends the job. */
function started(text: string): string | null {
  const [step] = llamaServer('file:models/support.yaml#/adapter').before;
  const proposed = join(folder, 'support.yaml');
  writeFileSync(proposed, text);
  const env = {
    ...(step?.env as Record<string, string>),
    ...{ PATH: `${folder}${delimiter}${process.env.PATH}`, PROPOSED: proposed },
    ...{ GITHUB_API_URL: 'x', GITHUB_REPOSITORY: 'x', GITHUB_RUN_ID: '1' },
  };
  try {
    const script = `set -a; ${String(step?.run)}`;
    return execFileSync('bash', ['--norc', '-e', '-c', script], {
      ...{ env, encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] },
    });
  } catch {
    return null;
  }
}

function read(text: string): string | null {
  try {
    return candidateAt({ text, what: 'it' }, '/adapter').reference;
  } catch {
    return null;
  }
}

// The step runs on a Linux runner.
const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('the step that starts llama.cpp loads the adapter that the gate reads', () => {
  it.each([
    'adapter: support-v7\n',
    'adapter: "support-v7"\n',
    "adapter: 'support-v7' # the new one\n",
    '# which\n---\nadapter: support-v7   # the new one\r\nrevision: 3\r\n',
    'base:\n  adapter: other\nadapter: support-v7\n',
    'notes: |\n  adapter: other\n\n  more\nadapter: support-v7',
    'old: { adapter: other }\nadapter:   support-v7\n# end\n  # of it\n',
  ])('%j', (text) => {
    expect([started(text), read(text)]).toEqual(['support-v7', 'support-v7']);
  });
});

onPosix('the step that starts llama.cpp loads no other adapter than the gate reads', () => {
  it.each([
    '{ "adapter": "support-v7" }',
    '{\nadapter: other\n}',
    '{ old: {\nadapter: other\n}, adapter: support-v7 }',
    ' { old: {\nadapter: other\n }, adapter: support-v7 }',
    'old: {\nadapter: other\n }\n"adapter": support-v7\n',
    'old: "\nadapter: other\n "\n"adapter": support-v7\n',
    'old: [\nadapter: other\n ]\nadapter: support-v7\n',
    'old:\n- |\n adapter: x\nadapter: support-v7\n',
    'adapter: other\n"adapter": support-v7\n',
    'adapter: other\nadapter: support-v7\n',
    'adap\rter: other\n"adapter": support-v7\n',
    '? adapter\n: support-v7\n',
    'adapter: support\n  v7\n',
    'adapter: support\n\n  v7\n',
    'adapter:\n  support-v7\n',
    'adapter: |\n  support-v7\n',
    'adapter: &a support-v7\n',
    'adapter: "support\\x2dv7"\n',
    'x: &a other\nadapter: *a\n',
    '  adapter: support-v7\n',
    'base:\n  adapter: other\n',
    'adapter: ../secret\n',
    'adapter: a..b\n',
    'adapter: -v\n',
    'adapter: .hidden\n',
    'adapter: $(touch x)\n',
    'adapter: "a\\"; touch x; \\""\n',
    `adapter: ${'x'.repeat(101)}\n`,
    'adapter: support#v7\n',
    'adapter:\n',
    '',
  ])('%j', (text) => {
    expect([null, read(text)]).toContain(started(text));
  });
});

it.each(['file:cfg/m.json#/lora', 'file:cfg/m.yaml#/lora/name', 'file:c f/m.yaml#/a', 'file:m.yaml#/a~1b'])(
  'a place that the step can not read is refused, with what is accepted: %s',
  (candidate) => {
    expect(complaint(() => llamaServer(candidate))).toMatch(
      /^--candidate: "file:.*can't be read by the step .* accepted with --kind llama.cpp is a key at the top of a YAML file/,
    );
  },
);
