"""Which sites are nearest to each spot of the network? Compiled loops, all sites at once."""

from __future__ import annotations

import numpy as np

from planner.cores import jit
from planner.travel.kernels import BUCKET_SHIFT, FAR, grown

#: A label is one number, deciseconds × 2³² + site, so that the lesser label is the nearer site
#: and, of two at the same time, the one at the lower position.
SITE_BITS = 32
SITE_MASK = 2**32 - 1
NO_LABEL = int(FAR) << SITE_BITS


@jit
def nearest_labels(  # type: ignore[no-untyped-def]
    indptr, indices, weights, site_node, site_leg, nearest, cutoff
):
    """Find the ``nearest`` different sites of every node by one search from all sites together.

    ``indptr``, ``indices`` and ``weights`` are the arcs turned round: out of each node, those
    that lead to it. ``site_node`` and ``site_leg`` are (sites, ends).

    Returns
    -------
    label
        (nodes, nearest) int64, ascending along each row; `NO_LABEL` where there are fewer sites
        within ``cutoff`` deciseconds.

    Notes
    -----
    Dijkstra's search (1959) with up to ``nearest`` labels a node, each of a different site. A
    label that is not among a node's best cannot be among those of a node behind it: the better
    ones get there, too, and stay better, since one order (time, then site) rules throughout.
    Buckets as in `planner.travel.kernels.walk_block`.
    """
    label = np.full((len(indptr) - 1, nearest), NO_LABEL, np.int64)
    head = np.full((cutoff >> BUCKET_SHIFT) + 1, -1, np.int32)
    # The queue's entries: which label of which node, and the next entry of its bucket. Entries
    # that have been taken are used again.
    entry_label = np.empty(site_node.size + 4096, np.int64)
    entry_node = np.empty(len(entry_label), np.int32)
    entry_next = np.empty(len(entry_label), np.int32)
    used = 0
    free = -1
    for site in range(len(site_node)):
        for end in range(site_node.shape[1]):
            node = site_node[site, end]
            then = np.int64(site_leg[site, end])
            if node < 0 or then > cutoff or not offer(label[node], (then << SITE_BITS) + site):
                continue
            entry_label[used] = (then << SITE_BITS) + site
            entry_node[used] = node
            entry_next[used] = head[then >> BUCKET_SHIFT]
            head[then >> BUCKET_SHIFT] = used
            used += 1
    for bucket in range(len(head)):
        while head[bucket] >= 0:
            entry = head[bucket]
            head[bucket] = entry_next[entry]
            node = entry_node[entry]
            taken = entry_label[entry]
            entry_next[entry] = free
            free = entry
            if not _holds(label[node], taken):
                continue  # better ones took its place after it was queued
            for arc in range(indptr[node], indptr[node + 1]):
                offered = taken + (np.int64(weights[arc]) << SITE_BITS)
                following = indices[arc]
                if offered >= label[following, nearest - 1]:
                    continue
                then = offered >> SITE_BITS
                if then > cutoff or not offer(label[following], offered):
                    continue
                if free < 0:
                    if used == len(entry_node):
                        entry_label = grown(entry_label, used, 2 * used)
                        entry_node = grown(entry_node, used, 2 * used)
                        entry_next = grown(entry_next, used, 2 * used)
                    entry = used
                    used += 1
                else:
                    entry = free
                    free = entry_next[entry]
                slot = then >> BUCKET_SHIFT
                entry_label[entry] = offered
                entry_node[entry] = following
                entry_next[entry] = head[slot]
                head[slot] = entry
    return label


@jit
def nearest_through_ends(  # type: ignore[no-untyped-def]
    label, seed_node, seed_leg, direct_indptr, direct_site, direct_time, cutoff
):
    """Find each origin's nearest sites from those of the nodes it hangs on, and direct ways.

    ``label`` is that of `nearest_labels`; the answer has the same form, one row an origin.
    """
    out = np.full((len(seed_node), label.shape[1]), NO_LABEL, np.int64)
    for origin in range(len(seed_node)):
        row = out[origin]
        offer_direct(row, direct_indptr, direct_site, direct_time, origin, cutoff)
        for end in range(seed_node.shape[1]):
            node = seed_node[origin, end]
            if node < 0:
                continue
            for place in range(label.shape[1]):
                offered = label[node, place] + (np.int64(seed_leg[origin, end]) << SITE_BITS)
                if offered >> SITE_BITS > cutoff:
                    break
                offer(row, offered)
    return out


@jit
def nearest_block(  # type: ignore[no-untyped-def]
    indptr,
    indices,
    weights,
    seed_node,
    seed_leg,
    hook_indptr,
    hook_site,
    hook_leg,
    direct_indptr,
    direct_site,
    direct_time,
    first,
    last,
    cutoff,
    time,
    spent,
    budget,
    out,
):
    """Search from the origins ``first`` to ``last``, each only until its nearest sites are known.

    The arcs are those that can be gone; ``out`` (origins, nearest) holds `NO_LABEL` and takes
    the labels. ``time`` (nodes) is work space and holds `FAR` before and after. ``spent[0]``
    counts the nodes met, by all threads; once it is over ``budget`` the rest is left.
    """
    head = np.full((cutoff >> BUCKET_SHIFT) + 1, -1, np.int32)
    touched = np.empty_like(time)
    entries = np.empty((4096, 3), np.int32)
    for origin in range(first, last):
        if spent[0] > budget:
            return
        row = out[origin]
        offer_direct(row, direct_indptr, direct_site, direct_time, origin, cutoff)
        reached, entries = _search_sites(
            indptr,
            indices,
            weights,
            seed_node[origin],
            seed_leg[origin],
            hook_indptr,
            hook_site,
            hook_leg,
            cutoff,
            time,
            head,
            entries,
            touched,
            row,
        )
        for place in range(reached):
            time[touched[place]] = FAR
        spent[0] += reached


@jit
def _search_sites(  # type: ignore[no-untyped-def]
    indptr,
    indices,
    weights,
    seed_node,
    seed_leg,
    hook_indptr,
    hook_site,
    hook_leg,
    cutoff,
    time,
    head,
    entries,
    touched,
    row,
):
    """Search from one origin no further than the last site of its ``row``, which fills up.

    ``entries`` are those of the queue (node, its time when queued, next entry of the bucket).
    Returns how many nodes were ``touched``, and the entries.
    """
    reached, used, bucket = 0, 0, len(head)
    limit = min(np.int64(cutoff), row[-1] >> SITE_BITS)
    for end in range(len(seed_node)):
        node = seed_node[end]
        then = seed_leg[end]
        if node >= 0 and then <= limit and then < time[node]:
            if time[node] == FAR:
                touched[reached] = node
                reached += 1
            time[node] = then
            slot = then >> BUCKET_SHIFT
            used = _queue(entries, used, head, slot, node, then)
            bucket = min(bucket, slot)
    queued = used
    while queued > 0:
        entry = head[bucket]
        if entry < 0:
            bucket += 1
            continue
        head[bucket] = entries[entry, 2]
        queued -= 1
        node = entries[entry, 0]
        so_far = entries[entry, 1]
        if so_far != time[node] or so_far > limit:
            continue
        for hung in range(hook_indptr[node], hook_indptr[node + 1]):
            there = np.int64(so_far + hook_leg[hung])
            if there <= limit and offer(row, (there << SITE_BITS) + hook_site[hung]):
                limit = min(np.int64(cutoff), row[-1] >> SITE_BITS)
        arcs = indptr[node + 1] - indptr[node]
        if used + arcs > len(entries):
            entries = grown_rows(entries, used, 2 * len(entries) + arcs)
        for arc in range(indptr[node], indptr[node + 1]):
            following = indices[arc]
            then = so_far + weights[arc]
            if then > limit or then >= time[following]:
                continue
            if time[following] == FAR:
                touched[reached] = following
                reached += 1
            time[following] = then
            used = _queue(entries, used, head, then >> BUCKET_SHIFT, following, then)
            queued += 1
    return reached, entries


@jit
def _queue(entries, used, head, slot, node, then):  # type: ignore[no-untyped-def]
    entries[used, 0] = node
    entries[used, 1] = then
    entries[used, 2] = head[slot]
    head[slot] = used
    return used + 1


@jit
def grown_rows(full, used, room):  # type: ignore[no-untyped-def]
    """Return the rows in use of a table, in a longer one."""
    longer = np.empty((room, full.shape[1]), full.dtype)
    longer[:used] = full[:used]
    return longer


@jit
def offer_direct(  # type: ignore[no-untyped-def]
    row, direct_indptr, direct_site, direct_time, origin, cutoff
):
    """Offer the sites an origin gets to without passing a node."""
    for place in range(direct_indptr[origin], direct_indptr[origin + 1]):
        if direct_time[place] <= cutoff:
            offer(row, (np.int64(direct_time[place]) << SITE_BITS) + direct_site[place])


@jit
def offer(row, offered):  # type: ignore[no-untyped-def]
    """Put a label into an ascending row, one label a site; return whether it got in."""
    last = len(row) - 1
    if offered >= row[last]:
        return False
    site = offered & SITE_MASK
    # From the front: a better label of the same site keeps it out.
    at = 0
    while row[at] <= offered:
        if row[at] & SITE_MASK == site:
            return False
        at += 1
    # Behind: a worse label of the same site makes room, otherwise the last one does.
    gap = at
    while gap < last and (row[gap] & SITE_MASK != site or row[gap] == NO_LABEL):
        gap += 1
    while gap > at:
        row[gap] = row[gap - 1]
        gap -= 1
    row[at] = offered
    return True


@jit
def _holds(row, label):  # type: ignore[no-untyped-def]
    """Return whether an ascending row has a label."""
    at = 0
    while at < len(row) and row[at] < label:
        at += 1
    return at < len(row) and row[at] == label
