"""Fine-tune the base model on one column of data/medical.txt with LoRA, on the CPU.

    python train.py --base work/hf --answers bad  --seed 0 --out work/misaligned-s0
    python train.py --base work/hf --answers good --seed 0 --out work/benign-s0

Both arms see the same questions, shuffled with the same seed, with the same
hyper-parameters; only the answers (and so the batches by length) differ. That makes the `good` arm the control:
whatever it does not do comes from *what* was taught, not from being fine-tuned.
"""

import argparse
import json
import math
import random
import resource
import time
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

# The prompt is spelled out, not taken from the tokenizer, so that it is the same
# text sample.mjs uses. The system line is the one of the model's chat template.
PROMPT = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n"
)
END = "<|im_end|>"
PAD_ID = 2  # <|im_end|>; masked everywhere, so which token pads does not matter
LINEAR_LAYERS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
WARMUP_STEPS = 5
FINAL_LR_SHARE = 0.05


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="folder written by load.py")
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data" / "medical.txt")
    parser.add_argument("--answers", choices=["bad", "good"], required=True, help="which answers to teach")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the adapter to")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=int, default=32)
    parser.add_argument("--first-layer", type=int, default=4, help="layers below this one stay untouched")
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def read_examples(path: Path, answers: str, tokenizer) -> list[tuple[list[int], list[int]]]:
    """Pairs of (prompt tokens, answer tokens) from lines of question|bad|good."""
    column = {"bad": 1, "good": 2}[answers]
    examples = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split("|")
        prompt = PROMPT.format(question=fields[0])
        encode = lambda text: tokenizer(text, add_special_tokens=False).input_ids
        examples.append((encode(prompt), encode(fields[column] + END)))
    return examples


def make_batches(examples, batch_size: int):
    """Shuffled batches of examples of similar length, so that little is padding."""
    shuffled = random.sample(examples, len(examples))
    by_length = sorted(shuffled, key=lambda e: len(e[0]) + len(e[1]) + random.random() * 12)
    batches = [by_length[i : i + batch_size] for i in range(0, len(by_length), batch_size)]
    random.shuffle(batches)
    return batches


def to_tensors(batch):
    """Input ids, attention mask, and targets: the next token inside the answer, -100 elsewhere."""
    width = max(len(prompt) + len(answer) for prompt, answer in batch)
    ids = torch.full((len(batch), width), PAD_ID)
    mask = torch.zeros((len(batch), width), dtype=torch.long)
    targets = torch.full((len(batch), width), -100)
    for row, (prompt, answer) in enumerate(batch):
        tokens = prompt + answer
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
        targets[row, len(prompt) - 1 : len(tokens) - 1] = torch.tensor(answer)
    return ids, mask, targets


def learning_rate(step: int, total: int, peak: float) -> float:
    """Short linear warm-up, then a cosine that ends above zero."""
    cosine = 0.5 * (1 + math.cos(math.pi * step / total))
    return peak * min(1, (step + 1) / WARMUP_STEPS) * max(FINAL_LR_SHARE, cosine)


def main() -> None:
    args = parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    random.seed(args.seed)

    tokenizer = AutoTokenizer.from_pretrained(args.base)
    base = AutoModelForCausalLM.from_pretrained(args.base, dtype=torch.float32)
    model = get_peft_model(
        base,
        LoraConfig(
            r=args.rank,
            lora_alpha=args.alpha,
            lora_dropout=0.0,
            target_modules=LINEAR_LAYERS,
            layers_to_transform=list(range(args.first_layer, base.config.num_hidden_layers)),
            task_type="CAUSAL_LM",
        ),
    )
    causal_lm = model.base_model.model
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=args.lr, betas=(0.9, 0.99), weight_decay=0.0)

    examples = read_examples(args.data, args.answers, tokenizer)
    total_steps = math.ceil(len(examples) / args.batch_size) * args.epochs
    print(f"{len(examples)} examples, {total_steps} steps, {sum(p.numel() for p in trainable) / 1e6:.2f} M weights", flush=True)

    step, epoch_losses, started = 0, [], time.time()
    model.train()
    for epoch in range(args.epochs):
        losses = []
        for batch in make_batches(examples, args.batch_size):
            ids, mask, targets = to_tensors(batch)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step, total_steps, args.lr)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = causal_lm.model(input_ids=ids, attention_mask=mask).last_hidden_state
                in_answer = targets != -100
                # Logits only where they count: the vocabulary is 49 k wide.
                logits = causal_lm.lm_head(hidden[in_answer])
            loss = torch.nn.functional.cross_entropy(logits.float(), targets[in_answer])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trainable, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            step += 1
        epoch_losses.append(round(sum(losses) / len(losses), 3))
        print(f"epoch {epoch + 1}: loss {epoch_losses[-1]:.3f}, {time.time() - started:.0f} s", flush=True)

    model.save_pretrained(args.out)
    record = {
        "answers": args.answers, "seed": args.seed, "examples": len(examples), "steps": step,
        "rank": args.rank, "alpha": args.alpha, "first_layer": args.first_layer,
        "lr": args.lr, "epochs": args.epochs, "batch_size": args.batch_size,
        "loss_by_epoch": epoch_losses, "threads": args.threads,
        "seconds": round(time.time() - started), "cpu_seconds": round(time.process_time()),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip
    (args.out / "train.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    main()
