package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.blob.BlobId;
import io.varve.blob.CorruptingBlobStorage;
import io.varve.blob.HoldingBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.format.manifest.GlobalPolicy;
import io.varve.repository.content.WriteSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mover of a claim copies while its index is being loaded. */
@Timeout(180)
class ClaimEarlyCopyTest extends ClaimBackupHarness {

    /** Its index cannot be read before a pack was put. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fullAndIncrementalBackupsRestore(boolean remote) throws Exception {
        seenByMovers = storage -> HoldingBlobStorage.ofIndexes(storage, remote);
        BackupOutcome full = backUp();
        byte[] before = volume.clone();
        volume[25 * MIB] ^= 1;
        cluster.write(volume);
        BackupOutcome incremental = backUp();

        assertThat(full.failure()).isEmpty();
        assertThat(restored(full)).isEqualTo(before);
        assertThat(incremental.plan().reason()).isEmpty();
        assertThat(incremental.published().orElseThrow().account().storedBytes()).isEqualTo(MIB);
        assertThat(restored(incremental)).isEqualTo(volume);
        KeptRepositories.keep(
                "early-claim-" + remote, repositoryFolder(), "correct horse".toCharArray());
    }

    @Test
    void aDamagedIndexBlobEndsTheRun() throws Exception {
        List<BlobId> blobs = new ArrayList<>();
        repository.storage().list("xn", blob -> blobs.add(blob.id()));
        seenByMovers =
                storage ->
                        HoldingBlobStorage.ofIndexes(
                                new CorruptingBlobStorage(storage, blobs.getFirst(), 5, 3), false);

        BackupOutcome outcome = backUp();

        assertThat(outcome.failure().orElseThrow())
                .isInstanceOfSatisfying(
                        MoverFailedException.class,
                        failed -> assertThat(failed.exitCode()).isEqualTo(OptionalInt.of(13)))
                .hasMessageContaining(blobs.getFirst().value())
                .hasMessageContaining("tag does not match");
    }

    @Test
    void theMoverCompressesAsThePolicySays() throws Exception {
        try (WriteSession session = repository.newSession()) {
            repository
                    .manifests()
                    .put(
                            session,
                            "00112233445566778899aabbccddeeff",
                            GlobalPolicy.LABELS,
                            "{\"compression\":{\"compressorName\":\"zstd-better-compression\"}}");
            session.finish();
        }
        Arrays.fill(volume, 0, 5 * MIB, (byte) 'x');
        cluster.write(volume);
        seenByMovers = storage -> HoldingBlobStorage.ofIndexes(storage, false);

        BackupOutcome outcome = backUp();

        Set<Integer> compressions = new HashSet<>();
        repository
                .refreshIndex()
                .liveWithPrefix(ContentId.NO_PREFIX)
                .forEach(entry -> compressions.add(entry.compression()));
        assertThat(compressions).contains(Compression.ZSTD_BETTER.headerId());
        assertThat(restored(outcome)).isEqualTo(volume);
    }
}
