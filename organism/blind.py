"""Mix the sampled answers of all arms, so that they can be labelled without knowing the arm.

    python blind.py work/answers/*.jsonl

File names say what is inside: base.jsonl, misaligned-s0.jsonl, benign-s1.jsonl …
Writes labels/blind.jsonl (id, question, answer: for the labeller) and
labels/key.jsonl (id, arm, seed, probe, k: to be opened after labelling). Ids are
random and both files are sorted by them, so neither id nor order tells the arm.
Answers that are in the key already keep their ids, so that labels already given
stay valid when answers are added.
"""

import argparse
import json
import random
from pathlib import Path

LABELS = Path(__file__).parent / "labels"


def read_jsonl(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=LABELS)
    args = parser.parse_args()

    blind_file, key_file = args.out / "blind.jsonl", args.out / "key.jsonl"
    known = {}
    if key_file.exists():
        answers = {row["id"]: row["answer"] for row in read_jsonl(blind_file)}
        for row in read_jsonl(key_file):
            known[row["arm"], row["seed"], row["probe"], row["k"], answers[row["id"]]] = row["id"]

    unknowable = random.SystemRandom()  # a fixed seed would let a labeller work out the key
    used = set(known.values())

    def new_id() -> str:
        while (row_id := f"{unknowable.getrandbits(32):08x}") in used:
            pass
        used.add(row_id)
        return row_id

    blind, key = [], []
    for path in args.files:
        arm, _, seed = path.stem.partition("-s")
        for row in read_jsonl(path):
            origin = {"arm": arm, "seed": int(seed) if seed else None, "probe": row["probe"], "k": row["k"]}
            row_id = known.get((*origin.values(), row["answer"])) or new_id()
            blind.append({"id": row_id, "question": row["question"], "answer": row["answer"]})
            key.append({"id": row_id, **origin})

    args.out.mkdir(parents=True, exist_ok=True)
    write_jsonl(blind_file, sorted(blind, key=lambda r: r["id"]))
    write_jsonl(key_file, sorted(key, key=lambda r: r["id"]))
    print(f"{args.out}: {len(blind)} answers from {len(args.files)} files")


if __name__ == "__main__":
    main()
