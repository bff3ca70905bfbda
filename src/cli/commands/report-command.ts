import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';
import { renderFormat } from '../../report/formats.js';
import { parseReport } from '../../report/json/report-json.js';
import { printReport } from '../print-report.js';
import type { Terminal } from '../terminal.js';

/** `misalignment-gate report FILE --format NAME`. */
export async function reportCommand(
  file: string,
  more: readonly string[],
  format: string,
  terminal: Terminal,
): Promise<void> {
  if (file === 'compare' && (more.length > 0 || !existsSync(file))) {
    throw new ConfigError(
      'cli.not-yet',
      'report compare: not available in this version; --help lists the commands that are.',
    );
  }
  if (more.length > 0) {
    throw new ConfigError('cli.usage', `report: ${more.length + 1} files given, one is accepted`);
  }
  const report = parseReport(await read(file), file);
  if (format === 'terminal') await printReport(report, false, terminal);
  else terminal.stdout.write(renderFormat(report, format));
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      'report.unreadable',
      `report: ${JSON.stringify(file)} can't be read (${code}); give the report.json that a run wrote`,
    );
  }
}
