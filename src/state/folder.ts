export { makeFolder, replaceFile } from '../folders.js';

/** A folder that is this process's own, as long as nobody takes it over. */
export interface HeldFolder {
  readonly path: string;
  /** @throws ProviderError once somebody has */
  assertHeld(): void;
}
