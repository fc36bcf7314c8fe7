"""Plain statistics, and the times in the journal's JSON."""
import datetime
import math


def quantile(values, share):
    """Nearest rank: a value that was measured, none in between."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def describe_ms(values):
    if not values:
        return "none"
    return (f"n={len(values)}  min {min(values):.2f}  median {quantile(values, 0.5):.2f}  "
            f"p90 {quantile(values, 0.9):.2f}  p99 {quantile(values, 0.99):.2f}  max {max(values):.2f} ms")


def describe_s(values):
    if not values:
        return "none"
    return (f"n={len(values)}  min {min(values):.2f}  median {quantile(values, 0.5):.2f}  p90 {quantile(values, 0.9):.2f}  "
            f"max {max(values):.2f}  mean {sum(values) / len(values):.2f} s")


def nanoseconds(timestamp):
    """Since the epoch, of protobuf's JSON ("2026-11-23T01:17:14.454512660Z"), which has up to nine decimals."""
    seconds, _, fraction = timestamp.rstrip("Z").partition(".")
    whole = datetime.datetime.fromisoformat(seconds).replace(tzinfo=datetime.timezone.utc)
    return int(whole.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))


class Verdict:
    """Claims, each with what was measured; prints them and knows the exit code."""

    def __init__(self):
        self.failed = False

    def claim(self, holds, text):
        print(f"{'yes' if holds else 'NO '}  {text}")
        self.failed = self.failed or not holds

    @property
    def exit_code(self):
        return 1 if self.failed else 0
