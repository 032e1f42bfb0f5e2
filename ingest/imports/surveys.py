"""What a first, light pass over a file keeps in mind: which ids come twice, who is the brand, where threads begin.

Eight bytes a row for ids and sixteen for links between posts, however long the file.
"""

from array import array

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
# A chain of answers longer than 2**64 cannot be; a circle never ends.
MOST_STEPS = 64


class Repeats:
    """Tells the second and later rows of one id. `note` every id first, then `close`, then ask in file order."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._suspects: frozenset[int] = frozenset()
        self._met: set[str] = set()

    def note(self, external_id: str) -> None:
        self._hashes.append(hash(external_id))

    def close(self) -> None:
        """Keep only what may come twice."""
        hashes = np.sort(np.frombuffer(self._hashes, dtype=np.int64)) if self._hashes else np.empty(0, np.int64)
        self._suspects = frozenset(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
        self._hashes = array("q")

    def is_repeat(self, external_id: str) -> bool:
        """Whether this id was asked about before."""
        if hash(external_id) not in self._suspects:
            return False
        known = external_id in self._met
        self._met.add(external_id)
        return known


class Threads:
    """Finds the first post of a thread whose posts only name the one they answer. Ids are numbers."""

    def __init__(self) -> None:
        self._links = array("q")
        self._children: Numbers = np.empty(0, np.int64)
        self._roots: Numbers = np.empty(0, np.int64)

    def note(self, child: int, parent: int) -> None:
        """`child` answers `parent`, which need not be in the file."""
        self._links.extend((child, parent))

    def close(self) -> None:
        """Follow all links to their ends: at every step each post looks twice as far."""
        if not self._links:
            return
        pairs = np.frombuffer(self._links, dtype=np.int64).reshape(-1, 2)
        children, first = np.unique(pairs[:, 0], return_index=True)
        roots = pairs[first, 1].copy()
        for _step in range(MOST_STEPS):
            place = np.searchsorted(children, roots)
            place[place == len(children)] = 0
            further = np.where(children[place] == roots, roots[place], roots)
            if np.array_equal(further, roots):
                break
            roots = further
        self._children, self._roots = children, roots
        self._links = array("q")

    def root(self, post_id: int) -> int:
        """The earliest post of its thread that any row names; itself when it answers nobody."""
        place = int(np.searchsorted(self._children, post_id))
        if place < len(self._children) and int(self._children[place]) == post_id:
            return int(self._roots[place])
        return post_id
