package io.varve.format.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.SeededBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
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

    /** Secrets that BLAKE3 stretches, and that HMAC hashes; one that all take. */
    @ParameterizedTest
    @EnumSource(HashAlgorithm.class)
    void everyFunctionGivesTheSameNamesForOneAndForSeveral(HashAlgorithm algorithm) {
        assertThat(LaneSupport.isPresent()).isTrue();
        int place = 40 * 1024;
        byte[] content = bytes.next(11 * place);
        ByteBuffer buffer = direct(content);
        int[] offsets = IntStream.range(0, 11).map(i -> i * place + i).toArray();
        for (int secretLength : algorithm.hasLanes() ? new int[] {8, 32, 64} : new int[] {32}) {
            byte[] secret = bytes.next(secretLength);
            ContentHasher several = algorithm.hasher(secret, () -> true);
            ContentHasher single = algorithm.hasher(secret, () -> false);
            for (int length : new int[] {1, 127, 1000, 8064, 8192, 16384, 33 * 1024}) {
                byte[][] hashes = several.hash(buffer, offsets, length);

                for (int i = 0; i < offsets.length; i++) {
                    ByteBuffer one = buffer.slice(offsets[i], length);
                    byte[] expected = single.hash(one);
                    assertThat(hashes[i])
                            .as("%s, secret %d, %d bytes", bytes, secretLength, length)
                            .isEqualTo(expected)
                            .isEqualTo(several.hash(one))
                            .isEqualTo(several.hash(ByteBuffer.wrap(content, offsets[i], length)))
                            .hasSize(algorithm.hashBytes());
                }
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
                    public int fewest() {
                        return 2;
                    }

                    @Override
                    public boolean takes(int length) {
                        return true;
                    }

                    @Override
                    public byte[][] hash(MemorySegment input, long[] offsets, int length) {
                        byte[][] digests = new byte[offsets.length][];
                        for (int lane = 0; lane < offsets.length; lane++) {
                            digests[lane] =
                                    single.hash(
                                            input.asSlice(offsets[lane], length).asByteBuffer());
                        }
                        digests[2][13] ^= 1;
                        return digests;
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

    @ParameterizedTest
    @EnumSource(names = {"BLAKE2B_256", "BLAKE3_256"})
    void aLargeTransferFindsOutWhetherSeveralAtOnceAreFaster(HashAlgorithm algorithm)
            throws Exception {
        LaneSupport.prepare(algorithm, LaneSupport.WORTH_BYTES - 1);
        assertThat(LaneSupport.state(algorithm)).isEqualTo("one by one");

        LaneSupport.prepare(algorithm, LaneSupport.WORTH_BYTES);
        LaneSupport.prepare(algorithm, LaneSupport.WORTH_BYTES);

        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (LaneSupport.state(algorithm).equals("being compiled")) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
        boolean wide = new Blake2bHasher(new byte[32], 32, 32).lanes().takes(1024);
        // Beside other tests on few processors a measurement may go either way.
        assertThat(LaneSupport.state(algorithm))
                .isIn(
                        wide
                                ? List.of(
                                        "several at once",
                                        "one by one: several at once are not faster here")
                                : List.of("one by one: vectors are too narrow here"));
        assertThat(LaneSupport.isReady(algorithm))
                .isEqualTo(LaneSupport.state(algorithm).equals("several at once"));
    }

    @Test
    void whatHasNoLanesIsHashedOneByOne() {
        LaneSupport.prepare(HashAlgorithm.HMAC_SHA3_224, LaneSupport.WORTH_BYTES);

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
