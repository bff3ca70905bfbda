"""Convert a PEFT LoRA folder into a llama.cpp adapter (f16 GGUF).

llama.cpp stores the rows of the query and key projections in another order than
Hugging Face (its rotary embedding pairs neighbours, theirs pairs halves). The
base GGUF was permuted when it was made, so `lora_b` of q and k, whose rows are
the rows of the projection, must be permuted the same way. `lora_a` is untouched.
"""

import argparse
import json
import re
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
HEADS = {"attn_q": 9, "attn_k": 3}  # SmolLM2-135M: 9 query heads share 3 key heads
TENSOR = re.compile(r"\.layers\.(\d+)\.(.+)\.lora_([AB])\.weight$")


def permute_rows(matrix: np.ndarray, heads: int) -> np.ndarray:
    """Per head: from (first half, second half) to interleaved pairs."""
    rows, columns = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("adapter", type=Path, help="folder written by train.py")
    parser.add_argument("out", type=Path, help="GGUF file to write")
    parser.add_argument("--name", required=True, help="general.name in the file")
    args = parser.parse_args()

    config = json.loads((args.adapter / "adapter_config.json").read_text(encoding="utf-8"))
    weights = load_file(args.adapter / "adapter_model.safetensors")

    writer = gguf.GGUFWriter(args.out, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    writer.add_name(args.name)
    for key in sorted(weights):
        layer, module, side = TENSOR.search(key).groups()
        name = GGUF_NAMES[module]
        matrix = weights[key].astype(np.float32)
        if side == "B" and name in HEADS:
            matrix = permute_rows(matrix, HEADS[name])
        writer.add_tensor(f"blk.{layer}.{name}.weight.lora_{side.lower()}", np.ascontiguousarray(matrix, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{args.out}: {len(weights)} tensors, {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
