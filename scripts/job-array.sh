#!/bin/sh
# Runs a sweep as an array of jobs, on any batch scheduler that numbers its tasks:
#
#   sbatch --array=1-16 scripts/job-array.sh experiment.toml results      (Slurm)
#   qsub -t 1-16 scripts/job-array.sh experiment.toml results             (Grid Engine)
#   qsub -J 1-16 …, bsub -J "sweep[1-16]" …                               (PBS, LSF)
#   for i in 1 2 3; do TASK=$i TASKS=3 scripts/job-array.sh experiment.toml results; done
#
# Each task writes results/part-I-of-K.csv and may be killed and started again at any time: it goes on where it was.
# When all are done:
#
#   resolvent merge results/part-*-of-16.csv --output results.csv
#
# PBS and LSF do not say how many tasks there are: set TASKS. Task numbers start from 1.
set -eu

experiment=$1
directory=$2
task=${TASK:-${SLURM_ARRAY_TASK_ID:-${SGE_TASK_ID:-${PBS_ARRAY_INDEX:-${LSB_JOBINDEX:-}}}}}
tasks=${TASKS:-${SLURM_ARRAY_TASK_COUNT:-${SGE_TASK_LAST:-}}}
if [ -z "$task" ] || [ -z "$tasks" ]; then
    echo "set TASK and TASKS, or run this as an array job" >&2
    exit 2
fi

mkdir -p "$directory"
exec "${RESOLVENT:-resolvent}" simulate "$experiment" --quiet \
    --shard "$task/$tasks" --output "$directory/part-$task-of-$tasks.csv"
