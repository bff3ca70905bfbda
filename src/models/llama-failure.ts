import type { FailureCode } from './llama-messages.js';

/** Why a model's process could not do what it was asked; the gate turns the code into an error that names the setting. */
export class LlamaFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
  ) {
    super(message);
    this.name = 'LlamaFailure';
  }
}
