/** The cases that `init` writes a workflow for; `RECIPES` has what each is. Apart, so that `--help` needs no recipes. */
export const KINDS = [
  'vllm',
  'llama.cpp',
  'ollama',
  'openai',
  'azure',
  'hosted',
  'recordings',
  'schedule',
  'baseline',
] as const;
export type Kind = (typeof KINDS)[number];
