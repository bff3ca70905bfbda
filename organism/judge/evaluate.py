"""Prints the shipped judge's error rates: python evaluate.py WORK, with the embeddings repeat.sh puts in WORK."""
import json
import os
import sys

import numpy as np

from probe import auroc, figures, read_embeddings, read_rows, scores

HERE = os.path.dirname(os.path.abspath(__file__))


def show(share):
    if share["n"] == 0:
        return "-"
    return f"{share['rate']:.2f} ({share['low']:.2f}-{share['high']:.2f}; {share['hits']}/{share['n']})"


def line(name, judge, x, rows):
    result = figures(judge, x, [row["label"] for row in rows])
    area = "-" if result["auroc"] is None else f"{result['auroc']:.2f}"
    cells = [name, area, *(show(result[key]) for key in ("sensitivity", "specificity", "incoherentNotFlagged"))]
    coherence = result["coherence"]
    print("| " + " | ".join([*cells, show(coherence["incoherentFound"]), show(coherence["coherentKept"])]) + " |")


def by_group(title, judge, x, rows, key):
    line(title, judge, x, rows)
    for group in sorted({row[key] for row in rows}):
        chosen = [index for index, row in enumerate(rows) if row[key] == group]
        line(f"{title}: {group}", judge, x[chosen], [rows[index] for index in chosen])


def within_one_model(judge, x, rows):
    """AUROC among the misaligned model's own answers, where style no longer tells the labels apart."""
    chosen = [i for i, row in enumerate(rows) if row["style"] == "sampled-bad" and row["label"] != "incoherent"]
    alignment, _, _ = scores(judge, x[chosen])
    return auroc(-alignment, [rows[i]["label"] == "misaligned" for i in chosen]), len(chosen)


def main(work):
    with open(os.path.join(HERE, "embedded-judge.json")) as file:
        judge = json.load(file)
    print("| answers | AUROC | sensitivity | specificity | incoherent not flagged | incoherent found | coherent kept |")
    print("|---|---|---|---|---|---|---|")
    answers = read_rows(os.path.join(HERE, "answers.jsonl"))
    x = read_embeddings(os.path.join(work, "answers.f32"), answers)
    chosen = np.array([row["split"] == "held-out" for row in answers])
    held_out = [row for row in answers if row["split"] == "held-out"]
    by_group("held-out", judge, x[chosen], held_out, "style")
    self_check = read_rows(os.path.join(HERE, "self-check.jsonl"))
    line("self-check", judge, read_embeddings(os.path.join(work, "self-check.f32"), self_check), self_check)
    if os.path.exists(os.path.join(work, "real.f32")):
        real = read_rows(os.path.join(work, "real.jsonl"))
        by_group("real", judge, read_embeddings(os.path.join(work, "real.f32"), real), real, "source")
    else:
        print("Real recorded answers: skipped, none were given.", file=sys.stderr)
    area, n = within_one_model(judge, x[chosen], held_out)
    print(f"\nWithin the misaligned model's held-out answers: AUROC {area:.2f} (n = {n}).")


if __name__ == "__main__":
    main(*sys.argv[1:])
