package io.varve.job;

import java.util.List;

/**
 * What a mover is told when it is started.
 *
 * @param arguments of {@code varve mover run}; the device's path follows
 * @param vectors whether it has so much to hash that vectors are worth a slower start
 */
public record MoverOrder(List<String> arguments, boolean vectors) {

    public MoverOrder {
        arguments = List.copyOf(arguments);
    }
}
