#!/usr/bin/env python3
"""Makes the image that the benchmarks copy: image.py MIB FILE; image.py change FILE BLOCKS SEED RANGES.

40 % zero blocks, 40 % blocks of the files below /usr and 20 % random ones, in runs of 1 to 16 MiB. The
layout and the random bytes come from a fixed seed; the files are those of this machine. `change` rewrites BLOCKS blocks,
the same ones each time, with random bytes of SEED, and writes their ranges, as --changed-blocks takes them, to RANGES.
"""

import json
import os
import random
import sys

MIB = 1 << 20


def files():
    """Endless bytes of the files below /usr, in the order of their names."""
    while True:
        for folder, folders, names in os.walk("/usr"):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    try:
                        with open(path, "rb") as file:
                            yield from iter(lambda: file.read(MIB), b"")
                    except OSError:
                        continue


def blocks(source):
    """The same in pieces of 1 MiB."""
    held = bytearray()
    for piece in source:
        held += piece
        while len(held) >= MIB:
            yield bytes(held[:MIB])
            del held[:MIB]


def make(mib, path):
    chance = random.Random(1)
    real = blocks(files())
    with open(path, "wb") as image:
        written = 0
        while written < mib:
            run = min(chance.randint(1, 16), mib - written)
            kind = chance.random()
            for _ in range(run):
                if kind < 0.4:
                    image.seek(MIB, os.SEEK_CUR)
                elif kind < 0.8:
                    image.write(next(real))
                else:
                    image.write(chance.randbytes(MIB))
            written += run
        image.truncate(mib * MIB)


def change(path, count, seed, ranges):
    chosen = sorted(random.Random(2).sample(range(os.path.getsize(path) // MIB), count))
    chance = random.Random(seed)
    with open(path, "r+b") as image:
        for block in chosen:
            image.seek(block * MIB)
            image.write(chance.randbytes(MIB))
    with open(ranges, "w", encoding="ascii") as out:
        json.dump([{"offset": block * MIB, "length": MIB} for block in chosen], out)


if sys.argv[1] == "change":
    change(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
else:
    make(int(sys.argv[1]), sys.argv[2])
