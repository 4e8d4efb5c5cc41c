"""A process that answers shards: told a job on stdin, it answers each shard that follows there on stdout.

It belongs to the process that started it, whose end closes its stdin; signals of the terminal are for that one.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import suppress

from qpcli.engines.task import Job, answer


def main() -> None:
    """Answer until the other side closes its end; what is read was written by this program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with os.fdopen(os.dup(1), "wb") as answers, suppress(EOFError, BrokenPipeError):
        asked: Job = pickle.load(sys.stdin.buffer)
        while True:
            pickle.dump(answer(pickle.load(sys.stdin.buffer), asked), answers)
            answers.flush()


if __name__ == "__main__":
    main()
