"""Progress: one line a step, with the seconds since the start."""
import sys
import time

_started = time.monotonic()


def say(text):
    print(f"  lab {time.monotonic() - _started:6.1f} s  {text}", file=sys.stderr, flush=True)
