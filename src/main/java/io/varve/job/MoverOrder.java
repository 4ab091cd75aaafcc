package io.varve.job;

import java.util.List;

/**
 * What a mover is told when it is started.
 *
 * @param arguments of {@code varve mover run}; the device's path follows
 * @param bytes of the volume that it hashes at most, as far as that is known before
 */
public record MoverOrder(List<String> arguments, long bytes) {

    public MoverOrder {
        arguments = List.copyOf(arguments);
    }
}
