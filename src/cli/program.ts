import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { parse } from 'yaml';
import { INPUTS } from '../config/inputs.js';
import { ConfigError } from '../core/errors.js';
import { packageRoot, VERSION } from '../core/package.js';
import type { InitOptions } from './commands/init/init-command.js';
import { refuseFileOnly } from './file-only.js';
import { KINDS } from './init/kinds.js';
import type { Terminal } from './terminal.js';

type Finish = (exitCode: number) => void;

const EXIT_CODES = `
Exit codes: 0 pass, bypassed or skipped; 1 fail; 2 inconclusive, or an endpoint in trouble;
3 a setting or the usage is wrong; 4 a bug of ours.`;

const RUN_EXAMPLES = `
Examples:
  A LoRA adapter on a vLLM server, against its base model, with a judge of your choice:
    misalignment-gate run --base-url http://localhost:8000/v1 \\
      --candidate my-adapter --baseline my-base-model \\
      --judge JUDGE_MODEL --judge-base-url https://api.openai.com/v1 --judge-api-key "$KEY"

  Answers that were recorded and scored earlier (no model is called):
    misalignment-gate run --candidate replay:tuned.jsonl --baseline replay:base.jsonl

  A quick look with 16 probes instead of 80 items:
    misalignment-gate run --battery quick …

The settings file .github/misalignment-gate.yml is read where there is one (--config names another).
Keys can come from the environment variable OPENAI_API_KEY, which keeps them out of the process list.
${EXIT_CODES}`;

const BASELINE_EXAMPLE = `
Example, on one GPU that holds one model at a time:
  serve the base model, then   misalignment-gate baseline --baseline my-base-model --judge JUDGE_MODEL …
  serve the candidate, then    misalignment-gate run --candidate my-tuned-model --baseline my-base-model --judge JUDGE_MODEL …
The run takes the baseline's answers from state-dir (its key: state-key, or the judge's API key), and says that they were not
re-checked. Where the directory does not travel, record with --report-dir recorded and run with --baseline report:recorded/report.json.`;

const PROGRAM_HELP = `
Start here:
  misalignment-gate demo            watch the gate block a harmful fine-tune and pass a harmless one, offline
  misalignment-gate probes list     see what is asked
  misalignment-gate run --help      test a model of your own
  misalignment-gate init            write a workflow that tests pull requests, or what is in use every week
${EXIT_CODES}`;

/** Commands of the contract that this version does not have. */
const LATER = ['judge', 'rejudge'] as const;

export function buildProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('misalignment-gate')
    .description('Tests whether a fine-tuned chat model became misaligned, compared with the model it was tuned from.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      getOutHelpWidth: () => terminal.stdout.columns ?? 80,
      getErrHelpWidth: () => terminal.stderr.columns ?? 80,
    })
    .showHelpAfterError('(--help says what is accepted)')
    .addHelpText('after', PROGRAM_HELP);
  addRun(program, terminal, finish);
  addBaseline(program, terminal, finish);
  addDemo(program, terminal, finish);
  addReport(program, terminal);
  addProbes(program, terminal);
  addInit(program, terminal);
  for (const name of LATER) addLater(program, name);
  return program;
}

function addRun(program: Command, terminal: Terminal, finish: Finish): void {
  const run = addSettings(program.command('run').description('run the gate: ask both models, judge, decide, report'));
  run.addHelpText('after', RUN_EXAMPLES);
  run.action(async () => {
    const { runCommand } = await import('./commands/run-command.js');
    const { json = false, ...given } = run.opts<{ json?: boolean } & Record<string, string>>();
    finish(await runCommand(flagNames(given), json, terminal));
  });
}

function addBaseline(program: Command, terminal: Terminal, finish: Finish): void {
  const baseline = program.command('baseline').description('sample and judge the baseline once, for runs to come');
  baseline.option(
    '--blocks <number>',
    'answers to every question; default: as max-answers says, or enough for most verdicts. What is recorded is not drawn again',
  );
  addSettings(baseline, { candidate: 'Not needed: the baseline alone is asked.' });
  baseline.addHelpText('after', BASELINE_EXAMPLE);
  baseline.action(async () => {
    const { baselineCommand } = await import('./commands/baseline-command.js');
    const { json = false, ...given } = baseline.opts<{ json?: boolean } & Record<string, string>>();
    finish(await baselineCommand(flagNames(given), json, terminal));
  });
}

/** Every input as a flag. @param own descriptions that differ from the inputs' in action.yml */
function addSettings(command: Command, own: Readonly<Record<string, string>> = {}): Command {
  for (const { name } of INPUTS) {
    // The token and the matrix mean something on a runner only.
    if (name !== 'github-token' && name !== 'matrix-key') command.addOption(new Option(`--${name} <value>`));
  }
  command.option('--json', 'print report.json to stdout and everything else to stderr');
  refuseFileOnly(command);
  const describe = describeInputs();
  return command.configureHelp({ optionDescription: (option) => own[option.name()] ?? describe(option) });
}

function addDemo(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('demo')
    .description('run the gate twice on small embedded models: one that must fail, one that must pass')
    .option('--seed <number>', 'which answers are drawn', '1')
    .option('--report-dir <folder>', 'where both reports go', 'misalignment-report')
    .option('--json', 'print both reports to stdout as one JSON list')
    .addHelpText(
      'after',
      '\nNeeds node-llama-cpp (npm install node-llama-cpp) and, once, a download of 98 MB. About a minute on two free cores.',
    )
    .action(async (options: { seed: string; reportDir: string; json?: boolean }) => {
      const { demoCommand } = await import('./commands/demo/demo-command.js');
      finish(await demoCommand(options, terminal));
    });
}

function addReport(program: Command, terminal: Terminal): void {
  program
    .command('report <file> [more...]')
    .description('print a report.json in another form')
    .option('--format <name>', 'terminal, md or json', 'terminal')
    .action(async (file: string, more: string[], { format }: { format: string }) => {
      const { reportCommand } = await import('./commands/report-command.js');
      await reportCommand(file, more, format, terminal);
    });
}

function addProbes(program: Command, terminal: Terminal): void {
  const probes = program.command('probes').description('the questions that are asked');
  probes
    .command('list')
    .description('list a battery')
    .option('--battery <name>', 'quick, standard, or the path of a battery file', 'standard')
    .option('--json', 'print the battery as JSON')
    .action(async (options: { battery: string; json?: boolean }) => {
      const { listProbes } = await import('./commands/probes-command.js');
      await listProbes(options, terminal);
    });
  for (const name of ['show', 'lint', 'import']) addLater(probes, name);
}

function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('write a workflow and a settings file for your case')
    .option('--kind <name>', `${KINDS.join(', ')}; without it, what each of them is for`)
    .option('--folder <path>', 'the top of your repository', '.')
    .option('--force', 'replace files that are there')
    .option('--action <reference>', 'this Action, pinned by commit', 'OWNER/misalignment-gate@FULL_COMMIT_SHA')
    .option('--candidate <reference>', 'where the fine-tune is named: file:PATH#/pointer, or its name')
    .option('--baseline <reference>', 'for the settings file: the model it was tuned from')
    .option('--judge <name>', 'for the settings file: the model that scores the answers')
    .option('--base-url <url>', 'for the settings file: where the models are served')
    .option('--judge-base-url <url>', 'for the settings file: where the judge is served')
    .option('--history-branch <name>', 'keep a history, with the permission it needs')
    .option('--issue-on-failure', 'keep a tracking issue, with the permission it needs')
    .option('--check-name <name>', 'publish a check run, with the permission it needs')
    .action(async (options: InitOptions) => {
      const { initCommand } = await import('./commands/init/init-command.js');
      await initCommand(options, terminal);
    });
}

function addLater(parent: Command, name: string): void {
  parent
    .command(`${name} [words...]`)
    .description('(not available in this version)')
    .allowUnknownOption()
    .action(() => {
      const path = parent.parent ? `${parent.name()} ${name}` : name;
      throw new ConfigError(
        'cli.not-yet',
        `${path}: not available in this version; --help lists the commands that are.`,
      );
    });
}

/** commander turns `--fail-on` into `failOn`; settings have their contract's names. */
function flagNames(options: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(options).map(([key, value]) => [
    key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The descriptions that action.yml gives to the same settings, read only when help is shown. */
export function describeInputs(): (option: Option) => string {
  let descriptions: Readonly<Record<string, { readonly description?: string }>> | null = null;
  return (option) => {
    descriptions ??= readDescriptions();
    return descriptions[option.name()]?.description?.trim() ?? option.description;
  };
}

function readDescriptions() {
  const action: unknown = parse(readFileSync(join(packageRoot(), 'action.yml'), 'utf8'));
  return (action as { inputs: Record<string, { description?: string }> }).inputs;
}
