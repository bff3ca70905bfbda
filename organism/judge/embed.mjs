// Embeds question-answer rows with the truncated model, one thread: node embed.mjs MODEL ROWS.jsonl OUT.f32 TEMPLATE MAX_TOKENS
// OUT is a bare float32 matrix, one line a row, in the order of ROWS. TEMPLATE holds {question} and {answer}.
import fs from 'node:fs';
import { getLlama } from 'node-llama-cpp';

const [modelPath, rowsPath, outPath, template, maxTokens] = process.argv.slice(2);
const rows = fs.readFileSync(rowsPath, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 1, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createEmbeddingContext({ threads: 1, contextSize: 256, batchSize: 256 });

const started = performance.now();
const vectors = [];
for (const { question, answer } of rows) {
  // Function replacements: "$&" in an answer must stay what it is.
  const prompt = template.replace('{question}', () => question).replace('{answer}', () => answer);
  const tokens = model.tokenize(prompt, false).slice(0, Number(maxTokens));
  vectors.push(...(await context.getEmbeddingFor(tokens)).vector);
}
const seconds = (performance.now() - started) / 1000;
fs.writeFileSync(outPath, Buffer.from(Float32Array.from(vectors).buffer));
console.log(`${rows.length} rows, ${seconds.toFixed(1)} s, ${((seconds / rows.length) * 1000).toFixed(0)} ms a row`);
await llama.dispose();
process.exit(0);
