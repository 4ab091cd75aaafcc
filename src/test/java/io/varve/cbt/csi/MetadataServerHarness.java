package io.varve.cbt.csi;

import static io.varve.cbt.csi.ScriptedMetadataServer.range;
import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.varve.Certificate;
import io.varve.cbt.csi.ScriptedMetadataServer.Script;
import io.varve.cbt.csi.proto.BlockMetadata;
import io.varve.volume.BlockBitmap;
import io.varve.volume.Extent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A real server of the real protocol over TLS, which lies in every way that was seen. */
@Timeout(60)
abstract class MetadataServerHarness {

    static final long MIB = BLOCK_BYTES;
    static final long CAPACITY = 64 * MIB;
    static final RetryBudget IMPATIENT =
            new RetryBudget(6, Duration.ofMillis(2), Duration.ofMillis(10));
    static final MetadataQuery CHANGED = new MetadataQuery.Changed("shop", "data-2", "handle-1");
    static final MetadataQuery ALLOCATED = new MetadataQuery.Allocated("shop", "data-2");

    /** Blocks 0, 3, 10 to 12 and 63. */
    static final List<Extent> RANGES =
            List.of(
                    new Extent(8192, 12288),
                    new Extent(3 * MIB + 1, 1),
                    new Extent(10 * MIB, 3 * MIB),
                    new Extent(63 * MIB, MIB));

    static final BlockBitmap BLOCKS =
            BlockBitmap.builder().add(0, 1).add(3, 4).add(10, 13).add(63, 64).build();

    static final Certificate CERTIFICATE = Certificate.create("localhost");

    final ScriptedMetadataServer server = new ScriptedMetadataServer(CERTIFICATE);

    @AfterEach
    void stop() {
        server.close();
    }

    /** A cluster in which everything is as it should be. */
    class Cluster implements MetadataAccess {
        int looked;
        int tokens;

        @Override
        public MetadataService service() throws IOException {
            looked++;
            return new MetadataService("driver", server.address(), "audience", CERTIFICATE.pem());
        }

        @Override
        public SecurityToken token(MetadataService service) throws IOException {
            tokens++;
            return new SecurityToken("secret-" + tokens, Instant.MAX);
        }
    }

    ReportedBlocks read(MetadataQuery query, Script script) throws IOException {
        return read(query, script, new Cluster());
    }

    ReportedBlocks read(MetadataQuery query, Script script, MetadataAccess access)
            throws IOException {
        server.answers(script);
        return new MetadataClient(access, new Random(1), IMPATIENT, Duration.ofSeconds(20))
                .read(query, () -> false);
    }

    TrackingException refused(MetadataQuery query, Script script) {
        TrackingException refused =
                catchThrowableOfType(TrackingException.class, () -> read(query, script));
        assertThat(refused).isNotNull();
        assertThat(refused).hasMessageContaining("shop/data-2");
        assertThat(refused.getMessage()).doesNotContain("secret");
        return refused;
    }

    static List<BlockMetadata> tuples(Extent... extents) {
        List<BlockMetadata> tuples = new ArrayList<>();
        for (Extent extent : extents) {
            tuples.add(range(extent.offset(), extent.length()));
        }
        return tuples;
    }
}
