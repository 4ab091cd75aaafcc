package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FormatBlobTest {

    private static final FormatBlob BLOB =
            new FormatBlob(
                    "0.1.0",
                    Bytes.copyOf(
                            Golden.hex(
                                    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")),
                    "scrypt-65536-8-1",
                    Bytes.copyOf(new byte[] {1, 2, 3}));

    @Test
    void blobIsWrittenIndentedByTwoSpacesWithANewline() {
        assertThat(new String(BLOB.encode(), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {
                          "tool": "https://github.com/kopia/kopia",
                          "buildVersion": "0.1.0",
                          "buildInfo": "",
                          "uniqueID": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                          "keyAlgo": "scrypt-65536-8-1",
                          "encryption": "AES256_GCM",
                          "encryptedBlockFormat": "AQID"
                        }
                        """);
    }

    @Test
    void blobIsReadBack() throws Exception {
        assertThat(FormatBlob.decode(ByteBuffer.wrap(BLOB.encode()))).isEqualTo(BLOB);
    }

    @Test
    void kopiasBlobIsRead() throws Exception {
        FormatBlob blob = FormatBlob.decode(Golden.buffer("format-blob.json"));
        assertThat(blob.keyAlgorithm()).isEqualTo("scrypt-65536-8-1");
        assertThat(blob.buildVersion()).isEqualTo("v0-unofficial");
        assertThat(blob.uniqueId().length()).isEqualTo(FormatBlob.UNIQUE_ID_BYTES);
        assertThat(blob.sealedFormat().length()).isEqualTo(579 + 28);
    }

    @Test
    void unknownEncryptionIsUnsupported() {
        String json = new String(BLOB.encode(), StandardCharsets.UTF_8);
        assertThatThrownBy(
                        () -> FormatBlob.decode(Golden.utf8(json.replace("AES256_GCM", "ROT13"))))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("ROT13");
    }

    @Test
    void shortUniqueIdIsCorrupt() {
        assertThatThrownBy(() -> FormatBlob.decode(Golden.utf8("{\"uniqueID\":\"AAEC\"}")))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("3 bytes");
    }

    @Test
    void damagedBlobIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("format-blob.json"),
                bytes -> FormatBlob.decode(ByteBuffer.wrap(bytes)));
    }
}
