package io.varve.format.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.SeededBytes;
import java.util.HexFormat;
import org.bouncycastle.crypto.generators.SCrypt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against RFC 7914, and against BouncyCastle's implementation. */
class ScryptTest {

    private final SeededBytes bytes = new SeededBytes();

    @Test
    void theVectorOfTheRfcHoldsWithoutParallelism() {
        byte[] key =
                Scrypt.derive(
                        "pleaseletmein".getBytes(US_ASCII),
                        "SodiumChloride".getBytes(US_ASCII),
                        16384,
                        64);

        assertThat(HexFormat.of().formatHex(key))
                .isEqualTo(
                        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,16", "1,16", "63,17", "64,16", "65,32", "200,64"})
    void passwordsAndSaltsOfAnyLengthGiveBouncyCastlesKeys(int password, int salt) {
        byte[] secret = bytes.next(password);
        byte[] salted = bytes.next(salt);
        for (int cost : new int[] {2, 8, 1024}) {
            for (int length : new int[] {1, 31, 32, 33, 100}) {
                assertThat(Scrypt.derive(secret, salted, cost, length))
                        .as("%s, cost %d, %d bytes", bytes, cost, length)
                        .isEqualTo(SCrypt.generate(secret, salted, cost, 8, 1, length));
            }
        }
    }
}
