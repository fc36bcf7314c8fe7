"""A control group for each host's container: with --keep-unit all would share the caller's, and each host's
jetty9.service would be one and the same group, so that what freezes it on one host would freeze it on all."""
import errno
import os
import pathlib
import time

MOUNT = pathlib.Path("/sys/fs/cgroup")
# Of the hybrid hierarchy; under the unified one there is only MOUNT itself.
HYBRID = (MOUNT / "unified", MOUNT / "systemd")


def _folders(machine):
    roots = [root for root in HYBRID if root.is_dir()] or [MOUNT]
    return [root / f"{machine}" for root in roots]


def enter(machine):
    """Puts the calling process, and so all that it starts, into the machine's group."""
    for folder in _folders(machine):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.procs").write_text(str(os.getpid()))


def remove(machine):
    """Once the container is gone. Its last processes may take a moment to leave their groups."""
    for folder in _folders(machine):
        for attempt in range(50):
            try:
                for path, _, _ in os.walk(folder, topdown=False):
                    os.rmdir(path)
                break
            except OSError as error:
                if error.errno != errno.EBUSY or attempt == 49:
                    raise
                time.sleep(0.1)
