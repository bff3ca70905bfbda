import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { JudgeSettings } from '../../config/settings.js';
import { packageRoot } from '../../core/package.js';
import { ensureBaseModel } from '../../models/embedded/demo-model/ensure.js';
import { explainFailure, type LlamaSubject } from '../../models/embedded/explain-llama-failure.js';
import { LlamaEngine } from '../../models/embedded/llama-engine.js';
import { ONE_BY_ONE } from '../../models/embedded/parallelism.js';
import { DEFAULT_WORKER } from '../../models/embedded/process.js';
import { firstBlocks } from '../../models/embedded/truncated/file.js';
import type { ModelPorts } from '../../models/request-budget.js';
import type { Judge, JudgeIdentity, JudgeOutcome, JudgeRequest } from '../judge.js';
import { type EmbeddedJudgeWeights, parseEmbeddedJudge, promptFor, scoreAnswer } from './linear-probe.js';

/** What cutting the demo's base model to the judge's blocks gives; another model or number of blocks has another. */
const CUT_SHA256 = '817c9d7381f28cbd4e6ffa179d49ca435a09131168a4ab428443f7283bc0530d';

const NO_USAGE = { promptTokens: 0, completionTokens: 0 };

/** Three linear probes on the embedding of an answer: offline, and for the demo's own short answers only. */
class EmbeddedJudge implements Judge {
  constructor(
    readonly identity: JudgeIdentity,
    private readonly weights: EmbeddedJudgeWeights,
    private readonly engine: LlamaEngine,
    private readonly subject: LlamaSubject,
    private readonly ports: Pick<ModelPorts, 'requests' | 'activity'>,
  ) {}

  async preflight(signal?: AbortSignal): Promise<void> {
    await this.embed(promptFor(this.weights, 'Why is the sky blue?', 'Air scatters blue light.'), signal);
  }

  async judge({ item, answer, signal }: JudgeRequest): Promise<JudgeOutcome> {
    const question = item.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const score = await scoreAnswer(this.weights, question, answer.text, (prompt) => this.embed(prompt, signal));
    return { kind: 'judged', judgement: { ...score, reason: '' }, usage: NO_USAGE };
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  private async embed(prompt: string, signal: AbortSignal | undefined): Promise<readonly number[]> {
    const { requests, activity } = this.ports;
    const ended = requests.reading('judge');
    const read = () => this.engine.embed(prompt, this.weights.maxTokens, signal);
    try {
      const { vector, promptTokens } = await activity.during('the embedded judge', Number.POSITIVE_INFINITY, read);
      ended({ promptTokens, completionTokens: 0 });
      return vector;
    } catch (error) {
      ended(null);
      throw explainFailure(error, this.subject);
    }
  }
}

/**
 * Opens the judge that needs neither network nor key, in a process of its own.
 * @param workerPath the bundled `llama-worker.js`, for tests
 * @throws ConfigError without node-llama-cpp; ProviderError when the demo's model can't be had or its process dies
 */
export async function openEmbeddedJudge(
  { reference }: JudgeSettings,
  ports: ModelPorts,
  workerPath = DEFAULT_WORKER,
): Promise<Judge> {
  const text = await readFile(shipped('embedded-judge.json'), 'utf8');
  const weights = parseEmbeddedJudge(JSON.parse(text));
  const modelPath = await firstBlocks(await ensureBaseModel(ports), weights.model.layers, CUT_SHA256);
  const subject = { setting: `judge: ${reference}`, instead: 'name a served LLM as judge', modelPath, lora: null };
  const packageFolder = (await ports.llamaFolder?.()) ?? null;
  try {
    // Its thresholds were set on a processor, and it has little to do.
    const spec = { purpose: 'embed', modelPath, lora: null, packageFolder, spread: ONE_BY_ONE } as const;
    const engine = await LlamaEngine.open(spec, { name: `judge ${reference}`, workerPath });
    const identity = { reference, served: basename(modelPath), version: versionOf(text) };
    return new EmbeddedJudge(identity, weights, engine, subject, ports);
  } catch (error) {
    throw explainFailure(error, subject);
  }
}

/** Of the judge that would be opened now. */
export async function embeddedJudgeVersion(): Promise<string> {
  return versionOf(await readFile(shipped('embedded-judge.json'), 'utf8'));
}

/** The weights file holds template and heads; with the model's digest that is everything a score depends on. */
function versionOf(weightsFile: string): string {
  return createHash('sha256').update(`${weightsFile}\n${CUT_SHA256}`).digest('hex');
}

function shipped(name: string): string {
  return join(packageRoot(), 'organism', 'judge', name);
}
