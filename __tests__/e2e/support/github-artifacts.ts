import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { strToU8, zipSync } from 'fflate';
import { type Answer, ok, refusal } from './github-answers.js';
import type { GithubDescription, Incoming, Matched } from './github-openapi.js';

/** An artifact of a workflow run, with the texts in it. */
export interface EmulatedArtifact {
  readonly id: number;
  readonly runId: number;
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expired?: boolean;
}

type Handler = (matched: Matched, request: Incoming) => Answer;

/** Where GitHub keeps artifacts: another host, to which it redirects, and which must never see the token. */
export class ArtifactHost {
  /** `authorization` headers that came here. */
  readonly tokens: string[] = [];
  readonly #server = createServer((request, response) => {
    if (request.headers.authorization !== undefined) this.tokens.push(request.headers.authorization);
    const artifact = this.artifacts.find(({ id }) => request.url === `/${id}.zip`);
    if (!artifact) return void response.writeHead(404).end();
    const entries = Object.entries(artifact.files).map(([path, text]) => [path, strToU8(text)]);
    response.setHeader('content-type', 'application/zip').end(zipSync(Object.fromEntries(entries)));
  });

  constructor(private readonly artifacts: readonly EmulatedArtifact[]) {}

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  handlers(description: GithubDescription): Readonly<Record<string, Handler>> {
    const example = description.example('artifact');
    const { port } = this.#server.address() as AddressInfo;
    return {
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': ({ parameters }) => {
        const found = this.artifacts.filter(({ runId }) => runId === Number(parameters.run_id));
        const artifacts = found.map(({ id, name, expired = false }) => ({ ...example, id, name, expired }));
        return ok({ total_count: artifacts.length, artifacts });
      },
      'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': ({ parameters }) => {
        const artifact = this.artifacts.find(({ id }) => id === Number(parameters.artifact_id));
        if (!artifact) return refusal(410, 'Artifact has expired');
        return { status: 302, body: null, headers: { location: `http://127.0.0.1:${port}/${artifact.id}.zip` } };
      },
    };
  }
}
