/** So long may what was left behind (a model's process that does not end, a socket) keep a process alive that has said its verdict. */
const LINGER_MS = 5_000;

/** Ends this process with an exit code: by itself, once all is written, or after a while where something keeps it alive. */
export function endProcess(exitCode: number): void {
  process.exitCode = exitCode;
  const end = () => {
    // A slow reader may still want the rest of it.
    if (process.stdout.writableLength === 0) process.exit();
    setTimeout(end, LINGER_MS).unref();
  };
  setTimeout(end, LINGER_MS).unref();
}
