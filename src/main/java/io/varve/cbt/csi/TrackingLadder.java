package io.varve.cbt.csi;

import io.varve.cbt.csi.TrackingException.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Asks for as little as possible first: what changed, else what is allocated, else every block is
 * read. That a driver cannot tell the one says nothing about the other. A refusal is no rung: it
 * must be heard of.
 */
public final class TrackingLadder {

    private final MetadataClient client;
    private final Optional<String> allocatedIsWrong;

    public TrackingLadder(MetadataClient client) {
        this(client, Optional.empty());
    }

    private TrackingLadder(MetadataClient client, Optional<String> allocatedIsWrong) {
        this.client = client;
        this.allocatedIsWrong = allocatedIsWrong;
    }

    /**
     * One that lacks the middle rung.
     *
     * @param why what the driver would say of allocated blocks is not to be relied on
     */
    public static TrackingLadder withoutAllocated(MetadataClient client, String why) {
        return new TrackingLadder(client, Optional.of(why));
    }

    /**
     * Finds out what must be read of a VolumeSnapshot.
     *
     * @param baseId the point in time to count changes from; empty for a full backup
     * @throws TrackingException of kind {@code DENIED} alone
     * @throws java.io.InterruptedIOException if it was stopped
     */
    public TrackedBlocks find(
            String namespace, String snapshot, Optional<String> baseId, BooleanSupplier stop)
            throws IOException {
        List<TrackingException> failures = new ArrayList<>();
        if (baseId.isPresent()) {
            var changed = new MetadataQuery.Changed(namespace, snapshot, baseId.get());
            Optional<ReportedBlocks> blocks = ask(changed, stop, failures);
            if (blocks.isPresent()) {
                return new TrackedBlocks.Changed(blocks.get());
            }
        }
        if (allocatedIsWrong.isPresent()) {
            failures.add(new TrackingException(Kind.FAILED, allocatedIsWrong.get(), null));
            return new TrackedBlocks.Unknown(failures);
        }
        var allocated = new MetadataQuery.Allocated(namespace, snapshot);
        Optional<ReportedBlocks> blocks = ask(allocated, stop, failures);
        return blocks.isPresent()
                ? new TrackedBlocks.Allocated(blocks.get(), failures)
                : new TrackedBlocks.Unknown(failures);
    }

    private Optional<ReportedBlocks> ask(
            MetadataQuery query, BooleanSupplier stop, List<TrackingException> failures)
            throws IOException {
        try {
            return Optional.of(client.read(query, stop));
        } catch (TrackingException e) {
            if (e.kind() == Kind.DENIED) {
                throw e;
            }
            failures.add(e);
            return Optional.empty();
        }
    }
}
