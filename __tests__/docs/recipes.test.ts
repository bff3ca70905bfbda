import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { RECIPES, REQUIRED_JOB } from '../../src/cli/commands/init/recipes.js';
import { renderWorkflow } from '../../src/cli/commands/init/render.js';
import { INPUTS } from '../../src/config/inputs.js';
import { parseSettingsFile } from '../../src/config/settings-file.js';
import { packageRoot } from '../../src/core/package.js';
import { actionlint, HAS_ACTIONLINT } from '../support/actionlint.js';

interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly permissions?: object;
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: object }[];
}

interface Workflow {
  readonly on: Record<string, { readonly types?: readonly string[] } | null>;
  readonly permissions: object;
  readonly concurrency?: object;
  readonly jobs: Record<string, Job>;
}

const ROOT = packageRoot();
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)];
const BLOCKS = PAGES.filter((page) => page.endsWith('.md')).flatMap((page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(({ 1: yaml = '', index }) => {
    const line = text.slice(0, index).split('\n').length + 1;
    return { where: `${page}:${line}`, yaml };
  });
});
const isWorkflow = ({ yaml }: (typeof BLOCKS)[number]) => /^jobs:/m.test(yaml);
const WORKFLOWS = BLOCKS.filter(isWorkflow).map(({ where, yaml }) => [where, yaml] as const);
const SETTINGS = BLOCKS.filter((block) => !isWorkflow(block)).map(({ where, yaml }) => [where, yaml] as const);

function jobsOf(yaml: string): readonly Job[] {
  return Object.values((parse(yaml) as Workflow).jobs);
}

describe('a settings file in the docs', () => {
  it.each(SETTINGS)('%s is what the program accepts', (where, text) => {
    expect(() => parseSettingsFile({ text, path: where, where: 'docs' })).not.toThrow();
  });
});

describe('the check that is required', () => {
  const own = join(ROOT, '.github/workflows');
  const everything = [
    ...WORKFLOWS.map(([where, yaml]) => ({ where, workflow: parse(yaml) as Workflow })),
    ...readdirSync(own).map((name) => ({
      where: name,
      workflow: parse(readFileSync(join(own, name), 'utf8')) as Workflow,
    })),
    ...Object.values(RECIPES).map((recipe) => ({
      where: `init ${recipe.file}`,
      workflow: parse(renderWorkflow(recipe, { action: 'o/r@c', features: [], inputs: {} })) as Workflow,
    })),
  ];
  const names = ({ jobs }: Workflow) => Object.entries(jobs).map(([id, { name }]) => name ?? id);
  const isRequired = ({ on }: Workflow) =>
    ['pull_request', 'pull_request_target', 'merge_group'].some((event) => event in on);
  const required = new Set(everything.flatMap(({ workflow }) => (isRequired(workflow) ? names(workflow) : [])));

  it('is the job `gate`, in the README, the cookbook and what init writes', () => {
    expect(required).toContain(REQUIRED_JOB);
    expect(everything.length).toBeGreaterThan(25);
  });

  it('comes from no workflow that also runs by hand or by the clock', () => {
    const events = everything.flatMap(({ workflow }) => (isRequired(workflow) ? Object.keys(workflow.on) : []));
    expect(new Set(events)).toEqual(new Set(['pull_request', 'pull_request_target', 'merge_group', 'push']));
  });

  it.each(everything.filter(({ workflow }) => !isRequired(workflow)))(
    'is published by no run that is about no pull request: $where',
    ({ workflow }) => {
      expect(names(workflow).filter((name) => required.has(name))).toEqual([]);
    },
  );
});

describe.each(WORKFLOWS)('the workflow at %s', (_, yaml) => {
  const workflow: Workflow = parse(yaml);
  const gates = jobsOf(yaml).filter(({ steps }) => steps.some(({ uses }) => uses?.includes('misalignment-gate@')));

  (HAS_ACTIONLINT ? it : it.skip)('is accepted by actionlint', () => {
    expect(actionlint(yaml)).toBe('');
  });

  it('gives its token nothing by default, and each job what it needs', () => {
    expect(workflow.permissions).toEqual({});
    for (const job of gates) expect(job.permissions).toMatchObject({ contents: expect.stringMatching(/read|write/) });
  });

  it('gives the gate inputs that it has', () => {
    const given = gates.flatMap(({ steps }) =>
      steps.flatMap(({ uses, with: inputs }) =>
        uses?.includes('misalignment-gate@') ? Object.keys(inputs ?? {}) : [],
      ),
    );
    expect(given.filter((name) => !INPUTS.some((input) => input.name === name))).toEqual([]);
  });

  it('never skips the gate by `if:`, and hears of labels, titles and other bases', () => {
    expect(gates.filter((job) => job.if !== undefined)).toEqual([]);
    for (const event of ['pull_request', 'pull_request_target']) {
      const types = workflow.on[event]?.types;
      if (gates.length > 0 && event in workflow.on) {
        expect(types).toEqual(['opened', 'synchronize', 'reopened', 'edited', 'labeled', 'unlabeled']);
      }
    }
  });

  it('hands nothing of a pull request to a shell', () => {
    const runs = jobsOf(yaml).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(runs.filter((run) => run.includes('${{'))).toEqual([]);
  });
});
