package io.varve.format.hash;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * In processes of their own: how wide a vector is, and whether there are any, is a JVM's choice.
 */
class LaneWidthsTest {

    private static final int PIECES = 11;
    private static final int PIECE_BYTES = 17 * 1024;

    private static final List<HashAlgorithm> ALGORITHMS =
            List.of(
                    HashAlgorithm.BLAKE2B_256_128,
                    HashAlgorithm.BLAKE3_256,
                    HashAlgorithm.HMAC_SHA256,
                    HashAlgorithm.HMAC_SHA224);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-Dnone",
                "--add-modules=jdk.incubator.vector",
                "--add-modules=jdk.incubator.vector -XX:MaxVectorSize=32",
                "--add-modules=jdk.incubator.vector -XX:MaxVectorSize=16",
                "--add-modules=jdk.incubator.vector -XX:UseAVX=1",
            })
    void everyJvmGivesContentsTheSameNames(String flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+IgnoreUnrecognizedVMOptions");
        command.addAll(List.of(flags.split(" ", -1)));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Child.class.getName()));

        Process child =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String names = new String(child.getInputStream().readAllBytes(), US_ASCII);

        assertThat(child.waitFor()).isZero();
        assertThat(names).isEqualTo(names(false));
    }

    /** Prints the names. */
    static final class Child {
        private Child() {}

        public static void main(String[] none) {
            System.out.print(names(true));
        }
    }

    private static String names(boolean several) {
        byte[] bytes = new byte[PIECES * PIECE_BYTES];
        new Random(7).nextBytes(bytes);
        ByteBuffer contents = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        byte[] secret = "a secret".getBytes(US_ASCII);
        int[] offsets = IntStream.range(0, PIECES).map(i -> i * PIECE_BYTES).toArray();
        StringBuilder names = new StringBuilder();
        for (HashAlgorithm algorithm : ALGORITHMS) {
            ContentHasher hasher = algorithm.hasher(secret, () -> several);
            for (byte[] hash : hasher.hash(contents, offsets, PIECE_BYTES)) {
                names.append(HexFormat.of().formatHex(hash)).append('\n');
            }
        }
        return names.toString();
    }
}
