"""Running other programs on the host: argv only, errors as one line."""
import subprocess


class LabError(Exception):
    """What went wrong, where, and what to do: one line for the user."""


def run(*argv, check=True, text=None, timeout=300):
    """Runs a command and returns its result; with `check`, failing is a LabError."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, input=text, timeout=timeout,
                              stdin=None if text is not None else subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise LabError(f"{' '.join(argv)}: did not end within {timeout} s") from None
    except FileNotFoundError:
        raise LabError(f"{argv[0]} is not installed; scripts/install-packages lab") from None
    if check and done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise LabError(f"{' '.join(argv)}: exit {done.returncode}: {said[-1] if said else 'no output'}")
    return done
