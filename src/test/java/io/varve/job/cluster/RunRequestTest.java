package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.job.ClaimBackup;
import io.varve.job.definition.Definition;
import io.varve.job.definition.DefinitionFile;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody asks for counts more than the definition, or is refused. */
class RunRequestTest {

    private static final String ID = "6ad1c5f0e3b2479c8d21a0b94f7e6c35";

    @TempDir private Path folder;

    private Definition definition(String more) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("nightly.yaml"),
                        """
                        version: 1
                        name: nightly
                        repository: {location: "s3://backups", password: {secret: r, key: p}}
                        database: {url: "jdbc:postgresql://db/varve", user: {secret: d, key: u}, password: {secret: d, key: p}}
                        volumes: [{namespaces: [shop]}]
                        %s
                        """
                                .formatted(more));
        return DefinitionFile.read(file).definition().orElseThrow();
    }

    private static RunRequest request(Optional<BackupType> type, String parent) {
        return new RunRequest(Optional.of(new ClaimName("shop", "data")), type, parent);
    }

    private static ClaimBackup backup(RunRequest request, Definition definition) {
        return request.backup(
                definition,
                new SourceClaim(
                        "shop",
                        "data",
                        "uid",
                        Map.of(),
                        "fast",
                        List.of("ReadWriteOnce"),
                        VolumeMode.BLOCK,
                        "",
                        1,
                        "driver",
                        "volume",
                        "pv",
                        false));
    }

    @Test
    void theTypeIsTheDefinitionsUnlessSomebodyAsksForAnother() throws IOException {
        Definition full = definition("type: full");
        RunRequest nothing = request(Optional.empty(), BackupRequest.PARENT_AUTO);
        assertThat(backup(nothing, full).type()).isEqualTo(BackupType.FULL);
        assertThat(backup(nothing, definition("")).type()).isEqualTo(BackupType.INCREMENTAL);

        RunRequest incremental = request(Optional.of(BackupType.INCREMENTAL), ID);
        incremental.check(full);
        ClaimBackup backup = backup(incremental, full);
        assertThat(backup.type()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(backup.parent()).isEqualTo(ID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"type: full", "tracking: none"})
    void aParentThatWouldNotCountIsRefused(String field) throws IOException {
        Definition definition = definition(field);
        assertThatThrownBy(() -> request(Optional.empty(), ID).check(definition))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("definition nightly")
                .hasMessageContaining("--parent " + ID + " would not count");
        request(Optional.empty(), BackupRequest.PARENT_NONE).check(definition);
        request(Optional.empty(), BackupRequest.PARENT_AUTO).check(definition);
    }
}
