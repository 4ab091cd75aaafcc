package io.varve.format;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random bytes that a failed test can repeat: its seed is in {@link #toString()}. */
public final class SeededBytes {

    private final long seed = Long.getLong("varve.tests.seed", System.nanoTime());
    private final RandomGenerator random = RandomGeneratorFactory.getDefault().create(seed);

    public byte[] next(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** From 0 to {@code bound}, exclusive. */
    public int nextInt(int bound) {
        return random.nextInt(bound);
    }

    @Override
    public String toString() {
        return "varve.tests.seed=" + seed;
    }
}
