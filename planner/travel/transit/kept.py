"""What has been worked out for this network already?

The same origins are asked about again and again, for other kinds, minutes and sites. Where they are
on the streets, and which stops they can walk to, does not change in between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")

#: How many things are kept for one network, the last ones used.
MOST = 24

_LOCK = Lock()
_KEPT: WeakKeyDictionary[Any, OrderedDict[Hashable, Any]] = WeakKeyDictionary()


def keep(network: object, key: Hashable, make: Callable[[], Thing]) -> Thing:
    """Return what stands under a key, made now if it does not stand there yet.

    It goes with the network. Two threads that ask at once may both make it: it is the same.
    """
    with _LOCK:
        shelf = _KEPT.setdefault(network, OrderedDict())
        if key in shelf:
            shelf.move_to_end(key)
            found: Thing = shelf[key]
            return found
    made = make()
    with _LOCK:
        shelf = _KEPT.setdefault(network, OrderedDict())
        shelf[key] = made
        while len(shelf) > MOST:
            shelf.popitem(last=False)
    return made


def forget(network: object) -> None:
    """Forget everything about a network."""
    with _LOCK:
        _KEPT.pop(network, None)
