package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.format.ContentId;
import io.varve.format.SeededBytes;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndex;
import io.varve.format.index.PackIndexWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainIndexesTest {

    /** Bytes of an entry with its key. */
    private static final int ROW = 33;

    private static final String BLOB = "xn0_00112233445566778899aabbccddeeff";

    @TempDir Path folder;

    private final SeededBytes bytes = new SeededBytes();
    private PlainIndexes indexes;

    @BeforeEach
    void open() {
        indexes = new PlainIndexes(folder);
    }

    @AfterEach
    void close() {
        indexes.close();
    }

    @Test
    void whatIsSmallStaysInMemory() throws IOException {
        List<IndexEntry> entries = entries(1900);
        PackIndex index = keep(entries);

        assertThat(maps()).isEmpty();
        for (IndexEntry entry : entries) {
            assertThat(index.find(entry.id())).contains(entry);
        }
    }

    @Test
    void everyBiggerIndexIsMappedForReadingFromANamelessFile() throws IOException {
        List<IndexEntry> entries = entries(2100);
        PackIndex first = keep(entries);
        PackIndex second = keep(entries(100_000));

        List<String> maps = maps();
        assertThat(maps).hasSize(2);
        assertThat(maps).allMatch(map -> map.contains(" r--") && map.endsWith("(deleted)"));
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
        assertThat(second.size()).isEqualTo(100_000);
        for (IndexEntry entry : entries) {
            assertThat(first.find(entry.id())).contains(entry);
            assertThat(second.find(entry.id())).isEmpty();
        }
        indexes.close();
        assertThat(maps()).isEmpty();
        indexes = new PlainIndexes(folder);
    }

    @Test
    void anIndexThatIsKeptIsNotResidentUntilItIsSearched() throws IOException {
        int count = 1_000_000;
        PackIndex index = keep(entries(count));

        assertThat(index.find(ContentId.of(ContentId.NO_PREFIX, bytes.next(16)))).isEmpty();
        assertThat(residentKib()).isLessThan(count * ROW / 1024 / 2);
    }

    @Test
    void whatTheSourceFailsWithIsThrownAndNothingIsKept() throws IOException {
        IOException problem = new IOException("tag");

        assertThatThrownBy(
                        () ->
                                indexes.keep(
                                        BLOB,
                                        1 << 20,
                                        sink -> {
                                            sink.write(ByteBuffer.allocate(1 << 20));
                                            throw problem;
                                        }))
                .isSameAs(problem);
        assertThat(maps()).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    /** Written through a map, the index would end the process with a signal. */
    @Test
    @Tag("mount")
    void aFullCacheDiskIsAnError() throws Exception {
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString());
        assumeThat(mounted).as("mounting a tmpfs is permitted").isTrue();
        try {
            assertThatThrownBy(() -> keep(entries(100_000)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("keep index blob " + BLOB)
                    .hasMessageContaining("in " + folder)
                    .hasMessageContaining("free space there");
            List<IndexEntry> fitting = entries(20_000);
            assertThat(keep(fitting).find(fitting.getFirst().id())).contains(fitting.getFirst());
        } finally {
            indexes.close();
            assertThat(run("umount", folder.toString())).isTrue();
            indexes = new PlainIndexes(folder);
        }
    }

    private PackIndex keep(List<IndexEntry> entries) throws IOException {
        ByteBuffer plain = PackIndexWriter.encode(entries);
        return indexes.keep(
                BLOB,
                plain.remaining(),
                sink -> {
                    for (int at = 0; at < plain.remaining(); at += 1 << 20) {
                        sink.write(plain.slice(at, Math.min(1 << 20, plain.remaining() - at)));
                    }
                });
    }

    private List<IndexEntry> entries(int count) {
        List<IndexEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ContentId id = ContentId.of(ContentId.NO_PREFIX, bytes.next(16));
            entries.add(new IndexEntry(id, "p1", i, 28, 0, 0, 3, 1, false));
        }
        return entries;
    }

    /** The memory maps of files in {@link #folder}. */
    private List<String> maps() throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(map -> map.contains(folder.toString())).toList();
        }
    }

    private long residentKib() throws IOException {
        long resident = 0;
        boolean ours = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                ours = line.contains(folder.toString());
            } else if (ours && line.startsWith("Rss:")) {
                resident += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return resident;
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
