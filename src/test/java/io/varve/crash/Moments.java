package io.varve.crash;

import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** All crash points of a command, found by running it once, and a share of such points. */
public final class Moments {

    private static final String COMMITTED = Event.COMMIT + ":" + When.AFTER;

    private static final int PERCENT = Integer.getInteger("varve.share", 10);
    private static final long SEED = Long.getLong("varve.seed", new Random().nextLong());

    private Moments() {}

    /**
     * The share of these moments that this run tries, in their order: {@code -Dvarve.share=100} for
     * all, {@code -Dvarve.seed=…} for the same ones again. Over many runs all have their turn.
     */
    public static <T> List<T> share(List<T> points) {
        List<T> shuffled = new ArrayList<>(points);
        Collections.shuffle(shuffled, new Random(SEED));
        Set<T> chosen = Set.copyOf(shuffled.subList(0, Math.ceilDiv(points.size() * PERCENT, 100)));
        System.err.printf(
                "%d of %d moments, -Dvarve.share=%d -Dvarve.seed=%d%n",
                chosen.size(), points.size(), PERCENT, SEED);
        return points.stream().filter(chosen::contains).toList();
    }

    /**
     * Points in the order of {@link KilledProcess#moments}: each put, commit, flush and step,
     * before and after. Reads are left out: nothing changes by them. So is the end of a commit that
     * only the beginning of the next one follows: nothing happened in between.
     */
    static List<String> points(List<String> recorded) {
        List<String> kinds =
                recorded.stream()
                        .map(line -> line.split(" ", 2)[0])
                        .filter(kind -> !kind.startsWith(Event.READ.name()))
                        .toList();
        Map<String, Integer> seen = new HashMap<>();
        List<String> points = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            int occurrence = seen.merge(kinds.get(i), 1, Integer::sum);
            String next = i + 1 < kinds.size() ? kinds.get(i + 1) : "";
            if (!(kinds.get(i).equals(COMMITTED) && next.startsWith(Event.COMMIT.name()))) {
                points.add(kinds.get(i) + ":" + occurrence);
            }
        }
        return points;
    }
}
