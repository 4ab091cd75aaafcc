package io.varve.format.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.SeededBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against BouncyCastle's implementation, and against the plain way. */
class BatchHasherTest {

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 32, 64})
    void anyNumberOfContentsAtAnyOffsetsHashesAsInBouncyCastle(int keyLength) {
        byte[] key = bytes.next(keyLength);
        Blake2bHasher single = new Blake2bHasher(key, 32, 32);
        BatchHasher batch = new BatchHasher(single, single::lanes, () -> true, 32);
        ByteBuffer buffer = direct(bytes.next(20 * 4096 + 7));
        for (int length : new int[] {128, 1024}) {
            for (int number : new int[] {0, 1, 2, 3, 4, 5, 7, 8, 9, 17}) {
                int count = number;
                int[] offsets =
                        IntStream.range(0, count).map(i -> (count - i) * 4096 - i % 3).toArray();

                byte[][] hashes = batch.hash(buffer, offsets, length);

                for (int i = 0; i < count; i++) {
                    assertThat(hashes[i])
                            .as("%s, key %d, %d of %d", bytes, keyLength, i, count)
                            .isEqualTo(bouncyCastle(key, buffer.slice(offsets[i], length)));
                }
                assertThat(hashes).hasDimensions(count, count == 0 ? 0 : 32);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HashAlgorithm.class)
    void everyFunctionGivesTheSameNamesForOneAndForSeveral(HashAlgorithm algorithm) {
        byte[] secret = bytes.next(32);
        ContentHasher several = algorithm.hasher(secret, () -> true);
        ContentHasher single = algorithm.hasher(secret, () -> false);
        ByteBuffer buffer = direct(bytes.next(9 * 8192));
        for (int length : new int[] {1, 127, 1000, 8064, 8192}) {
            int[] offsets = IntStream.range(0, 9).map(i -> i * 8192).toArray();

            byte[][] hashes = several.hash(buffer, offsets, length);

            for (int i = 0; i < offsets.length; i++) {
                assertThat(hashes[i])
                        .as("%s, %d bytes", bytes, length)
                        .isEqualTo(single.hash(buffer.slice(offsets[i], length)));
            }
        }
    }

    @Test
    void hashesThatAreComputedWronglyEndTheRun() {
        Blake2bHasher single = new Blake2bHasher(bytes.next(32), 32, 16);
        LaneHasher wrong =
                new LaneHasher() {
                    @Override
                    public int lanes() {
                        return 4;
                    }

                    @Override
                    public boolean takes(int length) {
                        return true;
                    }

                    @Override
                    public void hash(
                            MemorySegment input, long[] offsets, int length, long[][] digests) {
                        for (int lane = 0; lane < offsets.length; lane++) {
                            byte[] hash =
                                    single.hash(
                                            input.asSlice(offsets[lane], length).asByteBuffer());
                            ByteBuffer.wrap(hash)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .asLongBuffer()
                                    .get(digests[lane]);
                        }
                        digests[2][1] ^= 1L << 40;
                    }
                };
        BatchHasher batch = new BatchHasher(single, () -> wrong, () -> true, 16);
        ByteBuffer buffer = direct(bytes.next(4 * 1024));
        int[] offsets = {0, 1024, 2048, 3072};

        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                batch.hash(buffer, offsets, 1024);
                            }
                        })
                .isInstanceOf(WrongHashException.class)
                .hasMessageContaining("computes wrongly");
    }

    @Test
    void aLargeTransferFindsOutWhetherSeveralAtOnceAreFaster() throws Exception {
        LaneSupport.prepare(HashAlgorithm.BLAKE2B_256, LaneSupport.WORTH_BYTES - 1);
        assertThat(LaneSupport.state(HashAlgorithm.BLAKE2B_256)).isEqualTo("one by one");

        LaneSupport.prepare(HashAlgorithm.BLAKE2B_256, LaneSupport.WORTH_BYTES);
        LaneSupport.prepare(HashAlgorithm.BLAKE2B_256, LaneSupport.WORTH_BYTES);
        LaneSupport.prepare(HashAlgorithm.HMAC_SHA3_224, LaneSupport.WORTH_BYTES);

        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (LaneSupport.state(HashAlgorithm.BLAKE2B_256).equals("being compiled")) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
        boolean wide = new Blake2bHasher(new byte[32], 32, 32).lanes().takes(1024);
        assertThat(LaneSupport.state(HashAlgorithm.BLAKE2B_256))
                .isEqualTo(
                        wide
                                ? "several at once"
                                : "one by one: several at once are not faster here");
        assertThat(LaneSupport.isReady(HashAlgorithm.BLAKE2B_256)).isEqualTo(wide);
        assertThat(LaneSupport.state(HashAlgorithm.HMAC_SHA3_224)).isEqualTo("one by one");
    }

    private static ByteBuffer direct(byte[] content) {
        return ByteBuffer.allocateDirect(content.length).put(content).flip();
    }

    private static byte[] bouncyCastle(byte[] key, ByteBuffer content) {
        Blake2bDigest digest =
                key.length == 0 ? new Blake2bDigest(256) : new Blake2bDigest(key, 32, null, null);
        byte[] array = new byte[content.remaining()];
        content.get(array);
        digest.update(array, 0, array.length);
        byte[] hash = new byte[32];
        digest.doFinal(hash, 0);
        return hash;
    }
}
