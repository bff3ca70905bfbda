import { describe, expect, it } from '@jest/globals';
import { explainFailure } from '../../../src/models/embedded/explain-llama-failure.js';
import { FAILURES, LlamaFailure } from '../../../src/models/embedded/protocol.js';

const SUBJECT = {
  setting: 'candidate: gguf:tuned.gguf',
  instead: 'serve the model (llama.cpp, vLLM) and give candidate-base-url',
  modelPath: 'tuned.gguf',
  lora: null,
};

describe('a failure of an embedded model, explained', () => {
  it('without its package says what to run, with npx and where it is installed', () => {
    expect(explainFailure(new LlamaFailure('no-package', 'Cannot find package'), SUBJECT)).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^candidate: gguf:tuned\.gguf: .*npx -p misalignment-gate -p node-llama-cpp@[\d.]+ -- misalignment-gate .*npm install node-llama-cpp@[\d.]+; or serve the model/,
      ),
    });
  });

  it.each(FAILURES)('names the setting and its value, whatever it is: %s', (code) => {
    const { message } = explainFailure(new LlamaFailure(code, 'llama.cpp’s words'), SUBJECT) as Error;
    expect(message).toMatch(/^candidate: gguf:tuned\.gguf: /);
  });
});
