package io.varve.kube.mover;

/** Who a mover's process is. Without capabilities in each case. */
public sealed interface RunAs {

    /** User 0, to whom a device node belongs. Works everywhere. */
    record Root() implements RunAs {}

    /**
     * An ordinary user with the group that the device nodes have on the nodes, often {@code disk}.
     */
    record SupplementalGroup(long user, long group) implements RunAs {}

    /**
     * An ordinary user who gets the device: where the container runtime is set up so ({@code
     * device_ownership_from_security_context}).
     */
    record DeviceOwner(long user) implements RunAs {}
}
