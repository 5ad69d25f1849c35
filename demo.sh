#!/usr/bin/env bash
# The whole path, from raw Korean text to a prediction: `make demo`, or `make demo DATA=data` on
# real text. Each command is printed before it runs; copy them to do the same by hand.
set -euo pipefail
cd "$(dirname "$0")"

DATA=${1:-}
if [ -n "$DATA" ]; then
  RUN=runs/demo-real VOCABULARY=8000
  # A first look of about ten minutes, not a result: docs/log.md has the full runs.
  PRETRAIN=(--config=bert:mini,causal --config.steps=300
    --config.schedule.warmup_steps=60)
  FINETUNE=(--config=nsmc:small --config.epochs=1
    "--config.task.train_file=ratings_train.txt[:30000]")
else
  RUN=runs/demo VOCABULARY=4000
  PRETRAIN=(--config=bert:demo)
  FINETUNE=(--config=nsmc:demo)
fi

step() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# Delete the previous demo: its runs would be resumed instead of run.
rm -rf "$RUN"

if [ -z "$DATA" ]; then
  DATA=$RUN/data
  step kortf sample --output="$DATA"
fi
TEXT="$DATA/kowiki/*.txt,$DATA/nsmc/reviews.txt"

step kortf vocab --input="$TEXT" --output="$RUN/vocab" --size="$VOCABULARY" --lowercase
step kortf records --input="$TEXT" --vocab="$RUN/vocab" --output="$RUN/records" --seq_length=128
step python run_pretraining.py "${PRETRAIN[@]}" \
  --records="$RUN/records" --vocab="$RUN/vocab" --workdir="$RUN/pretrain"
step python run_finetune.py "${FINETUNE[@]}" --data="$DATA/nsmc" \
  --init_from="$RUN/pretrain/model" --workdir="$RUN/nsmc"
step kortf export --model="$RUN/nsmc/model" --output="$RUN/saved_model"

printf '%s\n' "배우들의 연기가 훌륭하고 결말도 감동적이다" "지루해서 보다가 잠들었다 ㅠㅠ" \
  "기대를 안 했는데 생각보다 재미있네요 ㅋㅋ" >"$RUN/sentences.txt"
step kortf predict --model="$RUN/saved_model" --input="$RUN/sentences.txt"

cat <<END

Next:
  kortf serve --model=nsmc=$RUN/nsmc/model       then open http://localhost:8501/
  kortf report $RUN/pretrain $RUN/nsmc --output=$RUN/report
END
