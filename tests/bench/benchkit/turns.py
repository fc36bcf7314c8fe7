"""Nodes that are taken out one after the other: whether the next was touched before the last served again. Pure; times
are seconds of one clock."""


def serves_again(changes, since):
    """When a node served again after its first outage at `since` or later, from its samples' changes [(time, serves)],
    oldest first. None: it was not out, or never came back."""
    state = None
    for at, serves in changes:
        if at <= since:
            state = serves
    out = state is False
    for at, serves in changes:
        if at <= since:
            continue
        if not serves:
            out = True
        elif out:
            return at
    return None


def order(touched):
    """Nodes by the time at which they were touched."""
    return [node for node, _ in sorted(touched.items(), key=lambda item: item[1])]


def premature(touched, samples):
    """Each node that was touched before the one before it served again: [(node, the one before, seconds too early)], with
    None for one that never served again. `touched`: node to time; `samples`: node to its changes."""
    found = []
    nodes = order(touched)
    for before, node in zip(nodes, nodes[1:]):
        back = serves_again(samples[before], touched[before])
        if back is None:
            found.append((node, before, None))
        elif touched[node] < back:
            found.append((node, before, back - touched[node]))
    return found


def never_out(touched, samples):
    """Nodes of which no sample failed after they were touched: of those nothing can be said."""
    return [node for node in order(touched)
            if not any(not serves and at > touched[node] for at, serves in samples[node])]
