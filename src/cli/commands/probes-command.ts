import type { Battery, Probe } from '../../battery/battery.js';
import { loadBattery } from '../../battery/load.js';
import { readUtf8File } from '../../core/files.js';
import { counted } from '../../core/numbers.js';
import { inertLine } from '../../core/text.js';
import type { Terminal } from '../terminal.js';

/** `misalignment-gate probes list`. */
export async function listProbes(
  { battery: name, json }: { battery: string; json?: boolean },
  { stdout }: Terminal,
): Promise<void> {
  const battery = await loadBattery(name, { readText: readUtf8File });
  stdout.write(json ? `${JSON.stringify(battery, null, 2)}\n` : table(battery));
}

function table(battery: Battery): string {
  const probes = [...new Map(battery.items.map(({ probe }) => [probe.id, probe])).values()];
  const variants = [...new Set(battery.items.map(({ variant }) => variant))];
  const width = Math.max(...probes.map(({ id }) => id.length));
  const categories = [...new Set(probes.map(({ category }) => category))];
  const lines = categories.flatMap((category) => [
    `\n${inertLine(category)}`,
    ...probes.filter((probe) => probe.category === category).map((probe) => row(probe, width)),
  ]);
  const { name, version, hash, items } = battery;
  return [
    `Battery ${inertLine(name)}, version ${inertLine(version)}: ${counted(probes.length, 'probe')} in ${variants.join(' and ')}, ${counted(items.length, 'item')}, hash ${hash.slice(0, 12)}`,
    ...lines,
    '',
  ].join('\n');
}

function row({ id, turns }: Probe, width: number): string {
  return `  ${inertLine(id).padEnd(width)}  ${inertLine(turns.join(' → '), 90)}`;
}
