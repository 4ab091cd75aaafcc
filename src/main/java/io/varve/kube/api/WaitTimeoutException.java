package io.varve.kube.api;

import java.time.Duration;
import java.util.List;

/** A state did not come in time. The message says what was found instead, as far as is known. */
public final class WaitTimeoutException extends ClusterException {

    private static final long serialVersionUID = 1L;

    /**
     * @param waited for what, such as {@code VolumeSnapshot shop/varve-1: not ready}
     * @param reasons texts of events, conditions and errors, the weightiest first
     */
    public WaitTimeoutException(String waited, Duration limit, List<String> reasons) {
        super(
                "%s within %s: %s"
                        .formatted(
                                waited,
                                text(limit),
                                reasons.isEmpty()
                                        ? "nothing in the cluster says why"
                                        : String.join("; ", reasons)));
    }

    private static String text(Duration limit) {
        return limit.toString().substring("PT".length()).toLowerCase(java.util.Locale.ROOT);
    }
}
