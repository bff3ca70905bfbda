"""A real llama.cpp server with LoRA adapters, for the end-to-end tests.

Usage: python llama_server.py '{"model": PATH, "name": NAME, "port": NUMBER, "adapters": [PATH …], "apply": BOOL, "apiKey": KEY or null}'
Prints one JSON line, {"address": "http://127.0.0.1:PORT"}, and serves until its standard input closes, so that it never
outlives the test that started it.
"""

import json
import os
import sys

import xllamacpp

SLOTS = 8


def parameters(wanted):
    params = xllamacpp.CommonParams()
    params.model.path = wanted["model"]
    # What the server says it serves; otherwise that is the file's whole path.
    params.model_alias = {wanted["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = wanted["port"]
    params.api_keys = [wanted["apiKey"]] if wanted["apiKey"] else []
    # Two threads or more spin while they wait, and starve whatever else the machine runs.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    # Answers drawn side by side share one pass over the weights, as long as they wear the same adapter.
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * 1024
    params.n_gpu_layers = 0
    params.warmup = False
    params.use_jinja = True
    params.lora_adapters = [adapter(path) for path in wanted["adapters"]]
    # As the README tells users: otherwise a request that names no adapter gets all of them at once.
    params.lora_init_without_apply = not wanted["apply"]
    return params


def adapter(path):
    info = xllamacpp.CommonAdapterLoraInfo()
    info.path = path
    info.scale = 1.0
    return info


def main():
    server = xllamacpp.Server(parameters(json.loads(sys.argv[1])))
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    # The server's own threads would keep the process alive.
    os._exit(0)


main()
