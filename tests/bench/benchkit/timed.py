"""Programs that run on a host itself and time what they start there, so that no time of `lab exec` is measured. Each
prints one line of JSON."""

# Arguments: a command. Its time from before its start to after its end, its exit code and its last line.
COMMAND = r'''
import json, subprocess, sys, time
began = time.monotonic()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True, text=True)
ms = 1000 * (time.monotonic() - began)
print(json.dumps({"ms": ms, "code": done.returncode, "last": ((done.stdout + done.stderr).strip().splitlines() or [""])[-1]}))
'''

# Arguments: resource, unit, seconds between two monitor operations, URLs separated by blanks. What an operator types,
# and then looks: the time until every URL has answered 200, and when each part had ended.
BY_HAND = r'''
import json, subprocess, sys, time, urllib.request
resource, unit, interval, urls = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4].split()

def pcs(*words):
    done = subprocess.run(["pcs", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        sys.exit("pcs %s: %s" % (" ".join(words), (done.stderr.strip().splitlines() or ["no output"])[-1]))

def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False

began = time.monotonic()
pcs("resource", "create", resource, "systemd:" + unit, "op", "monitor", "interval=%ss" % interval, "--wait=180")
created = time.monotonic()
pcs("resource", "clone", resource, "meta", "clone-max=%d" % len(urls), "clone-node-max=1", "--wait=180")
cloned = time.monotonic()
for url in urls:
    while not answers(url):
        if time.monotonic() > began + 240:
            sys.exit("%s does not answer 200" % url)
        time.sleep(0.05)
print(json.dumps({"s": time.monotonic() - began, "create_s": created - began, "clone_s": cloned - created}))
'''
