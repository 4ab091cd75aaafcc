package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.manifest.GlobalPolicy;
import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.DamagedManifest;
import io.varve.repository.Repository;
import io.varve.repository.RepositorySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What commands make of one wrong bit in a content that holds manifests. */
class DamagedManifestTest {

    @TempDir private Path folder;

    private VarveInProcess varve;
    private Path image;
    private String older;
    private String newest;

    @BeforeEach
    void twoBackups() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), 3, 1).path();
        assertThat(varve.run("repository", "create").code()).isZero();
        older = published(backUp(0));
        newest = published(backUp(0));
    }

    @Test
    void aListShowsTheOthersAndEndsWith13() throws IOException {
        DamagedManifest damaged = damage(item -> item.id().equals(newest));

        VarveInProcess.Result list = varve.run("backup", "list", "--json");

        assertThat(list.code()).isEqualTo(13);
        assertThat(list.json())
                .singleElement()
                .satisfies(entry -> assertThat(entry.toString()).contains(older));
        assertThat(list.err())
                .contains(damaged.place())
                .contains("warning", "left out", "varve verify run");
        VarveInProcess.Result status = varve.run("repository", "status", "--json");
        assertThat(status.code()).isEqualTo(3);
        assertThat(status.json().at("/warnings/0").asString()).contains(damaged.place());
    }

    @Test
    void aReadableBackupIsShownAndRestored() throws IOException {
        damage(item -> item.id().equals(newest));
        Path target = folder.resolve("restored.img");

        assertThat(varve.run("backup", "show", older).code()).isZero();
        VarveInProcess.Result restore =
                varve.run("restore", "run", older, "--to-device", target.toString(), "--verify");

        assertThat(restore.code()).as(restore.err()).isZero();
        assertThat(Files.mismatch(target, image)).isEqualTo(-1);
    }

    @Test
    void aBackupThatIsNotFoundMayLieThere() throws IOException {
        DamagedManifest damaged = damage(item -> item.id().equals(newest));
        String target = folder.resolve("restored.img").toString();

        for (String[] command :
                new String[][] {
                    {"backup", "show", newest},
                    {"restore", "run", newest, "--to-device", target},
                    {"backup", "delete", older, newest}
                }) {
            VarveInProcess.Result result = varve.run(command);
            assertThat(result.code()).as(command[1]).isEqualTo(13);
            assertThat(result.err())
                    .contains(damaged.place())
                    .contains("backup " + newest + " is found nowhere else and may lie there");
        }
        assertThat(Path.of(target)).doesNotExist();
        damaged.mend();
        assertThat(varve.run("backup", "list", "--json").json()).hasSize(2);
    }

    @Test
    void theNextBackupBuildsOnTheNewestReadableOneAndWarns() throws IOException {
        DamagedManifest damaged = damage(item -> item.id().equals(newest));

        VarveInProcess.Result next = backUp(3);

        assertThat(next.json().get("actualType").asString()).isEqualTo("INCREMENTAL");
        assertThat(parentOf(published(next))).isEqualTo(older);
        assertThat(warnings(next)).singleElement().asString().contains(damaged.place());
    }

    @Test
    void aBackupWithoutAReadableParentIsFullAndSaysThatOneMayBeThere() throws IOException {
        DamagedManifest damaged = damage(item -> item.id().equals(newest));
        assertThat(varve.run("backup", "delete", older).code()).isEqualTo(3);

        VarveInProcess.Result auto = backUp(3);
        VarveInProcess.Result explicit = backUp(3, "--parent", newest);
        VarveInProcess.Result full = backUp(3, "--type", "full");

        assertThat(auto.json().get("reason").asString()).isEqualTo("PARENT_UNREADABLE");
        assertThat(explicit.json().get("reason").asString()).isEqualTo("PARENT_UNREADABLE");
        assertThat(full.json().get("reason").asString()).isEqualTo("REQUESTED");
        assertThat(warnings(full)).singleElement().asString().contains(damaged.place());
        assertThat(auto.err()).contains(damaged.place());
    }

    @Test
    void aBackupWhoseDeletionIsLostIsListedAgainWith13AndIsGoneOnceMended() throws IOException {
        assertThat(varve.run("backup", "delete", newest).code()).isZero();
        DamagedManifest damaged = damage(item -> item.id().equals(newest) && item.deleted());

        VarveInProcess.Result list = varve.run("backup", "list", "--json");
        assertThat(list.code()).isEqualTo(13);
        assertThat(list.json()).hasSize(2);
        // What it inherits from there is proven before it is published.
        VarveInProcess.Result next = backUp(3);
        assertThat(parentOf(published(next))).isEqualTo(newest);

        assertThat(varve.run("backup", "delete", newest).code()).isEqualTo(3);
        assertThat(varve.run("backup", "show", newest).code()).isEqualTo(13);
        damaged.mend();
        assertThat(varve.run("backup", "show", newest).code()).isEqualTo(2);
        assertThat(varve.run("verify", "run", "--read-data", "100").code()).isZero();
    }

    @Test
    void verificationReportsItAndEveryReadableBackup() throws IOException {
        DamagedManifest damaged = damage(item -> item.id().equals(newest));

        for (String percent : new String[] {"0", "100"}) {
            VarveInProcess.Result all =
                    varve.run("verify", "run", "--json", "--read-data", percent);
            assertThat(all.code()).isEqualTo(13);
            assertThat(all.json().get("damaged")).hasSize(1);
            assertThat(all.json().at("/damaged/0/contentId").asString())
                    .isEqualTo(damaged.content().id().toString());
            assertThat(all.json().at("/damaged/0/blob").asString())
                    .isEqualTo(damaged.content().pack());
            assertThat(all.json().get("backups").asInt()).isEqualTo(1);
            assertThat(all.json().get("contentsChecked").asLong()).isPositive();
        }
        assertThat(varve.run("verify", "run", older).code()).isZero();
        VarveInProcess.Result hidden = varve.run("verify", "run", newest, "--json");
        assertThat(hidden.code()).isEqualTo(13);
        assertThat(hidden.json().at("/damaged/0/backupId").asString()).isEqualTo(newest);
    }

    @Test
    void withoutItsPolicyARepositoryIsNotCompletedAnewAndStillCompresses() throws IOException {
        DamagedManifest damaged = damage(item -> item.hasLabels(GlobalPolicy.LABELS));

        assertThat(varve.run("repository", "create", "--if-missing").code()).isZero();
        Path text = Files.writeString(folder.resolve("text.img"), "text".repeat(1 << 18));
        VarveInProcess.Result run =
                varve.run("backup", "run", "--json", "--device", text.toString());

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.json().get("writtenBytes").asLong()).isLessThan(1 << 18);
        damaged.mend();
        try (Repository repository = open()) {
            assertThat(repository.manifests().load().items().values())
                    .filteredOn(item -> item.hasLabels(GlobalPolicy.LABELS))
                    .hasSize(1);
        }
    }

    private VarveInProcess.Result backUp(int code, String... options) {
        String[] command = {"backup", "run", "--json", "--device", image.toString()};
        String[] all = new String[command.length + options.length];
        System.arraycopy(command, 0, all, 0, command.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        VarveInProcess.Result result = varve.run(all);
        assertThat(result.code()).as(result.err()).isEqualTo(code);
        return result;
    }

    private static String published(VarveInProcess.Result run) {
        return run.json().get("backupId").asString();
    }

    private String parentOf(String backup) {
        VarveInProcess.Result shown = varve.run("backup", "show", backup, "--json");
        assertThat(shown.code()).as(shown.err()).isZero();
        return shown.json().get("parentId").asString();
    }

    private static JsonNode warnings(VarveInProcess.Result run) {
        return run.json().get("warnings");
    }

    private DamagedManifest damage(Predicate<ManifestEntry> item) throws IOException {
        try (Repository repository = open()) {
            return DamagedManifest.with(repository, item);
        }
    }

    private Repository open() throws IOException {
        return Repository.open(
                FilesystemBlobStorage.open(folder.resolve("repository")),
                varve.password(),
                new RepositorySettings(
                        folder.resolve("cache"), InstantSource.system(), new SecureRandom()));
    }
}
