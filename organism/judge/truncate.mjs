// Writes the first blocks of a GGUF file with the project's own code: node truncate.mjs IN.gguf OUT.gguf BLOCKS
// Needs esbuild from the project's node_modules, because src/ is TypeScript.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('../../', import.meta.url);
const esbuild = createRequire(new URL('package.json', root))('esbuild');
const source = fs.readFileSync(new URL('src/models/embedded/truncated/gguf.ts', root), 'utf8');
const { code } = await esbuild.transform(source, { loader: 'ts', format: 'esm' });
const { truncateGguf } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const [input, output, blocks] = process.argv.slice(2);
fs.writeFileSync(output, truncateGguf(fs.readFileSync(input), Number(blocks)));
