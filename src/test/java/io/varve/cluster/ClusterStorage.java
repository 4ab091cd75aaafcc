package io.varve.cluster;

import io.varve.Certificate;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The storage of a cluster: a CSI driver over files, the real csi-provisioner and csi-snapshotter,
 * stand-ins for the sidecar of changed blocks and for the attacher, and the driver's classes. Its
 * StorageClass and its VolumeSnapshotClass have the driver's name.
 */
public final class ClusterStorage implements AutoCloseable {

    /** What {@code src/test/go/storage} can be; a test controls each by HTTP. */
    public enum Part {
        DRIVER("--control"),
        ATTACHER("--control"),
        SIDECAR("--http");

        private final String controlFlag;

        Part(String controlFlag) {
            this.controlFlag = controlFlag;
        }

        private String lowerCase() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern SERVED = Pattern.compile("snapshot metadata of \\S+ on (\\S+)");

    private final Deque<Closeable> running = new ArrayDeque<>();
    private final Map<Part, StorageControl> controls = new EnumMap<>(Part.class);
    private final ControlPlane plane;
    private final Path program;
    private final String driver;
    private final Path folder;

    private ClusterStorage(ControlPlane plane, String driver, Path folder) throws IOException {
        this.plane = plane;
        this.program = GoProgram.find("storage");
        this.driver = driver;
        this.folder = folder;
    }

    /**
     * Starts all of it, and waits until it can be used.
     *
     * @param driver its name; no other test's
     * @param folder for volumes, snapshots and the driver's socket, the path of which has a limit
     *     of 100 bytes
     * @param driverFlags more of the driver's, such as {@code --capable}
     */
    public static ClusterStorage start(
            ControlPlane plane, String driver, Path folder, String... driverFlags)
            throws IOException {
        ClusterStorage storage = new ClusterStorage(plane, driver, folder);
        try {
            storage.startAll(List.of(driverFlags));
            return storage;
        } catch (IOException e) {
            try (storage) {
                throw e;
            }
        }
    }

    private void startAll(List<String> driverFlags) throws IOException {
        List<String> flags = new ArrayList<>(driverFlags);
        flags.addAll(List.of("--name=" + driver, "--socket=" + socket(), "--data=" + data()));
        start(Part.DRIVER, flags);
        running.push(CsiSidecars.start(plane, driver, socket())::close);
        start(Part.ATTACHER, inCluster());
        startSidecar();
        try (InputStream yaml = ControlPlane.resource("storage.yaml")) {
            apply(new String(yaml.readAllBytes(), StandardCharsets.UTF_8).replace("NAME", driver));
        }
    }

    private List<String> inCluster() {
        return List.of("--driver=" + driver, "--kubeconfig=" + plane.adminKubeconfig());
    }

    private void start(Part part, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), part.lowerCase()));
        command.addAll(flags);
        command.add(part.controlFlag + "=127.0.0.1:0");
        Component started = Component.start(part.lowerCase(), command, log(part));
        running.push(started::close);
        controls.put(part, StorageControl.of(started, log(part)));
    }

    private Path log(Part part) {
        return plane.logs().of(part.lowerCase() + "." + driver);
    }

    private void startSidecar() throws IOException {
        Certificate certificate = Certificate.ofThisHost();
        List<String> flags = new ArrayList<>(inCluster());
        flags.add("--csi-socket=" + socket());
        flags.add("--listen=127.0.0.1:0");
        flags.add("--cert=" + Files.writeString(folder.resolve("cert.pem"), certificate.pem()));
        flags.add("--key=" + Files.writeString(folder.resolve("key.pem"), certificate.keyPem()));
        start(Part.SIDECAR, flags);
        String address = Waiting.until("the sidecar's address", this::served);
        byte[] authority = certificate.pem().getBytes(StandardCharsets.US_ASCII);
        apply(
                """
                apiVersion: cbt.storage.k8s.io/v1beta1
                kind: SnapshotMetadataService
                metadata: {name: "%s"}
                spec: {address: "%s", audience: "%s", caCert: "%s"}
                """
                        .formatted(
                                driver,
                                address,
                                audience(),
                                Base64.getEncoder().encodeToString(authority)));
    }

    private Optional<String> served() throws IOException {
        Matcher said = SERVED.matcher(Files.readString(log(Part.SIDECAR)));
        return said.find() ? Optional.of(said.group(1)) : Optional.empty();
    }

    private void apply(String yaml) {
        plane.admin()
                .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
    }

    /** The driver's name, and that of its classes. */
    public String driver() {
        return driver;
    }

    /** The StorageClass whose claims wait for a pod. */
    public String waitingClass() {
        return driver + "-wait";
    }

    /** Of the tokens that the sidecar accepts. */
    public String audience() {
        return "audience-of-" + driver;
    }

    /** Where the driver listens, for a node. */
    public Path socket() {
        return folder.resolve("csi.sock");
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** The file behind a volume. What a test writes into it is as if a pod had. */
    public Path volume(String handle) {
        return data().resolve("volumes").resolve(handle + ".img");
    }

    /** The file behind a snapshot. */
    public Path snapshot(String handle) {
        return data().resolve("snapshots").resolve(handle + ".img");
    }

    /**
     * The files behind volumes that are attached to a loop device of this host now, and the number
     * of the device, {@code MAJOR:MINOR}.
     */
    public Map<Path, String> attached() throws IOException {
        Path data = data().toRealPath();
        Map<Path, String> attached = new HashMap<>();
        try (DirectoryStream<Path> loops =
                Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path loop : loops) {
                Optional<String> file = text(loop.resolve("loop/backing_file"));
                if (file.map(Path::of).filter(path -> path.startsWith(data)).isPresent()) {
                    attached.put(Path.of(file.get()), text(loop.resolve("dev")).orElseThrow());
                }
            }
        }
        return attached;
    }

    private static Optional<String> text(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file).strip());
        } catch (FileSystemException nothingIsAttached) {
            return Optional.empty();
        }
    }

    /** What a part is told, and asked, by. */
    public StorageControl control(Part part) {
        return Objects.requireNonNull(controls.get(part));
    }

    /** Ends all parts, the last first, and detaches what is still attached to a device. */
    @Override
    public void close() throws IOException {
        if (running.isEmpty()) {
            release();
            return;
        }
        Closeable last = running.pop();
        try {
            last.close();
        } finally {
            close();
        }
    }

    private void release() throws IOException {
        Path log = plane.logs().of("release." + driver);
        Process release =
                new ProcessBuilder(program.toString(), "release", "--data=" + data())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (release.waitFor() != 0) {
                throw new IOException(
                        "volumes in %s stay attached: %s".formatted(data(), Files.readString(log)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while detaching volumes in " + data(), e);
        }
    }
}
