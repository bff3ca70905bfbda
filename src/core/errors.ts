import { fileTrouble } from './file-errors.js';

/**
 * Errors that a user can cause or has to know of. Each says what was found and what to do, and carries a stable code.
 * Exit codes: see `exitCodeOf`. Whatever is none of these is a bug and is reported as such.
 */
abstract class GateError extends Error {
  abstract readonly exitCode: 2 | 3 | 4;
  constructor(
    /** Stable, for machines: `config.unknown-key`, `endpoint.unreachable` … */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The user must act: a setting, a file, a model name or a key is wrong. Exit code 3. */
export class ConfigError extends GateError {
  readonly exitCode = 3;
}

/** A token or key lacks a right; the message names the permission as a workflow writes it. Exit code 3. */
export class PermissionError extends GateError {
  readonly exitCode = 3;
}

/** An endpoint could not do its part (unreachable, overloaded, broken). Never says anything about a model's alignment. Exit code 2. */
export class ProviderError extends GateError {
  readonly exitCode = 2;
}

/** A bug of ours. Exit code 4. */
export class InternalError extends GateError {
  readonly exitCode = 4;
}

export type KnownError = ConfigError | PermissionError | ProviderError | InternalError;

export function isKnownError(error: unknown): error is KnownError {
  return error instanceof GateError;
}

/** Whatever was thrown, as one of ours: the unknown becomes an `InternalError` with its cause kept. */
export function toKnownError(error: unknown): KnownError {
  if (isKnownError(error)) return error;
  const refused = fileTrouble(error);
  if (refused !== null) {
    const mend = 'Make room or give the rights there, or name another place in the settings';
    return new ConfigError('config.file-system', `The file system refused: ${refused}. ${mend}`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new InternalError(
    'internal',
    `Unexpected: ${message}. This is a bug of misalignment-gate; please report it.`,
    {
      cause: error,
    },
  );
}
