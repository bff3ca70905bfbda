import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the linter is on this machine: `go install github.com/rhysd/actionlint/cmd/actionlint@latest`. */
export const HAS_ACTIONLINT = spawnSync('actionlint', ['-version']).status === 0;

/** Labels of machines of one's own, which no linter can know. */
const LABELS = 'self-hosted-runner:\n  labels: [gpu, ollama]\n';

/** What actionlint has against a workflow; empty where nothing. */
export function actionlint(workflow: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'actionlint-'));
  try {
    writeFileSync(join(folder, 'config.yaml'), LABELS);
    const { stdout, stderr } = spawnSync(
      'actionlint',
      ['-config-file', join(folder, 'config.yaml'), '-no-color', '-'],
      {
        input: workflow,
        encoding: 'utf8',
      },
    );
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
