package io.varve.kube.mover;

import java.util.List;
import java.util.Map;

/**
 * What a mover executes.
 *
 * @param arguments of the image's entry point
 * @param devicePath where the volume's device is to be, such as {@code /dev/varve/volume}
 */
public record MoverCommand(
        List<String> arguments,
        Map<String, String> environment,
        List<SecretVariable> secretEnvironment,
        String devicePath,
        List<ClaimMount> mounts) {

    public MoverCommand {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
        secretEnvironment = List.copyOf(secretEnvironment);
        mounts = List.copyOf(mounts);
    }
}
