import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { INPUTS } from '../../src/config/inputs.js';
import { packageRoot } from '../../src/core/package.js';

interface ActionFile {
  readonly inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  readonly outputs: Record<string, { description: string; value?: string }>;
  readonly runs: Record<string, string>;
}

const action = parse(readFileSync(join(packageRoot(), 'action.yml'), 'utf8')) as ActionFile;

describe('action.yml', () => {
  it('declares every input of the contract, and no other', () => {
    expect(Object.keys(action.inputs).sort()).toEqual(INPUTS.map(({ name }) => name).sort());
  });

  it('declares every output of the contract, and no other', () => {
    expect(Object.keys(action.outputs)).toEqual([
      ...['verdict', 'candidate-rate', 'baseline-rate', 'difference', 'difference-lower', 'difference-upper'],
      ...[
        'line',
        'level',
        'answers',
        'requests',
        'cost-usd',
        'judge-sensitivity',
        'judge-specificity',
        'report-dir',
        'comment-url',
        'reasons',
      ],
    ]);
  });

  it('gives defaults to the token and the matrix only: any other would beat the settings file', () => {
    const defaults = Object.entries(action.inputs).flatMap(([name, input]) =>
      input.default === undefined ? [] : [[name, input.default]],
    );
    expect(Object.fromEntries(defaults)).toEqual({
      'github-token': expect.stringMatching(/^\$\{\{ github\.token \}\}$/),
      'matrix-key': expect.stringMatching(/^\$\{\{ toJSON\(matrix\) \}\}$/),
    });
  });

  it('requires nothing, as everything may stand in the settings file', () => {
    expect(Object.values(action.inputs).filter(({ required }) => required !== false)).toEqual([]);
  });

  it('says of every optional input what holds without it', () => {
    const silent = Object.entries(action.inputs)
      .filter(([, { description }]) => !/default|required, here or in the settings file/i.test(description))
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });

  it('runs on Node 24, with a post step that runs whatever happened', () => {
    expect(action.runs).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: 'dist/post.js',
      'post-if': 'always()',
    });
  });
});
