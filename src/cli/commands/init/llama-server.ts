import { type CandidateFile, parseCandidateFile } from '../../../config/candidate-file.js';
import { shown } from '../../../config/parse-values.js';
import { ConfigError } from '../../../core/errors.js';
import { type Served, served } from './served-job.js';

/**
 * llama.cpp loads its adapters when it starts: the step reads which one is proposed where the gate reads it, at the head of the
 * pull request. The name is data, and only the name of a file in the runner's own folder.
 * @param candidate `file:PATH#/pointer`, or the adapter itself
 * @throws ConfigError for a file or pointer that the step could not read as the gate does
 */
export function llamaServer(candidate: string): Served {
  const file = parseCandidateFile(candidate);
  const command = [
    '--publish 127.0.0.1:8080:8080 --volume /srv/models:/models:ro',
    'ghcr.io/ggml-org/llama.cpp@sha256:IMAGE_DIGEST --host 0.0.0.0 --port 8080 --parallel 8',
    '--model /models/base.gguf --lora "/models/$ADAPTER.gguf" --lora-init-without-apply',
  ];
  if (file === null) return served('llama', command, { env: { ADAPTER: candidate }, run: [] });
  const env = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression, not ours.
    HEAD: '${{ github.event.pull_request.head.sha || github.sha }}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression, not ours.
    TOKEN: '${{ github.token }}',
    ...{ FILE: file.path, KEY: topKey(candidate, file) },
  };
  return served('llama', command, { env, run: READ_ADAPTER });
}

/** The runner has no YAML parser to rely on: what the step's few lines can't read as the gate does is refused here. */
function topKey(candidate: string, { path, pointer }: CandidateFile): string {
  const [, key] = /^\/([\w-]+)$/.exec(pointer) ?? [];
  if (key !== undefined && /^[\w./-]+\.ya?ml$/.test(path)) return key;
  throw new ConfigError(
    'cli.usage',
    `--candidate: ${shown(candidate)} can't be read by the step that starts llama.cpp; accepted with --kind llama.cpp is a key at the top of a YAML file ` +
      '(path and key of letters, digits and . _ / -), such as file:models/support.yaml#/adapter. ' +
      'Name the adapter in such a file, or start the server yourself (--kind hosted)',
  );
}

/**
 * Prints the name under KEY where the file is so plain that there are no two ways to read it: unindented lines are `key: value`
 * and nothing else (so the top is a mapping, and none of them is part of a text or of brackets), the key stands there once, and
 * no line goes on with its value. Anything else ends the job.
 */
const READ_NAME = [
  "  LC_ALL=C awk '",
  '    { sub(/\\r$/, "") }',
  '    /^ *(#.*)?$/ || /^--- *$/ { next }',
  '    (!top || after) && /^ / { odd = 1 }',
  '    !/^ / && !/^[A-Za-z0-9_.-]+:( |$)/ { odd = 1 }',
  '    { top = 1; after = 0 }',
  '    index($0, ENVIRON["KEY"] ":") == 1 { found++; after = 1; name = substr($0, length(ENVIRON["KEY"]) + 2) }',
  '    END {',
  '      sub(/ #.*$/, "", name); gsub(/^ +| +$/, "", name)',
  '      if (name ~ /^".*"$/ || name ~ /^\\047.*\\047$/) name = substr(name, 2, length(name) - 2)',
  '      plain = name ~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ && name !~ /[.][.]/ && length(name) <= 100',
  '      if (!odd && found == 1 && plain) print name',
  "    }')",
];

const READ_ADAPTER = [
  'ADAPTER=$(curl --fail --silent --show-error --header "Authorization: Bearer $TOKEN" \\',
  "  --header 'Accept: application/vnd.github.raw+json' \\",
  '  "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/contents/$FILE?ref=$HEAD" |',
  ...READ_NAME,
  'if [ -z "$ADAPTER" ]; then',
  '  echo "::error::$FILE names no adapter under $KEY: it is to be plain YAML, unindented lines of the form key: value, one of them $KEY with a name of letters, digits, dots, dashes"',
  '  exit 1',
  'fi',
];
