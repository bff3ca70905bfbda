#!/usr/bin/env bash
# Fits the embedded judge again from its answers and prints its error rates.
# usage: repeat.sh SmolLM2-135M-Instruct.Q4_1.gguf [FOLDER_OF_RECORDED_ANSWERS]
# Needs Node 20.19+, Python 3.11+, and `npm ci` done in the project's root.
set -euo pipefail
base=$(realpath "$1")
recorded=${2:+$(realpath "$2")}
cd "$(dirname "$0")"
work=../work/judge
mkdir -p "$work"

python3 -m venv "$work/venv"
python="$work/venv/bin/python"
"$python" -m pip install --quiet -r requirements.txt
npm install --no-package-lock --no-audit --no-fund --ignore-scripts

node truncate.mjs "$base" "$work/base18.gguf" 18
cp answers.jsonl self-check.jsonl "$work/"
sets=(answers self-check)
if [ -n "$recorded" ]; then
  "$python" real_rows.py "$recorded" "$work/real.jsonl"
  sets+=(real)
fi
for set in "${sets[@]}"; do
  # The template and the token limit stand in train.py, too.
  node embed.mjs "$work/base18.gguf" "$work/$set.jsonl" "$work/$set.f32" '{answer}' 128
done
"$python" train.py "$base" embedded-judge.json "$work"
"$python" evaluate.py "$work"
