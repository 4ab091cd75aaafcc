package io.varve.kube.snapshot;

import io.varve.kube.api.ClusterApi;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes room in a storage that takes no more snapshots, once, by what nobody needs any more. The
 * driver's sidecar then cuts by itself: it tries again for as long as the VolumeSnapshot is there.
 */
final class Room {

    /** As the csi-snapshotter quotes a driver. */
    private static final String EXHAUSTED = "code = ResourceExhausted";

    private final ClusterApi api;
    private final BooleanSupplier stop;
    private final List<String> said = new ArrayList<>();
    private boolean made;

    Room(ClusterApi api, BooleanSupplier stop) {
        this.api = api;
        this.stop = stop;
    }

    /** What was done, and what came of it. */
    List<String> said() {
        return said;
    }

    void makeAfter(List<String> errors) throws IOException {
        if (made || errors.stream().noneMatch(error -> error.contains(EXHAUSTED))) {
            return;
        }
        made = true;
        try {
            RetainedBases bases = new RetainedBases(api);
            int freed = 0;
            for (RetainedBase base : bases.superseded()) {
                Optional<String> kept = bases.free(base, stop);
                kept.ifPresent(said::add);
                freed += kept.isEmpty() ? 1 : 0;
            }
            said.add("the storage takes no more snapshots; bases freed because of that: " + freed);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            said.add(
                    "the storage takes no more snapshots, and a base that is no longer needed could not be freed: "
                            + e.getMessage());
        }
    }
}
