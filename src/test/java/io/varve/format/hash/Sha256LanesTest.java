package io.varve.format.hash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.SeededBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.stream.LongStream;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA224Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against BouncyCastle's implementation. */
class Sha256LanesTest {

    private final SeededBytes bytes = new SeededBytes();

    /** Secrets of more than 64 bytes are hashed first. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32, 63, 64, 65, 130})
    void everyLaneHashesAsBouncyCastleDoes(int secretLength) {
        byte[] secret = bytes.next(secretLength);
        assertAllLanes(Sha256Lanes.sha256(secret), new SHA256Digest(), secret);
        assertAllLanes(Sha256Lanes.sha224(secret), new SHA224Digest(), secret);
    }

    private void assertAllLanes(LaneHasher hasher, Digest digest, byte[] secret) {
        byte[] content = bytes.next(20 * 4096);
        MemorySegment input =
                MemorySegment.ofBuffer(
                        ByteBuffer.allocateDirect(content.length).put(content).flip());
        long[] offsets =
                LongStream.range(0, hasher.lanes()).map(i -> (i * 7 % 9) * 4096 + i).toArray();
        for (int length : new int[] {64, 128, 192, 4096}) {
            byte[][] digests = hasher.hash(input, offsets, length);

            for (int lane = 0; lane < offsets.length; lane++) {
                assertThat(digests[lane])
                        .as("%s, secret %d, lane %d", bytes, secret.length, lane)
                        .isEqualTo(
                                bouncyCastle(digest, secret, content, (int) offsets[lane], length));
            }
        }
    }

    private static byte[] bouncyCastle(
            Digest digest, byte[] secret, byte[] content, int offset, int length) {
        HMac mac = new HMac(digest);
        mac.init(new KeyParameter(secret));
        mac.update(content, offset, length);
        byte[] hash = new byte[mac.getMacSize()];
        mac.doFinal(hash, 0);
        return hash;
    }
}
