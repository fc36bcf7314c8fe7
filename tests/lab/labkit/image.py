"""The root file system that all hosts share as the lower layer of their overlays: made once, kept under the cache."""
import hashlib
import shutil

from . import layout
from .progress import say
from .shell import LabError, run

SUITE = "bookworm"
PACKAGES = """systemd systemd-sysv dbus pacemaker pacemaker-cli-utils corosync pcs jetty9 openjdk-17-jre-headless haproxy
iproute2 nftables procps curl python3 libsystemd0 libssl3 libsqlite3-0 zlib1g socat wrk iputils-ping""".split()


def path():
    """Where the root file system of this recipe is, or will be."""
    recipe = "\n".join([SUITE, *PACKAGES])
    return layout.CACHE / f"root-{SUITE}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def make():
    """Makes it unless it is there. A broken attempt is never used: it is built under another name."""
    target = path()
    if target.is_dir():
        return target
    layout.CACHE.mkdir(parents=True, exist_ok=True)
    building = target.with_name(target.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    say(f"root file system: Debian {SUITE} with {len(PACKAGES)} packages and what they need (about a minute)")
    # /usr/share/man stays: the Java package's installation needs it.
    done = run("mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
               SUITE, str(building), check=False, timeout=1200)
    if done.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise LabError(f"mmdebstrap failed: {last}; are Debian's packages reachable from here?")
    building.rename(target)
    say(f"root file system: {target}")
    return target
