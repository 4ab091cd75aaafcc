package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryFormatTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final Bytes SECRET = Bytes.copyOf(new byte[RepositoryFormat.KEY_BYTES]);

    @Test
    void newFormatHasKopiasDefaultsInKopiasBytes() throws Exception {
        String zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        RepositoryFormat format =
                RepositoryFormat.create(
                        "BLAKE2B-256-128",
                        "AES256-GCM-HMAC-SHA256",
                        SECRET,
                        SECRET,
                        RepositoryFormat.DEFAULT_SPLITTER);
        assertThat(new String(format.encode(), StandardCharsets.UTF_8))
                .isEqualTo(
                        ("{\"format\":{\"hash\":\"BLAKE2B-256-128\","
                                        + "\"encryption\":\"AES256-GCM-HMAC-SHA256\","
                                        + "\"secret\":\"%s\",\"masterKey\":\"%s\",\"version\":3,"
                                        + "\"maxPackSize\":20971520,\"indexVersion\":2,"
                                        + "\"epochParameters\":{\"Enabled\":true,"
                                        + "\"EpochRefreshFrequency\":1200000000000,"
                                        + "\"FullCheckpointFrequency\":7,"
                                        + "\"CleanupSafetyMargin\":14400000000000,"
                                        + "\"MinEpochDuration\":86400000000000,"
                                        + "\"EpochAdvanceOnCountThreshold\":20,"
                                        + "\"EpochAdvanceOnTotalSizeBytesThreshold\":10485760,"
                                        + "\"DeleteParallelism\":4},\"enablePasswordChange\":true,"
                                        + "\"splitter\":\"DYNAMIC-4M-BUZHASH\"}}")
                                .formatted(zeros, zeros));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3", "v1", "upgraded", "ecc"})
    void kopiasFormatsAreReadAndWrittenAsTheyWere(String name) throws Exception {
        String golden = "format-" + name + ".json";
        assertThat(RepositoryFormat.decode(Golden.buffer(golden)).encode())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(Golden.text(golden));
    }

    @Test
    void absentFieldsHaveTheirDefaults() throws Exception {
        RepositoryFormat format = decode("\"version\":1");
        assertThat(format.indexVersion()).isEqualTo(1);
        assertThat(format.maxPackBytes()).isEqualTo(20 << 20);
        assertThat(format.epochs()).isEqualTo(EpochParameters.DISABLED);
        assertThat(format.passwordChangeable()).isFalse();
        assertThat(format.splitter()).isEqualTo("FIXED");
        assertThat(format.hasErrorCorrection()).isFalse();
    }

    @Test
    void newAndUpgradedRepositoriesAreWritable() throws Exception {
        RepositoryFormat current = RepositoryFormat.decode(Golden.buffer("format-v3.json"));
        assertThat(current.whyReadOnly()).isEmpty();
        assertThat(current.packsCarryReplica()).isFalse();
        RepositoryFormat upgraded = RepositoryFormat.decode(Golden.buffer("format-upgraded.json"));
        assertThat(upgraded.whyReadOnly()).isEmpty();
        assertThat(upgraded.packsCarryReplica()).isTrue();
    }

    @Test
    void versionOneAndErrorCorrectionAreReadOnly() throws Exception {
        assertThat(RepositoryFormat.decode(Golden.buffer("format-v1.json")).whyReadOnly())
                .hasValueSatisfying(why -> assertThat(why).contains("version 1", "epochs off"));
        assertThat(RepositoryFormat.decode(Golden.buffer("format-ecc.json")).whyReadOnly())
                .hasValueSatisfying(why -> assertThat(why).contains("REED-SOLOMON-CRC32"));
    }

    @Test
    void eitherOldIndexesOrNoEpochsMakeARepositoryReadOnly() throws Exception {
        assertThat(
                        decode(
                                        "\"version\":3,\"indexVersion\":1,"
                                                + "\"epochParameters\":{\"Enabled\":true}")
                                .whyReadOnly())
                .isPresent();
        assertThat(decode("\"version\":3,\"indexVersion\":2").whyReadOnly()).isPresent();
    }

    @Test
    void unknownVersionsAreUnsupported() throws Exception {
        for (String fields :
                new String[] {
                    "\"version\":4", "\"version\":0", "\"version\":3,\"indexVersion\":3"
                }) {
            assertThatThrownBy(() -> decode(fields).checkUsable(NOW))
                    .as(fields)
                    .isInstanceOf(UnsupportedFormatException.class);
        }
        assertThatCode(() -> decode("\"version\":2").checkUsable(NOW)).doesNotThrowAnyException();
    }

    @Test
    void requiredFeatureThatIsNotUnderstoodIsUnsupported() throws Exception {
        RepositoryFormat format =
                decode(
                        "\"version\":3,\"requiredFeatures\":[{\"feature\":\"index-v2\"},"
                                + "{\"feature\":\"teleport\",\"ifNotUnderstood\":{\"warn\":false,"
                                + "\"message\":\"walk\",\"url\":\"http://x\","
                                + "\"upgradeToVersion\":\"9\"}}]");
        assertThatThrownBy(() -> format.checkUsable(NOW))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("teleport")
                .hasMessageContaining("walk")
                .hasMessageContaining("http://x");
    }

    @Test
    void requiredFeatureThatOnlyWarnsIsWarnedOf() throws Exception {
        RepositoryFormat format =
                decode(
                        "\"version\":3,\"requiredFeatures\":[{\"feature\":\"teleport\","
                                + "\"ifNotUnderstood\":{\"warn\":true}}]");
        format.checkUsable(NOW);
        assertThat(format.warnings()).singleElement().asString().contains("teleport");
        assertThat(decode("\"version\":3").warnings()).isEmpty();
    }

    @Test
    void lockIsInForceFromTheDrainBeforeTheUpgradeOn() throws Exception {
        // Upgrade at 12:00, announced at 11:00; drained in 1 + 2 * 2 minutes.
        RepositoryFormat format =
                decode(
                        "\"version\":3,\"upgradeLock\":{\"ownerID\":\"o\","
                                + "\"creationTime\":\"2026-11-22T11:00:00Z\","
                                + "\"advanceNoticeDuration\":3600000000000,"
                                + "\"ioDrainTimeout\":120000000000,"
                                + "\"maxPermittedClockDrift\":60000000000,\"message\":\"soon\"}");
        format.checkUsable(Instant.parse("2026-11-22T11:54:59Z"));
        assertThatThrownBy(() -> format.checkUsable(Instant.parse("2026-11-22T11:55:00Z")))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("soon");
        assertThatThrownBy(format::encode).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void lockWithoutEnoughNoticeIsInForceAtOnce() throws Exception {
        RepositoryFormat format =
                decode(
                        "\"version\":3,\"upgradeLock\":{\"creationTime\":\"2027-01-01T00:00:00Z\","
                                + "\"ioDrainTimeout\":1}");
        assertThatThrownBy(() -> format.checkUsable(NOW))
                .isInstanceOf(UnsupportedFormatException.class);
    }

    @Test
    void formatWithoutKeysIsCorrupt() {
        assertThatThrownBy(
                        () -> RepositoryFormat.decode(Golden.utf8("{\"format\":{\"version\":3}}")))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("secret");
    }

    @Test
    void keysAreNotInTheTextForm() throws Exception {
        RepositoryFormat format = RepositoryFormat.decode(Golden.buffer("format-v3.json"));
        assertThat(format.toString()).contains("secret=32 bytes", "masterKey=32 bytes");
    }

    @Test
    void damagedFormatIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("format-v3.json"),
                bytes -> RepositoryFormat.decode(ByteBuffer.wrap(bytes)).checkUsable(NOW));
    }

    private static RepositoryFormat decode(String fields) throws CorruptFormatException {
        return RepositoryFormat.decode(
                Golden.utf8(
                        "{\"format\":{\"hash\":\"h\",\"encryption\":\"e\",\"secret\":\"AA==\","
                                + "\"masterKey\":\"AA==\","
                                + fields
                                + "}}"));
    }
}
