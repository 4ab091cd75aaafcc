package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DerivedKeysTest {

    private static final KeyDerivation SCRYPT = KeyDerivation.SCRYPT_65536_8_1;

    private static byte[] id(int filling) {
        byte[] id = new byte[32];
        Arrays.fill(id, (byte) filling);
        return id;
    }

    @Test
    void eachPasswordRepositoryAndDerivationHasItsOwnKeyHoweverOftenItIsAskedFor()
            throws Exception {
        char[] password = "one".toCharArray();
        for (int time = 0; time < 2; time++) {
            for (int repository = 1; repository <= 2; repository++) {
                for (String word : new String[] {"one", "two"}) {
                    for (KeyDerivation derivation : KeyDerivation.values()) {
                        assertThat(
                                        DerivedKeys.derive(
                                                derivation, word.toCharArray(), id(repository)))
                                .isEqualTo(
                                        FormatKeys.derive(
                                                derivation, word.toCharArray(), id(repository)));
                    }
                }
            }
        }
        byte[] first = DerivedKeys.derive(SCRYPT, password, id(1));
        Arrays.fill(first, (byte) 0);
        assertThat(DerivedKeys.derive(SCRYPT, password, id(1))).isNotEqualTo(first);
    }

    @Test
    void whatCannotBeDerivedFromIsRefusedAsWithoutIt() {
        assertThatThrownBy(() -> DerivedKeys.derive(SCRYPT, new char[0], new byte[0]))
                .isInstanceOf(CorruptFormatException.class);
    }
}
