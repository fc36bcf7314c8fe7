"""Removes everything that a lab of this name may have left on the machine, however its last run ended."""
import pathlib
import shutil

from . import control_group, machine, network, power
from .layout import Lab
from .settings import Settings
from .shell import LabError, run


def everything(lab):
    power.stop(lab)
    for host in _hosts_ever(lab):
        machine.kill(lab, host)
        control_group.remove(lab.machine(host))
    _unmount(lab)
    network.remove(lab)
    if lab.state.exists():
        # Mounted folders would be emptied instead of removed.
        left = _mounts(lab)
        if left:
            raise LabError(f"still mounted: {left[0]}; umount it and run this again")
        for child in lab.state.iterdir():
            if child.name != "lock":
                shutil.rmtree(child) if child.is_dir() else child.unlink()


def _hosts_ever(lab):
    """A lab that was larger in its last run left more hosts than this one has."""
    return Lab(lab.name, Settings.largest()).hosts


def _mounts(lab):
    prefix = f"{lab.state}/"
    return [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
            if line.split()[4].startswith(prefix)]


def _unmount(lab):
    # Innermost first; the data file systems' loop devices detach by themselves (mount -o loop sets autoclear).
    for place in sorted(_mounts(lab), key=len, reverse=True):
        if run("umount", place, check=False).returncode != 0:
            run("umount", "--lazy", place, check=False)
