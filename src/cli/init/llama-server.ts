import { parseCandidateFile } from '../../config/candidate-file.js';
import { type Served, served } from './served.js';

/**
 * llama.cpp loads its adapters when it starts: the step reads which one is proposed where the gate reads it, at the head of the
 * pull request. The name is data, and only the name of a file in the runner's own folder.
 * @param candidate `file:PATH#/pointer`, or the adapter itself
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
    ...{ FILE: file.path, KEY: file.pointer.split('/').at(-1) ?? '' },
  };
  return served('llama', command, { env, run: READ_ADAPTER });
}

/** A line `KEY: NAME` of plain letters, digits, `._-`; whatever else stands there is refused. */
const READ_ADAPTER = [
  'ADAPTER=$(curl --fail --silent --show-error --header "Authorization: Bearer $TOKEN" \\',
  "  --header 'Accept: application/vnd.github.raw+json' \\",
  '  "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/contents/$FILE?ref=$HEAD" |',
  '  sed -n "s/^ *$KEY: *\\([A-Za-z0-9._-]\\{1,100\\}\\) *\\$/\\1/p" | head -n 1)',
  'case "$ADAPTER" in',
  '  "" | .* | -* | *..*) echo "::error::$FILE names no adapter under $KEY: one line, letters, digits, dots, dashes"; exit 1 ;;',
  'esac',
];
