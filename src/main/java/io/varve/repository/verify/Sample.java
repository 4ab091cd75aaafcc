package io.varve.repository.verify;

import java.util.SplittableRandom;

/** Chooses a given share of things, by chance. For one thread. */
final class Sample {

    private final double share;
    private final SplittableRandom random;

    /**
     * @param percent 0 chooses nothing, 100 everything
     */
    Sample(double percent, long seed) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("not a percentage from 0 to 100: " + percent);
        }
        this.share = percent / 100;
        this.random = new SplittableRandom(seed);
    }

    boolean isNothing() {
        return share == 0;
    }

    boolean takes() {
        return share >= 1 || (share > 0 && random.nextDouble() < share);
    }
}
