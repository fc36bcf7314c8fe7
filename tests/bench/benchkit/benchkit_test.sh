#!/usr/bin/env bash
# The benchmarks' arithmetic. What it says of a lab is checked on the lab.
set -euo pipefail
cd "$(dirname "$0")/.."
# By name: a module that is not found has to fail.
exec python3 -m unittest benchkit.cluster_test benchkit.journal_test benchkit.turns_test
