package io.varve.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The first process of a container on a {@link ClusterNode}, as the host's root sees it.
 *
 * @param pid in the host's namespace
 */
record ContainerProcess(long pid) {

    /** All {@code NAME=VALUE}. */
    List<String> environment() throws IOException {
        return Stream.of(Files.readString(about("environ")).split("\0")).toList();
    }

    /** A field of {@code /proc/PID/status}, such as {@code CapEff}. */
    List<String> status(String field) throws IOException {
        return Files.readAllLines(about("status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .flatMap(line -> Stream.of(line.substring(field.length() + 1).strip().split("\\s")))
                .toList();
    }

    /** A file of the container's, from here. */
    Path path(String inside) {
        return about("root").resolve(inside.substring(1));
    }

    private Path about(String what) {
        return Path.of("/proc", Long.toString(pid), what);
    }

    /**
     * What a shell prints that is where the process is, in its namespaces and its cgroup of
     * devices, and may no more than it: the same user, and no capability at all.
     */
    String sayAsIt(String script) throws IOException {
        List<String> command = new ArrayList<>();
        Optional<Path> devices = deviceGroup();
        if (devices.isPresent()) {
            // The shell that joins becomes the one that asks.
            command.addAll(List.of("sh", "-c", "echo $$ > \"$0\" && exec \"$@\""));
            command.add(devices.get().resolve("cgroup.procs").toString());
        }
        command.addAll(List.of("nsenter", "--target=" + pid, "--mount", "--ipc", "--uts", "--pid"));
        command.addAll(List.of("setpriv", "--no-new-privs", "--bounding-set=-all"));
        command.addAll(List.of("--inh-caps=-all", "--ambient-caps=-all"));
        List<String> groups = status("Groups").stream().filter(group -> !group.isEmpty()).toList();
        command.add(groups.isEmpty() ? "--clear-groups" : "--groups=" + String.join(",", groups));
        command.add("--reuid=" + status("Uid").getFirst());
        command.add("--regid=" + status("Gid").getFirst());
        command.addAll(List.of("sh", "-c", script));
        return say(command);
    }

    /** That of version 1, where the host has it. */
    private Optional<Path> deviceGroup() throws IOException {
        return Files.readAllLines(about("cgroup")).stream()
                .map(line -> line.split(":", 3))
                .filter(parts -> parts[1].equals("devices"))
                .map(parts -> Path.of("/sys/fs/cgroup/devices", parts[2]))
                .findFirst();
    }

    /** What the host's root is told by a command. */
    static String say(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
