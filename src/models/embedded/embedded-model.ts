import type { DemoReference, GgufReference } from '../../config/model-reference.js';
import type { ModelSettings } from '../../config/settings.js';
import type { AnswerOutcome, AnswerRequest, Arm, Model, ModelIdentity } from '../model.js';
import type { ModelPorts } from '../request-budget.js';
import { withSystem } from '../system-prompt.js';
import { explainFailure, type LlamaSubject } from './explain-llama-failure.js';
import { isLoaded, LlamaEngine } from './llama-engine.js';
import { type Draw, drawFrom, seedOf } from './llama-sampling.js';
import { assertRoom } from './memory.js';
import { findFiles, type LlamaFiles } from './model-files.js';
import { type Spread, spreadOn, thisMachine } from './parallelism.js';
import { DEFAULT_WORKER } from './process.js';

/** A model that llama.cpp runs on this machine, in a process of its own. */
class EmbeddedModel implements Model {
  readonly identity: ModelIdentity;

  constructor(
    private readonly engine: LlamaEngine,
    private readonly settings: ModelSettings,
    private readonly arm: Arm,
    private readonly draw: Draw,
    private readonly files: LlamaFiles,
    private readonly ports: Pick<ModelPorts, 'requests' | 'activity'>,
  ) {
    const { reference, digest } = settings;
    const sampling = { ...samplingOf(settings, arm), seed: settings.sampling.seed };
    this.identity = { reference, served: files.served, digest: digest ?? files.digest, sampling, recorded: false };
  }

  get answersAtOnce(): number {
    return this.engine.answersAtOnce;
  }

  /** One token of an answer: an adapter is laid over its model only when the first one is drawn. */
  async preflight(signal?: AbortSignal): Promise<void> {
    const messages = withSystem(this.settings.sampling.system, [{ role: 'user', content: 'Say hello.' }]);
    await this.drawn(() => this.engine.answer(messages, { ...this.draw, maxTokens: 1, seed: 0 }, signal));
  }

  async answer({ item, index, sample, signal }: AnswerRequest): Promise<AnswerOutcome> {
    const { system, seed } = this.settings.sampling;
    const draw = { ...this.draw, seed: seedOf(seed, this.arm, index, sample) };
    const { text, truncated, promptTokens, completionTokens } = await this.drawn(() => {
      const ended = this.ports.requests.generating(this.arm);
      const generated = this.engine.answer(withSystem(system, item.messages), draw, signal);
      generated.then(ended, () => ended(null));
      return generated;
    });
    return {
      kind: 'answer',
      text,
      truncated,
      responseId: null,
      servedModel: this.files.served,
      usage: { promptTokens, completionTokens },
    };
  }

  close(): Promise<void> {
    return this.engine.close();
  }

  /** However slow the machine, the answer takes as long as it takes; a process that dies says so. */
  private async drawn<Reply>(draw: () => Promise<Reply>): Promise<Reply> {
    return this.ports.activity
      .during(`the embedded ${this.arm}`, Number.POSITIVE_INFINITY, draw)
      .catch((error: unknown) => {
        throw explainFailure(error, subjectOf(this.settings, this.arm, this.files));
      });
  }
}

/** How an embedded model samples, whichever of its answers are drawn. @throws ConfigError as `drawFrom` */
export function samplingOf({ sampling }: Pick<ModelSettings, 'sampling'>, arm: Arm): ModelIdentity['sampling'] {
  const { temperature, maxTokens, topK, topP, minP } = drawFrom(sampling, arm);
  return {
    temperature,
    'max-tokens': maxTokens,
    top_k: topK,
    top_p: topP,
    min_p: minP,
    ...(sampling.system === '' ? {} : { system: sampling.system }),
  };
}

function subjectOf(settings: ModelSettings, arm: Arm, { modelPath, lora }: LlamaFiles): LlamaSubject {
  const instead = `serve the model (llama.cpp, vLLM) and give ${settings.baseUrlName}`;
  return { setting: `${arm}: ${settings.reference}`, instead, modelPath, lora };
}

/**
 * Opens an embedded model: finds its files, starts its process and loads it.
 * @param workerPath the bundled `llama-worker.js`, for tests
 * @param spread how it uses the machine
 * @throws ConfigError for a wrong file, setting or missing package; ProviderError when the demo's model can't be had, memory
 * does not suffice or the process dies
 */
export async function openLlama(
  reference: GgufReference | DemoReference,
  settings: ModelSettings,
  arm: Arm,
  ports: ModelPorts,
  workerPath = DEFAULT_WORKER,
  spread: Spread = spreadOn(thisMachine()),
): Promise<Model> {
  const draw = drawFrom(settings.sampling, arm);
  const files = await findFiles(reference, arm, settings.digest, ports);
  const packageFolder = (await ports.llamaFolder?.()) ?? null;
  const { modelPath, lora } = files;
  const spec = { purpose: 'chat', modelPath, lora, packageFolder, spread } as const;
  const shared = spread.oneProcess;
  const subject = subjectOf(settings, arm, files);
  const weights = shared && isLoaded(spec, workerPath) ? [] : [modelPath];
  // With a GPU the weights need not fit into the machine's own memory.
  if (!spread.gpu) await assertRoom([...weights, ...(lora === null ? [] : [lora.path])], subject.setting);
  try {
    const engine = await LlamaEngine.open(spec, { name: `${arm} ${settings.reference}`, workerPath, shared });
    sayDevice(engine, spread, subject, ports);
    return new EmbeddedModel(engine, settings, arm, draw, files, ports);
  } catch (error) {
    throw explainFailure(error, subject);
  }
}

/** Nobody looks for a GPU that is not used while the run merely takes longer. */
function sayDevice({ device }: LlamaEngine, spread: Spread, { setting }: LlamaSubject, { log }: ModelPorts): void {
  if (!spread.gpu) return;
  if (device !== 'cpu') {
    log.info(`${setting}: on the GPU (${device}).`);
    return;
  }
  log.warning(
    `${setting}: this machine has a GPU, but llama.cpp can't use it and computes on the processor, more slowly. It takes ` +
      "NVIDIA's driver with the CUDA runtime, or a Vulkan driver; `npx node-llama-cpp inspect gpu` says what is missing",
  );
}
