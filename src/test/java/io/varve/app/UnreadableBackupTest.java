package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.repository.Repository;
import io.varve.repository.RepositorySettings;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of a backup whose manifest nobody understands. */
class UnreadableBackupTest {

    private static final String BAD = "ef".repeat(16);

    @TempDir private Path folder;

    @Test
    void itIsNamedAndStopsNothingButItsOwnVerification() throws IOException {
        VarveInProcess varve = new VarveInProcess(folder);
        assertThat(varve.run("repository", "create").code()).isZero();
        putUnreadableBackup();

        VarveInProcess.Result list = varve.run("backup", "list", "--json");
        assertThat(list.code()).isZero();
        assertThat(list.json()).isEmpty();
        assertThat(list.err()).contains("warning").contains(BAD).contains("startTime");

        assertThat(varve.run("backup", "show", BAD).code()).isEqualTo(13);

        VarveInProcess.Result verify = varve.run("verify", "run", "--json");
        assertThat(verify.code()).isEqualTo(13);
        assertThat(verify.json().at("/damaged/0/backupId").asString()).isEqualTo(BAD);
        assertThat(varve.run("verify", "run", BAD).code()).isEqualTo(13);
    }

    @Test
    void asAParentItMakesAFullBackupWithAWarning() throws IOException {
        VarveInProcess varve = new VarveInProcess(folder);
        assertThat(varve.run("repository", "create").code()).isZero();
        putUnreadableBackup();
        String image = SeededImage.create(folder.resolve("disk.img"), 3, 1).path().toString();
        String[] run = {"backup", "run", "--json", "--device", image, "--parent", BAD};

        VarveInProcess.Result named = varve.run(run);

        assertThat(named.code()).as(named.err()).isEqualTo(3);
        assertThat(named.json().get("actualType").asString()).isEqualTo("FULL");
        assertThat(named.json().get("reason").asString()).isEqualTo("PARENT_UNREADABLE");
        assertThat(named.err()).contains("warning").contains(BAD);
    }

    @Test
    void aBackupThatBuildsOnAnotherWarnsOfIt() throws IOException {
        VarveInProcess varve = new VarveInProcess(folder);
        assertThat(varve.run("repository", "create").code()).isZero();
        String image = SeededImage.create(folder.resolve("disk.img"), 3, 1).path().toString();
        String[] run = {"backup", "run", "--json", "--device", image};
        assertThat(varve.run(run).code()).isZero();
        putUnreadableBackup();

        VarveInProcess.Result next = varve.run(run);

        assertThat(next.code()).as(next.err()).isEqualTo(3);
        assertThat(next.json().get("actualType").asString()).isEqualTo("INCREMENTAL");
        assertThat(next.json().get("warnings").toString()).contains(BAD);
    }

    private void putUnreadableBackup() throws IOException {
        RepositorySettings settings =
                new RepositorySettings(
                        folder.resolve("cache"), InstantSource.system(), new SecureRandom());
        try (Repository repository =
                        Repository.open(
                                FilesystemBlobStorage.open(folder.resolve("repository")),
                                new VarveInProcess(folder).password(),
                                settings);
                WriteSession session = repository.newSession()) {
            String noSeconds = "{\"source\":{},\"startTime\":\"2026-01-01T00:00Z\"}";
            repository.manifests().put(session, BAD, Map.of("type", "snapshot"), noSeconds);
            session.finish();
        }
    }
}
