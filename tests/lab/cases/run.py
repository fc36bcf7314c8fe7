#!/usr/bin/env python3
"""Runs the lab tests on a lab that is up: `run.py --name NAME [--only TEXT] [--repeat N] [--full]
[--seed N] [--rounds N]`.

Prints one line a test, and at the end `lab: N passed, N failed`. Exit code 1 when one failed.
"""
import argparse
import importlib
import sys
import time
import traceback

import harness

MODULES = ["main_job", "half_made", "apply_faults", "routes", "checks", "scenarios", "rollouts", "sessions", "recover",
           "faults", "bad_input", "kills", "kills_faults"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--name", default="lab")
    arguments.add_argument("--nodes", type=int, default=3)
    arguments.add_argument("--only", default="", help="tests whose MODULE.NAME holds this text")
    arguments.add_argument("--repeat", type=int, default=1)
    arguments.add_argument("--full", action="store_true", help="with the tests that take long (test_full_...)")
    arguments.add_argument("--seed", type=int, help="for tests that draw at random: the same draws again")
    arguments.add_argument("--rounds", type=int, help="for tests that go in rounds: so many")
    options = arguments.parse_args()

    lab = harness.Lab(options.name, options.nodes, options.seed, options.rounds)
    passed, failed = [], []
    for _ in range(options.repeat):
        for module_name in MODULES:
            module = importlib.import_module(module_name)
            for name in [name for name in vars(module) if name.startswith("test_")
                         and options.only in f"{module_name}.{name}"
                         and (options.full or not name.startswith("test_full_"))]:
                began = time.monotonic()
                print(f"  lab  RUN   {name}", flush=True)
                try:
                    getattr(module, name)(lab)
                    lab.assert_whole()
                except harness.Failure as failure:
                    failed.append(name)
                    print(f"  lab  FAIL  {name} ({time.monotonic() - began:.1f} s)\n{failure}", flush=True)
                    try:
                        lab.assert_whole()
                    except harness.Failure as broken:
                        print(f"  lab  STOP  the cluster was left broken; the tests after this one are not run: {broken}")
                        failed.append("(cluster left broken)")
                        return finish(passed, failed)
                except Exception:  # a defect of the test itself
                    failed.append(name)
                    traceback.print_exc()
                else:
                    passed.append(name)
                    print(f"  lab  PASS  {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return finish(passed, failed)


def finish(passed, failed):
    for name in failed:
        print(f"  lab  failed: {name}")
    print(f"lab: {len(passed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
