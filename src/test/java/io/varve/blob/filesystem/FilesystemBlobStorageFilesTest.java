package io.varve.blob.filesystem;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies on disk, who may read it, and what is made of foreign files and lost folders. */
class FilesystemBlobStorageFilesTest {

    private static final BlobId PACK = new BlobId("p0123456789abcdef0123456789abcdef-s01");

    @TempDir Path temporary;

    @Test
    void aNewStorageHasKopiasLayoutAndIsForItsOwnerAlone() throws IOException {
        Path root = temporary.resolve("one/repo");
        try (BlobStorage storage = FilesystemBlobStorage.create(root)) {
            storage.put(PACK, content("pack"));
            storage.put(new BlobId("kopia.repository"), content("format"));
        }
        assertThat(files(root))
                .containsExactly(
                        ".shards",
                        "kopia.repository.f",
                        "p/012/3456789abcdef0123456789abcdef-s01.f");
        assertThat(root.resolve(".shards"))
                .hasContent("{\"default\":[1,3],\"maxNonShardedLength\":20}");
        for (String folder : List.of("", "p", "p/012")) {
            assertThat(mode(root.resolve(folder))).isEqualTo("rwx------");
        }
        for (String file : files(root)) {
            assertThat(mode(root.resolve(file))).as(file).isEqualTo("rw-------");
        }
    }

    @Test
    void creatingAgainKeepsTheLayoutThatIsThere() throws IOException {
        String flat = "{\"default\":[],\"maxNonShardedLength\":20}";
        Files.writeString(temporary.resolve(".shards"), flat);
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            storage.put(PACK, content("pack"));
        }
        assertThat(files(temporary)).containsExactly(".shards", PACK + ".f");
        assertThat(temporary.resolve(".shards")).hasContent(flat);
    }

    @Test
    void creatingOverARepositoryWithoutShardsFileKeepsItReadable() throws IOException {
        Path pack = temporary.resolve("p01/234/56789abcdef0123456789abcdef-s01.f");
        Files.createDirectories(pack.getParent());
        Files.writeString(pack, "pack");
        Files.writeString(temporary.resolve("kopia.repository.f"), "format");
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            assertThat(storage.get(PACK)).isEqualTo(content("pack"));
        }
        assertThat(temporary.resolve(".shards")).doesNotExist();
    }

    @Test
    void openingWritesNothing() throws IOException {
        FilesystemBlobStorage.open(temporary).close();
        assertThat(files(temporary)).isEmpty();
    }

    @Test
    void openingAMissingFolderOrAFileIsNotFound() throws IOException {
        assertThatThrownBy(() -> FilesystemBlobStorage.open(temporary.resolve("missing")))
                .isInstanceOf(BlobStorageException.NotFound.class)
                .hasMessageMatching("open file:///.*/missing: no such folder");
        Path file = Files.writeString(temporary.resolve("file"), "");
        assertThatThrownBy(() -> FilesystemBlobStorage.open(file))
                .isInstanceOf(BlobStorageException.NotFound.class)
                .hasMessageContaining("not a folder");
    }

    @Test
    void anUnreadableShardsFileIsDamageAndNeverAnotherLayout() throws IOException {
        for (String json : List.of("", "{", "[1,3]", "{\"default\":[0]}", "{\"default\":[null]}")) {
            Files.writeString(temporary.resolve(".shards"), json);
            assertThatThrownBy(() -> FilesystemBlobStorage.open(temporary))
                    .as(json)
                    .isInstanceOf(BlobStorageException.Damaged.class)
                    .hasMessageContaining(temporary.resolve(".shards").toString());
        }
    }

    @Test
    void noTemporaryFileStays() throws IOException {
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            storage.put(PACK, content("one"));
            storage.put(PACK, content("two"));
            storage.putIfAbsent(PACK, content("three"));
            storage.putIfAbsent(new BlobId("xe1"), content("epoch-marker"));
        }
        assertThat(files(temporary))
                .containsExactly(".shards", "p/012/3456789abcdef0123456789abcdef-s01.f", "xe1.f");
    }

    @Test
    void temporaryForeignAndHiddenFilesAreNotListed() throws IOException {
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            storage.put(PACK, content("pack"));
            Files.writeString(temporary.resolve("p/012/345.f.tmp.0123456789abcdef"), "half");
            Files.writeString(temporary.resolve("p/012/notes.txt"), "mine");
            Files.writeString(temporary.resolve("p/012/.hidden"), "");
            Files.writeString(temporary.resolve("..f"), "");
            Files.writeString(temporary.resolve(".f"), "");
            Files.createSymbolicLink(temporary.resolve("dangling.f"), Path.of("nowhere"));
            Files.createDirectories(temporary.resolve("lost+found"));
            Files.writeString(temporary.resolve("lost+found/x.f"), "");
            assertThat(listed(storage, "")).containsExactly(PACK.value());
        }
    }

    @Test
    void aFolderMayBeCalledLikeABlobsFile() throws IOException {
        Files.writeString(temporary.resolve(".shards"), "{\"default\":[7]}");
        List<String> names = List.of("owned", "owner.for.one", "owner.for.two", "owners");
        try (BlobStorage storage = FilesystemBlobStorage.open(temporary)) {
            for (String name : names) {
                storage.put(new BlobId(name), content(name));
            }
            assertThat(temporary.resolve("owner.f/or.one.f")).exists();
            assertThat(listed(storage, "")).isEqualTo(names);
            assertThat(listed(storage, "owner.")).isEqualTo(names.subList(1, 3));
            assertThat(listed(storage, "owner.for.t")).containsExactly("owner.for.two");
        }
    }

    @Test
    void aListDoesNotOpenFoldersOutsideOfItsPrefix() throws IOException {
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            storage.put(PACK, content("pack"));
            // Opening these fails, also for root.
            selfLink(temporary.resolve("q"));
            selfLink(temporary.resolve("p/999"));
            assertThat(listed(storage, "p012")).containsExactly(PACK.value());
            assertThat(listed(storage, "p01")).containsExactly(PACK.value());
            assertThat(listed(storage, "x")).isEmpty();
            assertThatThrownBy(() -> listed(storage, "q"))
                    .isInstanceOf(BlobStorageException.Unavailable.class);
            assertThatThrownBy(() -> listed(storage, "p"))
                    .isInstanceOf(BlobStorageException.Unavailable.class);
        }
    }

    @Test
    void aLostRootIsUnavailableAndNeverAnEmptyStorage() throws IOException {
        Path root = temporary.resolve("repo");
        try (BlobStorage storage = FilesystemBlobStorage.create(root)) {
            Files.delete(root.resolve(".shards"));
            Files.delete(root);
            assertThatThrownBy(() -> listed(storage, ""))
                    .isInstanceOf(BlobStorageException.Unavailable.class)
                    .hasMessageContaining("mounted");
            assertThatThrownBy(() -> storage.get(PACK))
                    .isInstanceOf(BlobStorageException.Unavailable.class);
            assertThatThrownBy(() -> storage.put(PACK, content("pack")))
                    .isInstanceOf(BlobStorageException.Unavailable.class);
        }
        assertThat(root).doesNotExist();
    }

    @Test
    void aRootThatIsLostDuringAListIsUnavailableAndNeverAShortList() throws IOException {
        Path root = temporary.resolve("repo");
        try (BlobStorage storage = FilesystemBlobStorage.create(root)) {
            storage.put(PACK, content("pack"));
            storage.put(new BlobId("q" + PACK.value().substring(1)), content("pack"));
            File elsewhere = temporary.resolve("elsewhere").toFile();
            List<String> visited = new ArrayList<>();
            assertThatThrownBy(
                            () ->
                                    storage.list(
                                            "",
                                            blob -> {
                                                visited.add(blob.id().value());
                                                assertThat(root.toFile().renameTo(elsewhere))
                                                        .isTrue();
                                            }))
                    .isInstanceOf(BlobStorageException.Unavailable.class)
                    .hasMessageContaining("mounted");
            assertThat(visited).containsExactly(PACK.value());
        }
    }

    @Test
    void aShardFolderThatSomebodyRemovedIsMadeAgain() throws IOException {
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            storage.put(PACK, content("pack"));
            storage.delete(PACK);
            Files.delete(temporary.resolve("p/012"));
            Files.delete(temporary.resolve("p"));
            storage.put(PACK, content("pack"));
            assertThat(storage.get(PACK)).isEqualTo(content("pack"));
        }
    }

    @Test
    void anInterruptedReaderDoesNotDisturbTheOthers() throws Exception {
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary);
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            storage.put(PACK, content("pack"));
            Future<Integer> interrupted =
                    threads.submit(
                            () -> {
                                int failures = 0;
                                for (int i = 0; i < 2000; i++) {
                                    Thread.currentThread().interrupt();
                                    try {
                                        storage.read(PACK, 0, ByteBuffer.allocate(4));
                                    } catch (ClosedByInterruptException e) {
                                        failures++;
                                    }
                                    assertThat(Thread.interrupted()).isTrue();
                                }
                                return failures;
                            });
            do {
                ByteBuffer target = ByteBuffer.allocate(4);
                storage.read(PACK, 0, target);
                assertThat(target.flip()).isEqualTo(content("pack"));
            } while (!interrupted.isDone());
            assertThat(interrupted.get()).isEqualTo(2000);
        }
    }

    @Test
    void fewFilesStayOpenAndNoneAfterClosing() throws IOException {
        assumeThat(Path.of("/proc/self/fd")).isDirectory();
        try (BlobStorage storage = FilesystemBlobStorage.create(temporary)) {
            for (int i = 0; i < 200; i++) {
                BlobId id = new BlobId("q" + i);
                storage.put(id, content("blob"));
                storage.read(id, 0, ByteBuffer.allocate(4));
            }
            assertThat(openFiles()).isBetween(1, 64);
        }
        assertThat(openFiles()).isZero();
    }

    private int openFiles() throws IOException {
        int open = 0;
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    open += Files.readSymbolicLink(descriptor).startsWith(temporary) ? 1 : 0;
                } catch (NoSuchFileException closedByAnotherThread) {
                    // Not one of this test's, whose storage has no thread.
                }
            }
        }
        return open;
    }

    private static void selfLink(Path path) throws IOException {
        Files.createSymbolicLink(path, path.getFileName());
    }

    private static ByteBuffer content(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static List<String> listed(BlobStorage storage, String prefix) throws IOException {
        List<String> ids = new ArrayList<>();
        storage.list(prefix, blob -> ids.add(blob.id().value()));
        return ids;
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
