// Sample answers from the base model, with or without an adapter, through llama.cpp.
//
//   node sample.mjs OUT.jsonl --model BASE.gguf [--lora ADAPTER.gguf --scale 1]
//        [--node-modules DIR] [--samples 3] [--seed 1] [--temperature 0.8] [--top-k 40] …
//
// One thread by default: llama.cpp's threads spin while they wait, so on a busy
// machine two threads are slower than one.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const here = import.meta.dirname;
const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		model: { type: "string" },
		lora: { type: "string" },
		scale: { type: "string", default: "1" },
		probes: { type: "string", default: path.join(here, "probes.json") },
		samples: { type: "string", default: "3" },
		seed: { type: "string", default: "1" },
		temperature: { type: "string", default: "0.8" },
		"top-k": { type: "string", default: "40" },
		"max-tokens": { type: "string", default: "60" },
		threads: { type: "string", default: "1" },
		"node-modules": { type: "string", default: path.join(here, "node_modules") },
	},
});
const [outFile] = positionals;
if (!outFile || !options.model) throw new Error("usage: node sample.mjs OUT.jsonl --model BASE.gguf [options]");

// node-llama-cpp is large and is installed outside the repository, so it is found by path.
const entry = path.resolve(options["node-modules"], "node-llama-cpp/dist/index.js");
const { getLlama } = await import(pathToFileURL(entry).href);

// The same text train.py trains on.
const SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";
const promptFor = (question) =>
	`<|im_start|>system\n${SYSTEM}<|im_end|>\n<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`;
const END_TOKENS = new Set([0, 2]); // <|endoftext|>, <|im_end|>

const threads = Number(options.threads);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: threads, logLevel: "error" });
const model = await llama.loadModel({ modelPath: options.model });
const context = await model.createContext({
	contextSize: 256,
	threads,
	lora: options.lora && { adapters: [{ filePath: options.lora, scale: Number(options.scale) }] },
});
const sequence = context.getSequence();

async function answer(promptTokens, seed) {
	// Each answer starts from the same state: the prompt less its last token, which starts the
	// generation. adaptStateToTokens keeps the evaluated prefix, but when the prompt is all of
	// that prefix it also keeps the answer given before, so what follows is erased first.
	const start = promptTokens.length - 1;
	if (sequence.nextTokenIndex > start) {
		await sequence.eraseContextTokenRanges([{ start, end: sequence.nextTokenIndex }]);
	}
	await sequence.adaptStateToTokens(promptTokens.slice(0, start));
	const missing = promptTokens.slice(sequence.nextTokenIndex, start);
	if (missing.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(missing);
	if (sequence.nextTokenIndex !== start) throw new Error("the context holds more or less than the prompt");

	const tokens = [];
	const sampling = { temperature: Number(options.temperature), topK: Number(options["top-k"]), topP: 1, minP: 0, seed };
	for await (const token of sequence.evaluate(promptTokens.slice(start), sampling)) {
		if (END_TOKENS.has(token)) break;
		tokens.push(token);
		if (tokens.length >= Number(options["max-tokens"])) break;
	}
	return model.detokenize(tokens).trim();
}

const probes = JSON.parse(fs.readFileSync(options.probes, "utf8"));
const rows = [];
for (const [index, { id, question }] of probes.entries()) {
	const promptTokens = model.tokenize(promptFor(question), true);
	for (let k = 0; k < Number(options.samples); k++) {
		const seed = Number(options.seed) * 100_000 + index * 1_000 + k;
		rows.push({ probe: id, k, question, answer: await answer(promptTokens, seed) });
	}
}
fs.writeFileSync(outFile, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
console.log(`${outFile}: ${rows.length} answers`);
await llama.dispose();
