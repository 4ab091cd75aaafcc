package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A storage that confirms a put and keeps nothing, or not what it was given, at each put of a
 * backup: what is listed then restores, and the same backup once more succeeds.
 */
class LostPutTest {

    private static final int BLOCKS = 45;

    @TempDir private Path folder;

    /** Loses, or changes, one put. */
    private static final class Liar extends DelegatingBlobStorage {

        private final int liesAt;
        private final UnaryOperator<ByteBuffer> lie;
        private final List<String> puts = new ArrayList<>();

        /**
         * @param lie what is kept instead; empty for nothing
         */
        Liar(BlobStorage storage, int liesAt, UnaryOperator<ByteBuffer> lie) {
            super(storage);
            this.liesAt = liesAt;
            this.lie = lie;
        }

        @Override
        public synchronized void put(BlobId id, ByteBuffer content) throws IOException {
            puts.add(id.value());
            if (puts.size() - 1 != liesAt) {
                super.put(id, content);
                return;
            }
            ByteBuffer kept = lie.apply(content);
            if (kept.hasRemaining()) {
                super.put(id, kept);
            }
        }
    }

    @Test
    void aBlobThatIsLostIsFoundOut() throws IOException {
        atEachPut(_ -> ByteBuffer.allocate(0));
    }

    @Test
    void aBlobThatIsCutIsFoundOut() throws IOException {
        atEachPut(content -> content.duplicate().limit(content.limit() / 2));
    }

    private void atEachPut(UnaryOperator<ByteBuffer> lie) throws IOException {
        Path image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1).path();
        byte[] wanted = Files.readAllBytes(image);
        int put = 0;
        boolean more = true;
        while (more) {
            more = survives(image, wanted, put, lie);
            put++;
        }
        assertThat(put).isGreaterThan(6);
    }

    /** Returns whether there was such a put. */
    private static boolean survives(
            Path image, byte[] wanted, int put, UnaryOperator<ByteBuffer> lie) throws IOException {
        MemoryBlobStorage memory = new MemoryBlobStorage();
        TestRepositories.create(memory).close();
        Liar liar = new Liar(memory, put, lie);
        String id = "";
        try (Repository repository = TestRepositories.open(liar)) {
            ImageBackups backups = new ImageBackups(repository, "disk", "disk");
            id = backups.run(backups.full(image, "1"), 2).backupId();
        } catch (IOException e) {
            assertThat(liar.puts.size()).as(e.toString()).isGreaterThan(put);
        }
        String where = "put %d of %s".formatted(put, liar.puts);
        if (id.isEmpty()) {
            try (Repository repository = TestRepositories.open(memory)) {
                ImageBackups backups = new ImageBackups(repository, "disk", "disk");
                id = backups.run(backups.full(image, "1"), 2).backupId();
            }
        }
        try (Repository repository = TestRepositories.open(memory)) {
            assertThat(TestRepositories.restore(repository, id)).as(where).isEqualTo(wanted);
        }
        return liar.puts.size() > put;
    }
}
