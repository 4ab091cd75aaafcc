package io.varve.crash;

import io.varve.crash.Moment.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All crash points of a command, found by running it once. */
final class Moments {

    private Moments() {}

    /**
     * Points in the order of {@link KilledProcess#moments}: each put, commit, flush and step,
     * before and after. Reads are left out: nothing changes by them.
     */
    static List<String> points(List<String> recorded) {
        Map<String, Integer> seen = new HashMap<>();
        List<String> points = new ArrayList<>();
        for (String line : recorded) {
            String kind = line.split(" ", 2)[0];
            int occurrence = seen.merge(kind, 1, Integer::sum);
            if (!kind.startsWith(Event.READ.name())) {
                points.add(kind + ":" + occurrence);
            }
        }
        return points;
    }
}
