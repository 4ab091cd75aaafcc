package io.varve.format.ecc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The encoder of the tests is held to known values first; so what it wraps is what kopia would
 * store.
 */
class EccDecoderTest {

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @CsvSource({
        "1, 254, 2, 1024", "2, 164, 2, 512", "3, 139, 2, 256", "4, 228, 2, 128",
        "5, 128, 2, 128", "6, 128, 3, 128", "7, 254, 2, 64", "8, 128, 2, 64",
        "9, 128, 3, 64", "10, 128, 4, 64", "15, 128, 11, 64", "20, 128, 17, 64",
        "25, 128, 24, 64", "50, 128, 56, 64", "75, 128, 88, 64", "100, 128, 120, 64"
    })
    void anOverheadGivesAShape(int percent, int data, int parity, int shardBytes) {
        assertThat(EccShape.of(percent)).isEqualTo(new EccShape(data, parity, shardBytes));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 20, 2dad28cf00060c6686c0536710171e613b9e0b61000000148bb986130001020360d3b885040506"
                + "07861cfd7e08090a0b6d76c3e80c0d0e0f90f370c910111213",
        "1, 30, 7bc41e9614127824484b09a6135e1e196c2f484ad07d1f4f0000001e0001fa3d1de10203040506"
                + "07e16d7d8b08090a0b0c0db82ff8d70e0f101112130bee74f31415161718190a8efec91a1b"
                + "1c1d0000"
    })
    void aSmallItemUnwraps(int percent, int length, String stored) throws Exception {
        byte[] wrapped = HexFormat.of().parseHex(stored);

        assertThat(encoder(percent).wrap(ascending(length))).isEqualTo(wrapped);
        assertThat(unwrapped(percent, wrapped)).isEqualTo(ascending(length));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1000, 1376, 2353c0b1b9aea6ab8acd36f27f3c1974e3f335ba213ea9b94ec7c60b504d76da",
        "2, 5000, 5810, 167b674b7657b3fc1c43a7dcf9d7ff6a1bbdbd42347e7e57282ac443f1054d41",
        "2, 70000, 71546, 15236faa14017d9e6ce84a36ea1c964af5ce8e9147fa4a08b4dd1ace5b96fd61",
        "10, 70000, 76828, 258f6892ae5ab3cac1fbeb497faf2411ad5cbff7490dcfd58e50903dd51c2ed6"
    })
    void anItemOfEachClassUnwraps(int percent, int length, int storedLength, String sha256)
            throws Exception {
        byte[] wrapped = encoder(percent).wrap(ascending(length));

        assertThat(wrapped).hasSize(storedLength);
        assertThat(MessageDigest.getInstance("SHA-256").digest(wrapped))
                .isEqualTo(HexFormat.of().parseHex(sha256));
        assertThat(unwrapped(percent, wrapped)).isEqualTo(ascending(length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 50, 75, 100})
    void everyLengthAroundTheBordersOfTheClassesUnwraps(int percent) throws Exception {
        EccShape shape = EccShape.of(percent);
        int small = 8 * (shape.data() + shape.parity()) - 4;
        int block = shape.data() * shape.maxShardBytes();
        int[] lengths = {
            0,
            1,
            2,
            3,
            28,
            small - 1,
            small,
            small + 1,
            small + shape.data(),
            block - 5,
            block - 4,
            block - 3,
            block + shape.maxShardBytes() - 4,
            block + shape.maxShardBytes() - 3,
            2 * block - 5,
            2 * block - 4,
            2 * block - 3
        };
        for (int length : lengths) {
            byte[] sealed = bytes.next(length);
            byte[] wrapped = encoder(percent).wrap(sealed);

            assertThat(unwrapped(percent, wrapped))
                    .as("%s, %d%%, %d bytes", bytes, percent, length)
                    .isEqualTo(sealed);
        }
    }

    /** As many as a block has parity shards, of any kind, in each class. */
    @ParameterizedTest
    @CsvSource({
        "2, 20, 6, 2", "2, 5000, 164, 2", "2, 90000, 164, 2", "4, 40000, 228, 2",
        "10, 7, 6, 2", "10, 3000, 128, 4", "10, 20000, 128, 4", "100, 3000, 128, 120",
        "100, 17000, 128, 120"
    })
    void damagedShardsAreRepaired(int percent, int length, int data, int parity) throws Exception {
        byte[] sealed = bytes.next(length);
        byte[] wrapped = encoder(percent).wrap(sealed);
        for (int round = 0; round < 5; round++) {
            byte[] damaged = wrapped.clone();
            damage(damaged, percent, data, parity, parity);

            assertThat(unwrapped(percent, damaged))
                    .as("%s, round %d", bytes, round)
                    .isEqualTo(sealed);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 20, 6, 2", "2, 5000, 164, 2", "2, 90000, 164, 2", "10, 20000, 128, 4"})
    void oneDamagedShardTooManyIsCorrupt(int percent, int length, int data, int parity) {
        byte[] damaged = encoder(percent).wrap(bytes.next(length));
        damage(damaged, percent, data, parity, parity + 1);

        assertThatThrownBy(() -> unwrapped(percent, damaged))
                .as("%s", bytes)
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("sound shards, and %d are needed", data);
    }

    @Test
    void damageToParityAloneIsNoHarm() throws Exception {
        byte[] sealed = bytes.next(20_000);
        byte[] damaged = encoder(10).wrap(sealed);
        // Three blocks with four parity shards each.
        Arrays.fill(damaged, 0, 3 * 4 * 68, (byte) 0);

        assertThat(unwrapped(10, damaged)).isEqualTo(sealed);
    }

    /** What else comes out of a cut item is for the encryption inside to refuse. */
    @Test
    void anItemCutAnywhereIsCorruptOrYieldsNoMoreThanItHolds() throws Exception {
        byte[] wrapped = encoder(10).wrap(bytes.next(20_000));
        int corrupt = 0;
        for (int length = 0; length < wrapped.length; length += 1 + length / 50) {
            try {
                byte[] unwrapped = unwrapped(10, Arrays.copyOf(wrapped, length));
                assertThat(unwrapped.length).as("%s, %d bytes", bytes, length).isLessThan(length);
            } catch (CorruptFormatException expected) {
                corrupt++;
            }
        }
        assertThat(corrupt).as("%s", bytes).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000000f", "ffffffff", "7fffffff"})
    void aLengthInsideBeyondTheItemIsCorrupt(String length) {
        byte[] wrapped = encoder(2).wrap(new byte[11]);
        // Six data shards of three bytes after two parity shards; the length takes the first two.
        ByteBuffer stored = ByteBuffer.wrap(wrapped);
        byte[] lie = HexFormat.of().parseHex(length);
        for (int shard = 0; shard < 2; shard++) {
            int offset = (2 + shard) * 7;
            byte[] changed = Arrays.copyOfRange(wrapped, offset + 4, offset + 7);
            System.arraycopy(lie, 3 * shard, changed, 0, Math.min(3, 4 - 3 * shard));
            CRC32 crc = new CRC32();
            crc.update(changed);
            stored.putInt(offset, (int) crc.getValue()).put(offset + 4, changed);
        }

        assertThatThrownBy(() -> unwrapped(2, wrapped))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("length inside is %d", Long.parseLong(length, 16));
    }

    @Test
    void anUnknownAlgorithmIsRefused() {
        assertThatThrownBy(() -> EccDecoder.of("XOR", 2))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'XOR' of 2 percent");
        assertThatThrownBy(() -> EccDecoder.of(EccDecoder.REED_SOLOMON_CRC32, 0))
                .isInstanceOf(UnsupportedFormatException.class);
    }

    /** Changes one byte, of the checksum or of the bytes, in {@code count} shards of each block. */
    private void damage(byte[] wrapped, int percent, int data, int parity, int count) {
        boolean small = data == 6;
        EccShape shape = EccShape.of(percent);
        int full = (data + parity) * (4 + shape.maxShardBytes());
        int blocks = small || wrapped.length <= full ? 1 : Math.ceilDiv(wrapped.length, full);
        int shard = blocks == 1 ? wrapped.length / (data + parity) : 4 + shape.maxShardBytes();
        int dataStart = blocks * parity * shard;
        int stored = Math.ceilDiv(wrapped.length - dataStart, shard);
        for (int block = 0; block < blocks; block++) {
            int first = block * data;
            int inBlock = Math.min(data, stored - first);
            // At least one data shard, or nothing would have to be repaired.
            int[] chosen = distinct(count, inBlock, inBlock + parity);
            for (int index : chosen) {
                int offset =
                        index < inBlock
                                ? dataStart + (first + index) * shard
                                : (block * parity + index - inBlock) * shard;
                int length = Math.min(shard, wrapped.length - offset);
                wrapped[offset + bytes.nextInt(length)] ^= (byte) (1 + bytes.nextInt(255));
            }
        }
    }

    /** Distinct numbers below {@code bound}, the first of them below {@code firstBound}. */
    private int[] distinct(int count, int firstBound, int bound) {
        return IntStream.concat(
                        IntStream.of(bytes.nextInt(firstBound)),
                        IntStream.generate(() -> bytes.nextInt(bound)))
                .distinct()
                .limit(count)
                .toArray();
    }

    private static EccEncoder encoder(int percent) {
        EccShape shape = EccShape.of(percent);
        return new EccEncoder(shape.data(), shape.parity(), shape.maxShardBytes());
    }

    /** From a direct buffer, in whose middle the item lies. */
    private static byte[] unwrapped(int percent, byte[] stored) throws Exception {
        ByteBuffer item = ByteBuffer.allocateDirect(stored.length + 20).position(9);
        item.put(stored).flip().position(9);

        ByteBuffer sealed = EccDecoder.of(EccDecoder.REED_SOLOMON_CRC32, percent).unwrap(item);

        assertThat(item.position()).isEqualTo(9);
        byte[] unwrapped = new byte[sealed.remaining()];
        sealed.get(unwrapped);
        return unwrapped;
    }

    private static byte[] ascending(int length) {
        byte[] ascending = new byte[length];
        for (int i = 0; i < length; i++) {
            ascending[i] = (byte) i;
        }
        return ascending;
    }
}
