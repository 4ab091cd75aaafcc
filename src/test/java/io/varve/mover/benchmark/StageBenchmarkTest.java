package io.varve.mover.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageBenchmarkTest {

    private static final int MIB = 1 << 20;

    @TempDir private Path folder;

    private StageBenchmark.Result run(byte[] content) throws IOException {
        Path image = Files.write(folder.resolve("disk.img"), content);
        try (BlockDevice source = BlockDevices.openSource(image);
                BlobStorage storage = FilesystemBlobStorage.create(folder.resolve("packs"))) {
            StageBenchmark.Result result =
                    new StageBenchmark(
                                    HashAlgorithm.BLAKE2B_256_128,
                                    EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                                    Compression.ZSTD_FASTEST,
                                    Duration.ofMillis(20))
                            .run(source, storage);
            List<String> left = new ArrayList<>();
            storage.list("", blob -> left.add(blob.id().value()));
            assertThat(left).isEmpty();
            return result;
        }
    }

    @Test
    void eachStageIsMeasuredAndNothingIsLeft() throws IOException {
        byte[] content = new byte[17 * MIB + 512];
        new Random(1).nextBytes(content);

        StageBenchmark.Result result = run(content);

        assertThat(result.rates()).extracting(StageRate::stage).containsExactly(Stage.values());
        assertThat(result.rates())
                .allSatisfy(
                        rate -> {
                            assertThat(rate.bytes()).isPositive();
                            assertThat(rate.mibPerSecond()).isPositive();
                            assertThat(rate.wall()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
                        });
        assertThat(result.ratio()).isEqualTo(1);
        assertThat(result.uncompressed().mibPerSecond()).isPositive();
        assertThat(Files.readAllBytes(folder.resolve("disk.img"))).isEqualTo(content);
    }

    @Test
    void whatCanBeCompressedIs() throws IOException {
        byte[] content = new byte[8 * MIB];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i / 7 % 50);
        }
        assertThat(run(content).ratio()).isGreaterThan(2);
    }

    @Test
    void aSourceThatIsTooSmallIsRefused() {
        assertThatThrownBy(() -> run(new byte[8 * MIB - 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not at least 8388608");
    }
}
