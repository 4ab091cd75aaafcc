package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobId;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.RepositoryFormat;
import io.varve.format.SeededBytes;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.PackStream;
import io.varve.repository.content.WriteSession;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a read waits for a network, neighbours are read in one request, and ahead of time. */
class RemoteReadsTest {

    private static final char[] PASSWORD = {'p'};
    private static final int MIB = 1 << 20;
    private static final int AT_ONCE = 8;

    private final SeededBytes bytes = new SeededBytes();
    private final Network storage = new Network();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<ContentId> ids = new ArrayList<>();
    private final ByteBuffer target = ByteBuffer.allocateDirect(AT_ONCE * MIB);
    private Repository repository;

    /** Counts reads of packs, may fail some, and may let none go on before so many have come. */
    private static final class Network extends DelegatingBlobStorage {

        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger failing = new AtomicInteger();
        private volatile CountDownLatch together = new CountDownLatch(0);

        Network() {
            super(new MemoryBlobStorage());
        }

        @Override
        public boolean isRemote() {
            return true;
        }

        @Override
        public void read(BlobId id, long offset, ByteBuffer content) throws IOException {
            if (id.value().startsWith("p")) {
                reads.incrementAndGet();
                arrive();
                if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new EOFException("shorter");
                }
            }
            super.read(id, offset, content);
        }

        private void arrive() throws IOException {
            together.countDown();
            try {
                if (!together.await(1, TimeUnit.MINUTES)) {
                    throw new IOException("the others did not come");
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @BeforeEach
    void create() throws IOException {
        RepositorySettings settings =
                new RepositorySettings(
                        Path.of("target", "test-cache"), Clock.systemUTC(), new Random(1));
        CreateOptions options =
                new CreateOptions(
                        HashAlgorithm.BLAKE2B_256_128,
                        EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                        RepositoryFormat.DEFAULT_SPLITTER,
                        Compression.NONE);
        repository = new RepositoryCreator(storage, settings).create(options, PASSWORD);
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
    }

    /** Stores contents of 1 MiB. */
    private void store(int count, boolean apart) throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            for (int i = 0; i < count; i++) {
                byte[] content = bytes.next(MIB);
                ByteBuffer plain = ByteBuffer.wrap(content);
                ContentId id = stream.idOf(plain);
                stream.store(id, plain);
                contents.add(content);
                ids.add(id);
                if (apart) {
                    stream.closePack();
                }
            }
            stream.closePack();
            session.finish();
        }
    }

    private void read(ContentReader reader, int from) throws IOException {
        reader.read(ids.subList(from, from + AT_ONCE), MIB, target.clear());
        for (int i = 0; i < AT_ONCE; i++) {
            byte[] found = new byte[MIB];
            target.get(i * MIB, found);
            assertThat(found)
                    .as("%s, content %d", bytes, from + i)
                    .isEqualTo(contents.get(from + i));
        }
    }

    @Test
    void neighboursInAPackAreOneRequest() throws IOException {
        store(AT_ONCE, false);
        read(repository.newContentReader(), 0);

        assertThat(storage.reads).hasValue(1);
    }

    @Test
    void contentsOfSeveralPacksAreAskedForAtOnce() throws IOException {
        store(AT_ONCE, true);
        storage.together = new CountDownLatch(AT_ONCE);
        read(repository.newContentReader(), 0);

        assertThat(storage.reads).hasValue(AT_ONCE);
    }

    @Test
    void whatIsExpectedIsAskedForBeforeItIsRead() throws IOException {
        store(2 * AT_ONCE, false);
        ContentReader reader = repository.newContentReader();
        for (int batch = 0; batch < 2; batch++) {
            int asked = batch + 1;
            reader.expect(ids.subList(batch * AT_ONCE, asked * AT_ONCE));
            Awaitility.await()
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> storage.reads.get() == asked);
        }
        read(reader, 0);
        read(reader, AT_ONCE);

        assertThat(storage.reads).hasValue(2);
    }

    @Test
    void manyBatchesInAnyOrderAreReadToTheByte() throws IOException {
        store(6 * AT_ONCE, false);
        ContentReader reader = repository.newContentReader();
        List<Integer> order = List.of(0, 3, 1, 5, 0, 2, 4);
        reader.expect(batch(order.getFirst()));
        for (int i = 0; i < order.size(); i++) {
            if (i + 1 < order.size()) {
                reader.expect(batch(order.get(i + 1)));
            }
            read(reader, order.get(i) * AT_ONCE);
        }
        // What was never asked for is dropped, though it may still be under way.
        reader.expect(batch(1));
        reader.expect(batch(2));
        reader.expect(batch(3));
        read(reader, 0);
    }

    private List<ContentId> batch(int number) {
        return ids.subList(number * AT_ONCE, (number + 1) * AT_ONCE);
    }

    @Test
    void everyOtherContentIsReadWithWhatLiesBetween() throws IOException {
        store(2 * AT_ONCE, false);
        ContentReader reader = repository.newContentReader();
        List<ContentId> some = List.of(ids.get(9), ids.get(2), ids.get(2), ids.get(11));
        reader.read(some, MIB, target.clear());
        for (int i = 0; i < some.size(); i++) {
            byte[] found = new byte[MIB];
            target.get(i * MIB, found);
            assertThat(found).isEqualTo(contents.get(ids.indexOf(some.get(i))));
        }
        assertThat(storage.reads).hasValue(3);
    }

    @Test
    void aRequestThatIsTooWideIsMadeAgainForEachContent() throws IOException {
        store(AT_ONCE, false);
        storage.failing.set(1);
        read(repository.newContentReader(), 0);

        assertThat(storage.reads).hasValue(1 + AT_ONCE);
    }
}
