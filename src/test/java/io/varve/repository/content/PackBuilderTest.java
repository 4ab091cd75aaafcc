package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobId;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.Bytes;
import io.varve.format.ContentId;
import io.varve.format.RepositoryFormat;
import io.varve.format.SeededBytes;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.index.IndexEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PackBuilderTest {

    private static final int MIB = 1 << 20;

    private final SeededBytes bytes = new SeededBytes();
    private final MemoryBlobStorage disk = new MemoryBlobStorage();
    private final List<Boolean> aligned = new ArrayList<>();
    private RepositoryCrypto crypto;
    private PackBuilder packs;

    @BeforeEach
    void open() throws IOException {
        crypto = new RepositoryCrypto(format(bytes));
        packs = builder(120 * MIB);
    }

    @AfterEach
    void close() {
        packs.discard();
    }

    static RepositoryFormat format(SeededBytes bytes) throws IOException {
        return RepositoryFormat.create(
                "BLAKE2B-256-128",
                "AES256-GCM-HMAC-SHA256",
                Bytes.copyOf(bytes.next(RepositoryFormat.KEY_BYTES)),
                Bytes.copyOf(bytes.next(RepositoryFormat.KEY_BYTES)),
                RepositoryFormat.DEFAULT_SPLITTER);
    }

    private PackBuilder builder(int maxBytes) {
        return new PackBuilder(
                new DelegatingBlobStorage(disk) {
                    @Override
                    public void put(BlobId id, ByteBuffer content) throws IOException {
                        int missing = content.alignmentOffset(content.position(), 4096);
                        aligned.add(content.isDirect() && missing == 0);
                        super.put(id, content);
                    }
                },
                crypto,
                new Random(1),
                new PackBuilder.PackKind(
                        'p', "s0011223344556677135", maxBytes, 3, ByteBuffer.allocate(0)));
    }

    @Test
    void oneContentTakesLittleMemoryHoweverBigPacksMayBe() throws IOException {
        append(bytes.next(MIB));

        assertThat(packs.heldBytes()).isBetween(MIB, 4 * MIB);
    }

    @Test
    void aPackIsClosedAt32MebibytesThoughTheRepositoryAllowsMore() throws IOException {
        int contents = fill();
        int held = packs.heldBytes();
        IndexEntry last = packs.put().getLast();

        assertThat(contents).isEqualTo(32);
        assertThat(held).as("memory").isLessThanOrEqualTo(34 * MIB);
        assertThat(pack(last).remaining()).isBetween(32 * MIB, 34 * MIB);
        assertThat(fill()).as("second pack").isEqualTo(32);
        assertThat(packs.heldBytes()).as("one buffer for all packs").isEqualTo(held);
    }

    @Test
    void aRepositoryThatAllowsLessGetsLess() throws IOException {
        packs = builder(10 * MIB);

        assertThat(fill()).isEqualTo(10);
        assertThat(packs.heldBytes()).isLessThanOrEqualTo(12 * MIB);
    }

    @Test
    void contentsSurviveEveryGrowthOfTheBuffer() throws IOException {
        packs = builder(10 * MIB);
        byte[][] contents = {
            bytes.next(100), bytes.next(MIB), bytes.next(5 * MIB), bytes.next(20 * MIB)
        };
        IndexEntry[] entries = new IndexEntry[contents.length];
        for (int i = 0; i < contents.length; i++) {
            entries[i] = append(contents[i]);
        }
        packs.put();

        for (int i = 0; i < contents.length; i++) {
            assertThat(plain(entries[i])).as("%s, content %d", bytes, i).isEqualTo(contents[i]);
        }
    }

    @Test
    void whatIsPutLiesWhereItCanBeWrittenPastThePageCache() throws IOException {
        for (int contents : new int[] {1, 7, 20}) {
            for (int i = 0; i < contents; i++) {
                append(bytes.next(MIB));
            }
            packs.put();
        }
        assertThat(aligned).containsExactly(true, true, true);
    }

    @Test
    void aDiscardedPackFreesItsMemoryAndAnotherCanBeBegun() throws IOException {
        append(bytes.next(MIB));
        packs.discard();

        assertThat(packs.isOpen()).isFalse();
        assertThat(packs.heldBytes()).isZero();
        byte[] content = bytes.next(MIB);
        IndexEntry entry = append(content);
        assertThat(packs.put()).isEqualTo(List.of(entry));
        assertThat(plain(entry)).isEqualTo(content);
    }

    private int fill() throws IOException {
        int contents = 0;
        do {
            append(bytes.next(MIB));
            contents++;
        } while (!packs.isFull());
        return contents;
    }

    private IndexEntry append(byte[] content) throws IOException {
        ByteBuffer plain = ByteBuffer.wrap(content);
        ContentId id = ContentId.of(ContentId.NO_PREFIX, crypto.newHasher().hash(plain));
        return packs.append(id, plain, Compression.NONE, content.length, 1);
    }

    private ByteBuffer pack(IndexEntry entry) throws IOException {
        return disk.get(new BlobId(entry.pack()));
    }

    private byte[] plain(IndexEntry entry) throws IOException {
        ByteBuffer plain = ByteBuffer.allocate(entry.originalLength());
        crypto.newCipher()
                .decrypt(
                        pack(entry).slice(entry.packOffset(), entry.packedLength()),
                        ContentCipher.contentIv(entry.id()),
                        plain);
        return plain.array();
    }
}
