package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobId;
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
        IndexEntry last = put().getLast();

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
        put();

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
            put();
        }
        assertThat(aligned).containsExactly(true, true, true);
    }

    @Test
    void aPackThatIsBeingPutIsNotTouchedByTheNextOne() throws IOException {
        packs = builder(10 * MIB);
        byte[][] contents = new byte[20][];
        List<IndexEntry> entries = new ArrayList<>();
        List<SealedPack> sealed = new ArrayList<>();
        for (int i = 0; i < contents.length; i++) {
            contents[i] = bytes.next(MIB);
            entries.add(append(contents[i]));
            if (packs.isFull()) {
                sealed.add(packs.seal());
            }
        }
        for (SealedPack pack : sealed) {
            pack.put(disk);
            packs.reuse(pack.memory());
        }

        assertThat(sealed).hasSize(2);
        for (int i = 0; i < contents.length; i++) {
            assertThat(plain(entries.get(i))).as("content %d", i).isEqualTo(contents[i]);
        }
        assertThat(packs.heldBytes()).as("both, for the next packs").isLessThan(25 * MIB);
    }

    @Test
    void aDiscardedPackFreesItsMemoryAndAnotherCanBeBegun() throws IOException {
        append(bytes.next(MIB));
        packs.discard();

        assertThat(packs.isOpen()).isFalse();
        assertThat(packs.heldBytes()).isZero();
        byte[] content = bytes.next(MIB);
        IndexEntry entry = append(content);
        assertThat(put()).isEqualTo(List.of(entry));
        assertThat(plain(entry)).isEqualTo(content);
    }

    private List<IndexEntry> put() throws IOException {
        SealedPack sealed = packs.seal();
        ByteBuffer content = sealed.memory().bytes();
        aligned.add(content.isDirect() && content.alignmentOffset(0, 4096) == 0);
        sealed.put(disk);
        packs.reuse(sealed.memory());
        return sealed.entries();
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
