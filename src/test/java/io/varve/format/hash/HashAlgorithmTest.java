package io.varve.format.hash;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The values are from the format's description; they were computed with other implementations. */
class HashAlgorithmTest {

    private static final byte[] SECRET = ascending(0x20, 32);

    private final RandomGenerator random = RandomGeneratorFactory.getDefault().create(20261122);

    @ParameterizedTest
    @CsvSource({
        "BLAKE2B-256-128, 27366ff238c0cfa5f69df1f7a3c5b9b4, 0951cc974d65734e6ba033ea452f8464",
        "BLAKE2B-256, 27366ff238c0cfa5f69df1f7a3c5b9b4b624478571ec2dd33368a5fcb803a667,"
                + "0951cc974d65734e6ba033ea452f84644cf0b1bb235a252261441647e9e67382",
        "BLAKE2S-128, e81d13439e25dfe1a2d3cfc79138ed55, dd6d830c2ab357614bd6b009af21dd36",
        "BLAKE2S-256, ab8f845ba7c1dbfa13d17316bab437a4aa5aa9f6dfe68b6e74a2989362f4b54d,"
                + "fab1b1fe4ad6b97a57ecf81841f840bb25ffc0f607bf8afff91539b235202315",
        "BLAKE3-256, 4b57adcaf21ce6ec2187b5732f8e7537feffdd7951cf299f222e55172e33c881,"
                + "f8a707ccac6d5c7344f3075c205236c529ad840925ffae5a62011aefc9a895a9",
        "BLAKE3-256-128, 4b57adcaf21ce6ec2187b5732f8e7537, f8a707ccac6d5c7344f3075c205236c5",
        "HMAC-SHA256, f49240b78aa90e53f46106c3481e377e19696e777328b1cd6ec6061a0bd868a9,"
                + "1aec074502f2463912a191ca4d93c770524367c8afd40af8766cf0a96888bd8c",
        "HMAC-SHA256-128, f49240b78aa90e53f46106c3481e377e, 1aec074502f2463912a191ca4d93c770",
        "HMAC-SHA224, 00eb08ee91a2d54d5bf272dce43fc2c2a7b3308830297fb6f6a53e67,"
                + "88c22ef523491702777aebcf0f7d4e78053b0879c2ff62866bc199b8",
        "HMAC-SHA3-224, 25ec80451aa6864468fd3ff67484cd701cca5d37ac8d471898df79b1,"
                + "de832416e760f94cd94ccdfc2c3ca7444b3404b4bb2619051980ba70",
        "HMAC-SHA3-256, 38d1b237e609baf7f5f6a58f06970d3496f902be36b1cd06ce857fd30cbc72f5,"
                + "506ba3517bb9c1e929489abd44965dad0db2a7aaa9730fc788c3319f6ef8b0ed",
    })
    void hashesOfNothingAndOfHello(String name, String ofNothing, String ofHello)
            throws UnsupportedFormatException {
        HashAlgorithm algorithm = HashAlgorithm.named(name);
        ContentHasher hasher = algorithm.hasher(SECRET);

        assertThat(algorithm.formatName()).isEqualTo(name);
        assertThat(hex(hasher.hash(ascii("hello")))).isEqualTo(ofHello);
        assertThat(hex(hasher.hash(ascii("")))).isEqualTo(ofNothing);
        assertThat(hex(hasher.hash(ascii("hello")))).as("again").isEqualTo(ofHello);
        assertThat(algorithm.hashBytes()).isEqualTo(ofHello.length() / 2);
    }

    @ParameterizedTest
    @EnumSource
    void aBufferOfAnyKindGivesTheSameHashAndIsLeftAsItWas(HashAlgorithm algorithm) {
        ContentHasher hasher = algorithm.hasher(SECRET);
        byte[] content = new byte[100_003];
        random.nextBytes(content);
        byte[] expected = hasher.hash(ByteBuffer.wrap(content));

        ByteBuffer heap = ByteBuffer.allocate(content.length + 11);
        ByteBuffer direct = ByteBuffer.allocateDirect(content.length + 11);
        for (ByteBuffer buffer : new ByteBuffer[] {heap, direct}) {
            buffer.position(7).put(content).limit(buffer.position()).position(7);
            ByteBuffer sliced = buffer.slice();

            for (ByteBuffer form : new ByteBuffer[] {buffer, sliced, buffer.asReadOnlyBuffer()}) {
                ByteBuffer before = form.duplicate();
                assertThat(hasher.hash(form)).as("%s", form).isEqualTo(expected);
                assertThat(form.position()).isEqualTo(before.position());
                assertThat(form.limit()).isEqualTo(before.limit());
            }
        }
    }

    @Test
    void theZeroBlockHasItsKnownName() {
        ContentHasher hasher = HashAlgorithm.BLAKE2B_256_128.hasher(SECRET);

        assertThat(hex(hasher.hash(ByteBuffer.allocateDirect(1 << 20))))
                .isEqualTo("43b252e336a71dba3cd309070bec67d7");
    }

    @Test
    void aBlake3SecretOfFewerThan32BytesIsStretchedAndALongerOneCut() {
        byte[] secret = ascending(0x20, 16);

        assertThat(hex(DigestHasher.blake3DerivedKey(secret)))
                .isEqualTo("694bd8ab624a10921fd60969e7e013ea91c218d8126ecbe689331a31b5316288");
        assertThat(hex(HashAlgorithm.BLAKE3_256.hasher(secret).hash(ascii("hello"))))
                .isEqualTo("65d7ab10f038aba48be940bf11540ac15cd04a21c0ec4f40ddaac3c22acd675c");
        assertThat(HashAlgorithm.BLAKE3_256.hasher(ascending(0x20, 130)).hash(ascii("hello")))
                .isEqualTo(HashAlgorithm.BLAKE3_256.hasher(SECRET).hash(ascii("hello")));
    }

    @ParameterizedTest
    @EnumSource
    void secretsAreTakenUpToTheLengthThatTheFunctionTakes(HashAlgorithm algorithm) {
        int longest =
                switch (algorithm) {
                    case BLAKE2B_256_128, BLAKE2B_256 -> 64;
                    case BLAKE2S_128, BLAKE2S_256 -> 32;
                    case BLAKE3_256, BLAKE3_256_128 -> 130;
                    case HMAC_SHA256, HMAC_SHA256_128, HMAC_SHA224 -> 130;
                    case HMAC_SHA3_224, HMAC_SHA3_256 -> 200;
                };
        byte[] secret = ascending(0, longest);

        assertThatCode(() -> algorithm.checkSecret(secret)).doesNotThrowAnyException();
        assertThat(algorithm.hasher(secret).hash(ascii("hello"))).hasSize(algorithm.hashBytes());
        if (longest <= 64) {
            byte[] tooLong = new byte[longest + 1];
            assertThatThrownBy(() -> algorithm.checkSecret(tooLong))
                    .isInstanceOf(UnsupportedFormatException.class)
                    .hasMessageContaining("%d bytes", longest + 1)
                    .hasMessageContaining("takes 1 to %d", longest);
            assertThatIllegalArgumentException().isThrownBy(() -> algorithm.hasher(tooLong));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEmptySecretIsRefused(HashAlgorithm algorithm) {
        assertThatThrownBy(() -> algorithm.checkSecret(new byte[0]))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("no secret");
        assertThatIllegalArgumentException().isThrownBy(() -> algorithm.hasher(new byte[0]));
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> HashAlgorithm.named("blake2b-256-128"))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'blake2b-256-128'")
                .hasMessageContaining("BLAKE2B-256-128, BLAKE2B-256");
    }

    @Test
    void changingTheSecretAfterwardsChangesNothing() {
        for (HashAlgorithm algorithm : HashAlgorithm.values()) {
            byte[] secret = SECRET.clone();
            ContentHasher hasher = algorithm.hasher(secret);
            Arrays.fill(secret, (byte) 0);

            assertThat(hasher.hash(ascii("hello")))
                    .as("%s", algorithm)
                    .isEqualTo(algorithm.hasher(SECRET).hash(ascii("hello")));
        }
    }

    private static byte[] ascending(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
