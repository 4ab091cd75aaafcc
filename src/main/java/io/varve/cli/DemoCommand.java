package io.varve.cli;

import io.varve.cli.demo.ChangedBlocks;
import io.varve.cli.demo.DemoImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole story in a minute: back up, change, back up again, restore, compare. */
@Command(
        name = "demo",
        description = {
            "Show the main job in a minute, in a new temporary folder:",
            "back up an image, change it, back up what changed, restore, compare."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  varve demo", "  varve demo --keep"})
final class DemoCommand implements Callable<Integer> {

    private static final int PASSWORD_BYTES = 24;
    private static final int DIGEST_BUFFER = 1 << 20;

    private final Surroundings surroundings;
    private final Output output;

    @Option(names = "--keep", description = "Keep the temporary folder.")
    private boolean keep;

    DemoCommand(Surroundings surroundings, Output output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    @Override
    public Integer call() throws IOException {
        if (keep) {
            Path folder = Files.createTempDirectory("varve-demo-");
            try {
                return show(folder).number();
            } finally {
                output.line("# kept: " + folder);
            }
        }
        try (TemporaryFolder folder = TemporaryFolder.make("varve-demo-")) {
            return show(folder.path()).number();
        }
    }

    private ExitCode show(Path folder) throws IOException {
        Settings settings = settings(folder);
        DemoImage image = new DemoImage(folder);
        output.line("$ " + image.make());
        command(settings, "repository", "create");
        String monday = backup(settings, image.path(), "--change-id", "monday");

        Path before = folder.resolve("monday.img");
        Files.copy(image.path(), before);
        output.line("$ " + image.change());
        Path changes = folder.resolve("changed.json");
        Files.writeString(changes, ChangedBlocks.between(before, image.path()));
        String tuesday =
                backup(
                        settings,
                        image.path(),
                        "--change-id",
                        "tuesday",
                        "--base-change-id",
                        "monday",
                        "--changed-blocks",
                        changes.toString());

        command(settings, "backup", "list");
        boolean first = restores(settings, monday, before, folder.resolve("restored-monday.img"));
        boolean second =
                restores(settings, tuesday, image.path(), folder.resolve("restored-tuesday.img"));
        output.line("# " + read(settings, "the full backup", monday));
        output.line("# " + read(settings, "the incremental one", tuesday));
        return first && second ? ExitCode.DONE : ExitCode.FAILED;
    }

    /** Settings of nobody else: what the user's environment says is not looked at. */
    private Settings settings(Path folder) throws IOException {
        byte[] random = new byte[PASSWORD_BYTES];
        surroundings.random().nextBytes(random);
        Path password =
                Files.createFile(
                        folder.resolve("password"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(password, HexFormat.of().formatHex(random));
        Map<String, String> environment =
                Map.of(
                        Setting.HOME.variable(), folder.resolve("home").toString(),
                        Setting.REPOSITORY.variable(), folder.resolve("repository").toString(),
                        Setting.PASSWORD_FILE.variable(), password.toString());
        environment.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(
                        entry ->
                                output.line("$ export " + entry.getKey() + "=" + entry.getValue()));
        return new Settings(environment, Map.of());
    }

    /** Backs up, and returns the backup's id. */
    private String backup(Settings settings, Path image, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("backup", "run", "--volume", "demo"));
        words.addAll(List.of("--device", image.toString()));
        words.addAll(List.of(more));
        command(settings, words.toArray(String[]::new));
        return answer(settings, "backup", "list", "--json").get(0).path("backupId").asString();
    }

    /** What a backup read: neither what its parent has nor what was never allocated. */
    private String read(Settings settings, String name, String backupId) throws IOException {
        JsonNode backup = answer(settings, "backup", "show", backupId, "--json");
        JsonNode account = backup.path("account");
        long skipped =
                account.path("unallocatedBytes").asLong() + account.path("unchangedBytes").asLong();
        long size = backup.path("volumeBytes").asLong();
        return "%s read %s of %s"
                .formatted(name, Figures.bytes(size - skipped), Figures.bytes(size));
    }

    /** Prints a command of ours as a user would type it, and runs it as if it had been. */
    private void command(Settings settings, String... args) throws IOException {
        output.line("$ varve " + String.join(" ", args));
        execute(surroundings.with(settings), args);
    }

    /** Asks without a word to the user. */
    private JsonNode answer(Settings settings, String... args) throws IOException {
        StringWriter out = new StringWriter();
        execute(surroundings.with(settings).printingTo(new PrintWriter(out)), args);
        return JsonMapper.shared().readTree(out.toString());
    }

    private static void execute(Surroundings surroundings, String... args) throws IOException {
        int code = VarveCommand.tree(surroundings, args).execute(args);
        if (code != ExitCode.DONE.number()) {
            throw new IOException(
                    "the demo stopped: 'varve %s' ended with exit code %d"
                            .formatted(String.join(" ", args), code));
        }
    }

    private boolean restores(Settings settings, String backupId, Path original, Path restored)
            throws IOException {
        command(settings, "restore", "run", backupId, "--to-device", restored.toString());
        String expected = sha256(original);
        String found = sha256(restored);
        output.line("$ sha256sum %s %s".formatted(original, restored));
        output.line("%s  %s".formatted(expected, original));
        output.line("%s  %s".formatted(found, restored));
        boolean same = expected.equals(found);
        output.line(same ? "# identical" : "# DIFFERENT: please report this");
        return same;
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in =
                new DigestInputStream(
                        Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            byte[] buffer = new byte[DIGEST_BUFFER];
            while (in.read(buffer) >= 0) {
                // The stream digests what it reads.
            }
            return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
