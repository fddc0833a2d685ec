#!/bin/bash
# Submits a study that `npx striatum study plan --out DIR` has fixed: the stages that the plan has, each after the one before it.
#   deploy/submit.sh DIR [sbatch options, for example --gres=gpu:1 --time=2:00:00]
set -euo pipefail
export OUT=$1
shift
plan=$(${STRIATUM:-node --import tsx src/cli/main.ts} study plan --json --out "$OUT")
after=()
for kind in cohort pretrain train analysis report; do
  # Places of the stage's jobs in the plan: 3,4,5
  places=$(node -e 'const [plan, kind] = process.argv.slice(1); console.log(JSON.parse(plan).filter((job) => job.kind === kind).map(({ job }) => job).join(","))' "$plan" "$kind")
  if [ -z "$places" ]; then continue; fi
  id=$(sbatch --parsable --array="$places" "${after[@]}" "$@" deploy/study.sbatch)
  echo "$kind: jobs $places as $id"
  after=(--dependency="afterok:$id")
done
