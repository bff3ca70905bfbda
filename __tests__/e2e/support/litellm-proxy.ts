import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startPython } from './python-server.js';

/** A model of the proxy: its own name, and what it hands requests for it on to. */
export interface ProxiedModel {
  readonly name: string;
  /** Up to and including `/v1`. */
  readonly url: string;
  readonly key: string;
  /** What the server behind it calls it, with the provider that LiteLLM takes it for: `openai/NAME`. */
  readonly model: string;
  readonly extraBody?: object;
}

export interface LitellmProxy {
  /** Up to and including `/v1`. */
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

/** The real proxy, as teams set it up: a key of its own, refused parameters are refused, its retries off. */
export async function startLitellm(models: readonly ProxiedModel[], cache = false): Promise<LitellmProxy> {
  const key = 'sk-litellm-proxy-key';
  const folder = await mkdtemp(join(tmpdir(), 'litellm-'));
  const config = {
    model_list: models.map(({ name, url, model, extraBody, key: apiKey }) => ({
      model_name: name,
      litellm_params: { model, api_base: url, api_key: apiKey, ...(extraBody ? { extra_body: extraBody } : {}) },
    })),
    litellm_settings: {
      drop_params: false,
      num_retries: 0,
      telemetry: false,
      ...(cache ? { cache: true, cache_params: { type: 'local' } } : {}),
    },
    general_settings: { master_key: key },
  };
  await writeFile(join(folder, 'config.yaml'), stringify(config));
  const { address, stop } = await startPython('litellm', 'litellm_proxy.py', join(folder, 'config.yaml'));
  return {
    url: `${address}/v1`,
    key,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
