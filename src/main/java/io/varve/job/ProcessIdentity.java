package io.varve.job;

import io.varve.catalog.Owner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Names processes so that no two ever share a name, and tells of some that they are dead: those of
 * this boot of this machine, in this process's own pid namespace, as Linux's {@code /proc} shows
 * them. Of all others nothing is known, and only time tells.
 */
public final class ProcessIdentity {

    private static final Path PROC = Path.of("/proc");

    /** Fields of {@code /proc/PID/stat} behind the command's name, which ends with a bracket. */
    private static final int STATE = 0;

    private static final int START_TICKS = 19;

    private ProcessIdentity() {}

    /** This process. */
    public static Owner current() {
        long pid = ProcessHandle.current().pid();
        String id =
                namespace()
                        .flatMap(
                                namespace ->
                                        stat(pid).map(stat -> id(namespace, pid, startTicks(stat))))
                        .orElseGet(() -> UUID.randomUUID().toString());
        return new Owner(id, host(), pid);
    }

    /** Whether a process is known to have ended. A stopped one lives. */
    public static boolean isDead(Owner owner) {
        Optional<String> namespace = namespace();
        if (namespace.isEmpty() || !owner.id().startsWith(namespace.get() + "/")) {
            return false;
        }
        Optional<List<String>> stat = stat(owner.pid());
        // Not there, and not only out of sight.
        return stat.isEmpty()
                ? Files.notExists(folder(owner.pid()))
                : "ZX".contains(stat.get().get(STATE))
                        || !owner.id()
                                .equals(id(namespace.get(), owner.pid(), startTicks(stat.get())));
    }

    private static String id(String namespace, long pid, String startTicks) {
        return "%s/%d/%s".formatted(namespace, pid, startTicks);
    }

    private static String startTicks(List<String> stat) {
        return stat.get(START_TICKS);
    }

    /**
     * Which pids can be compared with each other. Those of other users need not be: {@code /proc}
     * may hide them.
     */
    private static Optional<String> namespace() {
        try {
            return Optional.of(
                    "%s/%s/%s"
                            .formatted(
                                    Files.readString(PROC.resolve("sys/kernel/random/boot_id"))
                                            .strip(),
                                    Files.readSymbolicLink(PROC.resolve("self/ns/pid")),
                                    Files.getAttribute(PROC.resolve("self"), "unix:uid")));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    private static Path folder(long pid) {
        return PROC.resolve(Long.toString(pid));
    }

    private static Optional<List<String>> stat(long pid) {
        try {
            String line = Files.readString(folder(pid).resolve("stat"));
            return Optional.of(List.of(line.substring(line.lastIndexOf(')') + 2).split(" ")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown host";
        }
    }
}
