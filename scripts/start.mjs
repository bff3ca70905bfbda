/**
 * `npm start`: the demo, on a machine that has nothing but Node and npm. Arguments go on to it: `npm start -- --seed 2`.
 */
import { ensureDist } from './support/dist.mjs';
import { ensureInstalled } from './support/install.mjs';
import { main, ROOT } from './support/machine.mjs';
import { run } from './support/run.mjs';

await main(async () => {
  await ensureInstalled(ROOT, 'what the demo needs, llama.cpp among it');
  await ensureDist();
  const { code } = await run(process.execPath, ['dist/cli.js', 'demo', ...process.argv.slice(2)]);
  return code;
});
