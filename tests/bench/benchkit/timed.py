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

# The same, with the time of its start (CLOCK_REALTIME).
DATED_COMMAND = r'''
import json, subprocess, sys, time
at = time.clock_gettime_ns(time.CLOCK_REALTIME)
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True, text=True)
print(json.dumps({"began_at_ns": at, "code": done.returncode}))
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

# Argument: nodes separated by blanks. The script that operators have: node by node into standby and back.
NODE_BY_NODE = r'''
import json, subprocess, sys, time
began = time.monotonic()
for node in sys.argv[1].split():
    for word in ("standby", "unstandby"):
        done = subprocess.run(["pcs", "node", word, node, "--wait"], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode:
            sys.exit("pcs node %s %s: %s" % (word, node, (done.stderr.strip().splitlines() or ["no output"])[-1]))
print(json.dumps({"s": time.monotonic() - began}))
'''
