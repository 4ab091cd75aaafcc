package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorageException;
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
import io.varve.repository.content.Placement;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where a put waits for a network, packs are put while the next one is filled. */
class RemoteUploadsTest {

    private static final char[] PASSWORD = {'p'};
    private static final int MIB = 1 << 20;

    /** Of a content that is a pack by itself. */
    private static final int PACK = 33 * MIB;

    private final SeededBytes bytes = new SeededBytes();
    private final Map<ContentId, byte[]> contents = new HashMap<>();
    private final Network storage = new Network();
    private Repository repository;

    /** Packs of blocks wait at it until they are let go. */
    private static final class Network extends DelegatingBlobStorage {

        private final Semaphore let = new Semaphore(0);
        private final AtomicInteger arrived = new AtomicInteger();
        private volatile boolean refusing;

        Network() {
            super(new MemoryBlobStorage());
        }

        @Override
        public boolean isRemote() {
            return true;
        }

        @Override
        public void put(BlobId id, ByteBuffer content) throws IOException {
            if (id.value().startsWith("p")) {
                arrived.incrementAndGet();
                let.acquireUninterruptibly();
                if (refusing) {
                    throw new BlobStorageException.Denied(
                            "write blob " + id, "the network", new IOException("full"));
                }
            }
            super.put(id, content);
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

    private Placement store(PackStream stream, int length) throws IOException {
        return store(stream, bytes.next(length));
    }

    private Placement store(PackStream stream, byte[] content) throws IOException {
        ByteBuffer plain = ByteBuffer.wrap(content);
        ContentId id = stream.idOf(plain);
        contents.put(id, content);
        return stream.store(id, plain);
    }

    @Test
    void twoPacksAreUnderWayWhileAThirdIsFilledAndAFourthWaits() throws Exception {
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
                WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            List<Placement> placed = new ArrayList<>();
            placed.add(store(stream, PACK));
            placed.add(store(stream, PACK));
            placed.add(store(stream, MIB));
            assertThat(placed).noneMatch(each -> each.durability().isReached());

            Future<Placement> third = other.submit(() -> store(stream, PACK));
            assertThatThrownBy(() -> third.get(200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            assertThat(storage.arrived.get()).isEqualTo(2);

            storage.let.release();
            placed.add(third.get(1, TimeUnit.MINUTES));
            storage.let.release(2);
            stream.closePack();
            assertThat(placed).allMatch(each -> each.durability().isReached());
            session.finish();
            assertAllAreThere();
        }
    }

    @Test
    void aPackThatIsNotStoredIsToldOfAndItsContentsAreNotKnown() throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            storage.refusing = true;
            storage.let.release(100);
            byte[] content = bytes.next(PACK);
            Placement lost = store(stream, content);

            assertThatThrownBy(stream::closePack)
                    .isInstanceOf(BlobStorageException.Denied.class)
                    .hasMessageContaining("the network");
            assertThatThrownBy(() -> lost.durability().await()).hasMessageContaining("not stored");

            storage.refusing = false;
            Placement again = store(stream, content);
            assertThat(again.stored()).as("stored again").isPresent();
            stream.closePack();
            session.finish();
            assertThat(again.durability().isReached()).isTrue();
            assertAllAreThere();
        }
    }

    @Test
    void aFailureThatWasNotAskedForIsToldOfByTheNextPack() throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            storage.refusing = true;
            storage.let.release(100);
            Placement lost = store(stream, PACK);
            assertThatThrownBy(() -> lost.durability().await()).isInstanceOf(IOException.class);
            assertThatThrownBy(
                            () -> {
                                store(stream, PACK);
                                store(stream, PACK);
                            })
                    .isInstanceOf(BlobStorageException.Denied.class);
        }
    }

    @Test
    void aStreamThatIsClosedWaitsForItsPacks() throws Exception {
        try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
                WriteSession session = repository.newSession()) {
            PackStream stream = session.newStream();
            Placement placed = store(stream, PACK);
            Future<?> closed = other.submit(stream::close);
            assertThatThrownBy(() -> closed.get(200, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            storage.let.release();
            closed.get(1, TimeUnit.MINUTES);
            assertThat(placed.durability().isReached()).isTrue();
            session.finish();
            assertAllAreThere();
        }
    }

    /** Memory that was used again too early would show here. */
    @Test
    void whatManyPacksHeldIsThereToTheByte() throws IOException {
        storage.let.release(100);
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            for (int i = 0; i < 8; i++) {
                store(stream, PACK / 2);
            }
            stream.closePack();
            session.finish();
        }
        assertAllAreThere();
    }

    private void assertAllAreThere() throws IOException {
        repository.refreshIndex();
        ContentReader reader = repository.newContentReader();
        for (Map.Entry<ContentId, byte[]> each : contents.entrySet()) {
            assertThat(reader.read(each.getKey())).isEqualTo(ByteBuffer.wrap(each.getValue()));
        }
    }
}
