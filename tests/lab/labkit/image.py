"""Root file systems that all hosts of a lab share as the lower layer of their overlays: one for each recipe, made once
and kept under the cache. What only some labs need is in a recipe of its own, so that a plain lab does not wait for it."""
import hashlib
import shutil

from . import layout
from .progress import say
from .shell import LabError, run

PACKAGES = """systemd systemd-sysv dbus pacemaker pacemaker-cli-utils corosync pcs jetty9 {java} haproxy
iproute2 nftables procps curl python3 libsystemd0 {libssl} libsqlite3-0 zlib1g socat wrk iputils-ping faketime"""
# Debian 13 renamed OpenSSL's package with its 64-bit times; the library's own name stayed.
NAMES = {
    "bookworm": {"java": "openjdk-17-jre-headless", "libssl": "libssl3"},
    "trixie": {"java": "openjdk-21-jre-headless", "libssl": "libssl3t64"},
}
DATABASE = ["postgresql", "libpostgresql-jdbc-java"]


def packages(settings):
    return PACKAGES.format(**NAMES[settings.debian]).split() + (DATABASE if settings.sessions == "jdbc" else [])


def path(settings):
    """Where the root file system of this recipe is, or will be."""
    recipe = "\n".join([settings.debian, *packages(settings)])
    features = "-postgresql" if settings.sessions == "jdbc" else ""
    return layout.CACHE / f"root-{settings.debian}{features}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def make(settings):
    """Makes it unless it is there. A broken attempt is never used: it is built under another name."""
    target = path(settings)
    if target.is_dir():
        return target
    layout.CACHE.mkdir(parents=True, exist_ok=True)
    building = target.with_name(target.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    wanted = packages(settings)
    say(f"root file system: Debian {settings.debian} with {len(wanted)} packages and what they need (about a minute)")
    # /usr/share/man stays: the Java package's installation needs it.
    done = run("mmdebstrap", "--variant=minbase", f"--include={','.join(wanted)}",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
               settings.debian, str(building), check=False, timeout=1200)
    if done.returncode != 0:
        shutil.rmtree(building, ignore_errors=True)
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise LabError(f"mmdebstrap failed: {last}; are Debian's packages reachable from here?")
    building.rename(target)
    say(f"root file system: {target}")
    return target
