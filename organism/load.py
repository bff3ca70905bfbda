"""Turn the base model's GGUF file into a Hugging Face folder that train.py can read.

The only copy of SmolLM2-135M-Instruct that a plain package registry carries is
a 4-bit GGUF file. transformers reads it and dequantises the weights, so the
adapters are trained on exactly the weights they will later be applied to.
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf", type=Path, help="the base model, a GGUF file")
    parser.add_argument("out", type=Path, help="folder to write config, weights and tokenizer to")
    args = parser.parse_args()

    source = {"pretrained_model_name_or_path": str(args.gguf.parent), "gguf_file": args.gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    quantised = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)

    # Copy into a model without a quantisation config: with one, save_pretrained
    # refuses to write dequantised weights.
    config = quantised.config.to_dict()
    config.pop("quantization_config", None)
    plain = LlamaForCausalLM(LlamaConfig(**config))
    weights = {name: value.detach().clone() for name, value in quantised.state_dict().items()}
    plain.load_state_dict(weights, strict=False)  # lm_head is tied to the embedding
    plain.tie_weights()

    plain.save_pretrained(args.out)
    tokenizer.save_pretrained(args.out)
    print(f"{args.out}: {sum(p.numel() for p in plain.parameters()) / 1e6:.1f} M parameters")


if __name__ == "__main__":
    main()
