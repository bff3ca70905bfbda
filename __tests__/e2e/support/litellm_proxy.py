"""LiteLLM's proxy on a port of its own, for the end-to-end tests.

Usage: python litellm_proxy.py CONFIG.yaml
Prints one JSON line, {"address": "http://127.0.0.1:PORT"}, once it answers, and serves until its standard input closes, so that
it never outlives the test that started it.
"""

import json
import os
import socket
import sys
import threading
import time

# Before the import: it would look up prices, and tell of itself.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
os.environ["LITELLM_TELEMETRY"] = "False"
os.environ["CONFIG_FILE_PATH"] = sys.argv[1]

import uvicorn
from litellm.proxy.proxy_server import app


def until_stdin_closes(server, port):
    while not server.started:
        time.sleep(0.02)
    print(json.dumps({"address": f"http://127.0.0.1:{port}"}), flush=True)
    sys.stdin.read()
    # The proxy's own threads would keep the process alive.
    os._exit(0)


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    port = listener.getsockname()[1]
    threading.Thread(target=until_stdin_closes, args=(server, port), daemon=True).start()
    server.run(sockets=[listener])


main()
