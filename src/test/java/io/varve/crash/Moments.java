package io.varve.crash;

import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All crash points of a command, found by running it once. */
final class Moments {

    private static final String COMMITTED = Event.COMMIT + ":" + When.AFTER;

    private Moments() {}

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
