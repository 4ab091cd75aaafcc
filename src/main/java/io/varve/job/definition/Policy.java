package io.varve.job.definition;

import java.util.List;
import java.util.Optional;

/** What is done with the volumes that a condition holds for. */
public record Policy(Condition when, Action action) {

    /** What can be done with a volume. Names are those of the format, in lower case there. */
    public enum Action {
        /** It is left out, on purpose: no warning. */
        SKIP,
        /** It is backed up block by block. */
        BLOCK
    }

    /** All of it must hold; what is absent or empty holds always. */
    public record Condition(
            Optional<String> capacityAtLeast,
            Optional<String> capacityBelow,
            List<String> storageClasses,
            List<String> drivers,
            LabelSelector labels,
            Optional<String> volumeMode,
            List<String> accessModes) {

        boolean holds(VolumeFacts volume) {
            return capacityAtLeast
                            .filter(least -> volume.capacityBytes() < Quantity.bytes(least))
                            .isEmpty()
                    && capacityBelow
                            .filter(most -> volume.capacityBytes() >= Quantity.bytes(most))
                            .isEmpty()
                    && isAmong(storageClasses, List.of(volume.storageClass()))
                    && isAmong(drivers, List.of(volume.driver()))
                    && isAmong(accessModes, volume.accessModes())
                    && labels.matches(volume.labels())
                    && volumeMode.filter(mode -> !mode.equals(volume.volumeMode())).isEmpty();
        }

        private static boolean isAmong(List<String> wanted, List<String> found) {
            return wanted.isEmpty() || found.stream().anyMatch(wanted::contains);
        }
    }

    /** What the first policy that holds for a volume says; without one it is backed up. */
    public static Action actionFor(List<Policy> policies, VolumeFacts volume) {
        return policies.stream()
                .filter(policy -> policy.when().holds(volume))
                .findFirst()
                .map(Policy::action)
                .orElse(Action.BLOCK);
    }
}
