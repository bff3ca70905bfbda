import manifest from '../../../package.json' with { type: 'json' };
import { ConfigError, type KnownError, ProviderError } from '../../core/errors.js';
import { LlamaFailure, type LoadSpec } from './protocol.js';

/** What a message about an embedded model has to name. */
export interface LlamaSubject extends Pick<LoadSpec, 'modelPath' | 'lora'> {
  /** The setting with its value: `candidate: gguf:tuned.gguf`. */
  readonly setting: string;
  /** What to do where the package can't be installed: `serve the model (…) and give candidate-base-url`. */
  readonly instead: string;
}

const PACKAGE = `node-llama-cpp@${manifest.peerDependencies['node-llama-cpp']}`;

/** A failure that a model's process reported, as an error that names the setting and the mend; anything else as it stands. */
export function explainFailure(error: unknown, subject: LlamaSubject): unknown {
  return error instanceof LlamaFailure ? explained(error, subject) : error;
}

function explained({ code, message }: LlamaFailure, { setting, instead, modelPath, lora }: LlamaSubject): KnownError {
  const wrong = (why: string) => new ConfigError(`llama.${code}`, `${setting}: ${why}`);
  const trouble = (why: string) => new ProviderError(`llama.${code}`, `${setting}: ${why}`);
  switch (code) {
    case 'no-package':
      return wrong(
        `embedded models need the package node-llama-cpp, which is not installed beside ${manifest.name}. With npx: ` +
          `npx -p ${manifest.name} -p ${PACKAGE} -- misalignment-gate …; where it is installed: npm install ${PACKAGE}; or ${instead}`,
      );
    case 'no-binary':
      return wrong(
        `node-llama-cpp brings no llama.cpp for this machine (${process.platform}-${process.arch}), or was installed without ` +
          `its optional dependencies. Run: npm install --include=optional ${PACKAGE}; or ${instead}. It says: ${message}`,
      );
    case 'bad-model':
      return wrong(
        `llama.cpp can't load ${modelPath}: ${message}. It takes a complete GGUF file of a text model that it knows`,
      );
    case 'bad-adapter':
      return wrong(
        `llama.cpp can't lay the adapter ${lora?.path} over ${modelPath}: ${message}. An adapter fits only the model that it was trained on; give that one, as GGUF`,
      );
    case 'no-template':
      return wrong(`${message}, so it is no chat model. Convert it again from a chat model's folder`);
    case 'too-long':
      return wrong(`${message}. Lower sampling.max-tokens, or shorten the system prompt or the probe`);
    case 'no-memory':
      return trouble(`there is too little memory for it: ${message}. Take a smaller model or a larger machine`);
    case 'cancelled':
    case 'failed':
      return trouble(`llama.cpp failed: ${message}`);
  }
}
