package io.varve.repository.object;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SettableClock;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.RepositoryFormat;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objects that are copied with small changes, as a volume's table is. */
class RecentChunksTest {

    private static final int CHUNKS = 7;
    private static final int PIECE = 5000;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
    private Repository repository;

    @BeforeEach
    void create() throws IOException {
        RepositorySettings settings =
                new RepositorySettings(Path.of("target", "test-cache"), clock, new Random(1));
        repository =
                new RepositoryCreator(new MemoryBlobStorage(clock), settings)
                        .create(
                                new CreateOptions(
                                        HashAlgorithm.BLAKE2B_256_128,
                                        EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                                        RepositoryFormat.DEFAULT_SPLITTER,
                                        Compression.NONE),
                                "correct horse".toCharArray());
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
    }

    @Test
    void aCopyHasTheIdThatItsBytesHave() throws IOException {
        byte[] bytes = randomBytes(CHUNKS * ObjectWriter.CHUNK + 17);
        try (WriteSession session = repository.newSession()) {
            ObjectId original = write(session, bytes, bytes.length);
            session.flush();
            assertThat(copy(session, original, new byte[0])).isEqualTo(original);
        }
    }

    @Test
    void aCopyWithChangesIsNamedByItsOwnBytes() throws IOException {
        byte[] bytes = randomBytes(CHUNKS * ObjectWriter.CHUNK + 17);
        try (WriteSession session = repository.newSession()) {
            ObjectId original = write(session, bytes, bytes.length);
            session.flush();
            // Of every chunk but the first a byte is another one; of the second the last.
            byte[] changes = new byte[bytes.length];
            changes[2 * ObjectWriter.CHUNK - 1] = 1;
            for (int chunk = 2; chunk <= CHUNKS; chunk++) {
                changes[chunk * ObjectWriter.CHUNK + chunk] = 1;
            }
            ObjectId copied = copy(session, original, changes);
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] ^= changes[at];
            }
            session.flush();
            assertThat(copied)
                    .isEqualTo(write(session, bytes, bytes.length))
                    .isNotEqualTo(original);
            try (InputStream in = repository.newObjectReader().open(copied)) {
                assertThat(in.readAllBytes()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aChunkIsKnownByItsBytesAndItsPrefixWhileItIsKept() {
        RecentChunks recent = new RecentChunks();
        ByteBuffer plain = ByteBuffer.wrap(randomBytes(100));
        ContentId id = ContentId.of('x', randomBytes(16));
        recent.keep(id, plain);
        assertThat(recent.idOf('x', plain.duplicate())).contains(id);
        assertThat(recent.idOf('k', plain.duplicate())).isEmpty();
        assertThat(recent.idOf('x', plain.duplicate().limit(99))).isEmpty();
        recent.keep(ContentId.of('x', randomBytes(16)), ByteBuffer.wrap(randomBytes(100)));
        recent.keep(ContentId.of('x', randomBytes(16)), ByteBuffer.wrap(randomBytes(100)));
        assertThat(recent.idOf('x', plain.duplicate())).contains(id);
        recent.keep(ContentId.of('x', randomBytes(16)), ByteBuffer.wrap(randomBytes(100)));
        assertThat(recent.idOf('x', plain.duplicate())).isEmpty();
    }

    private final Random random = new Random(7);

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ObjectId write(WriteSession session, byte[] bytes, int length)
            throws IOException {
        try (ObjectWriter out = new ObjectWriter(session, 'x')) {
            out.write(bytes, 0, length);
            return out.finish();
        }
    }

    /** In pieces that no chunk ends with, each xor the same bytes of {@code changes}. */
    private ObjectId copy(WriteSession session, ObjectId original, byte[] changes)
            throws IOException {
        RecentChunks recent = new RecentChunks();
        try (InputStream in = repository.newObjectReader(recent).open(original);
                ObjectWriter out = new ObjectWriter(session, 'x', recent)) {
            int at = 0;
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count > 0; count = in.read(piece)) {
                for (int i = 0; i < count && at + i < changes.length; i++) {
                    piece[i] ^= changes[at + i];
                }
                out.write(piece, 0, count);
                at += count;
            }
            return out.finish();
        }
    }
}
