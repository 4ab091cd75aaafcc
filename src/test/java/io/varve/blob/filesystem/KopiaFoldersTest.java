package io.varve.blob.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: in folders that the real kopia wrote every file is found under its blob's id.
 *
 * <p>Method: each listed id is read back by its path rule; a wrong rule is a blob that is listed
 * but not found, a wrong walk is a file that is not listed.
 */
class KopiaFoldersTest {

    @Test
    void everyBlobOfEveryFixtureIsListedAndRead() throws IOException {
        String fixtures = System.getProperty("varve.fixtures", "");
        assumeThat(fixtures).as("system property varve.fixtures").isNotEmpty();
        List<Path> repositories;
        try (Stream<Path> folders = Files.walk(Path.of(fixtures), 3)) {
            repositories = folders.filter(f -> f.endsWith("repo")).sorted().toList();
        }
        assertThat(repositories).hasSizeGreaterThan(20);
        for (Path repository : repositories) {
            try (BlobStorage storage = FilesystemBlobStorage.open(repository)) {
                List<BlobMetadata> blobs = new ArrayList<>();
                storage.list("", blobs::add);
                assertThat(blobs).as("%s", repository).hasSize(blobFiles(repository));
                for (BlobMetadata blob : blobs) {
                    ByteBuffer content = storage.get(blob.id());
                    assertThat((long) content.remaining()).isEqualTo(blob.length());
                }
            }
        }
    }

    private static int blobFiles(Path repository) throws IOException {
        try (Stream<Path> files = Files.walk(repository)) {
            return (int) files.filter(file -> file.toString().endsWith(".f")).count();
        }
    }
}
