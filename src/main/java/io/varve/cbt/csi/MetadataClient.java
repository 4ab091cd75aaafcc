package io.varve.cbt.csi;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.varve.cbt.csi.TrackingException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Asks the metadata service of a CSI driver which blocks of a VolumeSnapshot may hold data, or may
 * have changed. Only an end that was asked for once more counts as one: some drivers send their
 * first page and say OK. Safe for many threads.
 */
public final class MetadataClient {

    /** Below the sidecar's own limit of ten minutes for a stream. */
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(9);

    private static final int MOST_RESULTS = 4096;

    private static final Duration STOP_LOOK = Duration.ofMillis(200);

    private final MetadataAccess access;
    private final RandomGenerator random;
    private final RetryBudget budget;
    private final Duration callTimeout;

    /**
     * @param random spreads the attempts of many clients
     */
    public MetadataClient(MetadataAccess access, RandomGenerator random) {
        this(access, random, RetryBudget.DEFAULT, CALL_TIMEOUT);
    }

    MetadataClient(
            MetadataAccess access,
            RandomGenerator random,
            RetryBudget budget,
            Duration callTimeout) {
        this.access = access;
        this.random = random;
        this.budget = budget;
        this.callTimeout = callTimeout;
    }

    /**
     * Gets the whole answer.
     *
     * @param stop asked a few times a second, also while nothing comes
     * @throws TrackingException if there is none
     * @throws InterruptedIOException if it was stopped
     */
    public ReportedBlocks read(MetadataQuery query, BooleanSupplier stop) throws IOException {
        try (MetadataConnection connection = new MetadataConnection(access)) {
            return new Reading(query, stop, connection).read();
        }
    }

    /**
     * The code, what the other side says, and what it really was: certificates fail deep inside.
     */
    private static String text(Status status) {
        StringBuilder text = new StringBuilder(status.getCode().name());
        if (status.getDescription() != null) {
            text.append(": ").append(status.getDescription().lines().findFirst().orElse(""));
        }
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null
                ? text.toString()
                : text.append(": ").append(root.getMessage()).toString();
    }

    /** One answer in the making. */
    private final class Reading {

        private final MetadataQuery query;
        private final BooleanSupplier stop;
        private final MetadataConnection connection;
        private final RangeFolder folder;
        private int maxResults = MOST_RESULTS;
        private int calls;

        /** Calls in a row that failed and brought nothing. */
        private int failures;

        /** Whether an answer has ended where the next call begins. */
        private boolean confirming;

        private boolean authenticatedAnew;

        Reading(MetadataQuery query, BooleanSupplier stop, MetadataConnection connection) {
            this.query = query;
            this.stop = stop;
            this.connection = connection;
            this.folder = new RangeFolder(query.toString());
        }

        ReportedBlocks read() throws IOException {
            ManagedChannel channel = connection.renew();
            while (true) {
                // An answer without order that was broken off comes again as a whole; one that has
                // ended is asked for what is behind it, as any.
                long offset = confirming ? folder.next() : folder.resumeAt();
                long before = folder.next();
                folder.begin(offset);
                calls++;
                Status status =
                        new MetadataCall(channel, callTimeout, stop)
                                .run(query, connection.token(), offset, maxResults, folder);
                boolean progress = folder.next() > before;
                if (isEnd(status, offset, progress)) {
                    return folder.build(calls);
                }
                confirming = status.isOk() || (confirming && !progress);
                if (!status.isOk()) {
                    recover(status, progress);
                    channel = connection.renew();
                }
            }
        }

        private boolean isEnd(Status status, long offset, boolean progress)
                throws TrackingException {
            if (status.isOk()) {
                if (!progress && folder.repeats()) {
                    throw failure(
                            Kind.FAILED,
                            status,
                            "it gives what comes before that byte and may hold back the rest: the driver does not keep to starting_offset");
                }
                return !progress || folder.reachesTheEnd();
            }
            boolean behind = status.getCode() == Status.Code.OUT_OF_RANGE && offset > 0;
            return behind && (confirming || folder.reachesTheEnd());
        }

        /** Returns if the call may be made again, after a pause where one is due. */
        private void recover(Status status, boolean progress) throws IOException {
            failures = progress ? 0 : failures + 1;
            authenticatedAnew &= !progress;
            switch (status.getCode()) {
                case UNAUTHENTICATED -> {
                    if (authenticatedAnew) {
                        throw failure(Kind.DENIED, status, "it does not accept our token");
                    }
                    authenticatedAnew = true;
                    return;
                }
                case PERMISSION_DENIED ->
                        throw failure(
                                Kind.DENIED,
                                status,
                                "allow the verb get of volumesnapshots (snapshot.storage.k8s.io) in namespace %s, without resourceNames"
                                        .formatted(query.namespace()));
                // Of changes it may mean the base; if it means us, the next question tells.
                case INVALID_ARGUMENT ->
                        throw failure(
                                query instanceof MetadataQuery.Changed ? Kind.FAILED : Kind.DENIED,
                                status,
                                "it does not accept the question");
                case UNIMPLEMENTED ->
                        throw failure(Kind.UNSUPPORTED, status, "the driver does not have it");
                case NOT_FOUND, FAILED_PRECONDITION, OUT_OF_RANGE ->
                        throw failure(Kind.FAILED, status, "it has no answer");
                case RESOURCE_EXHAUSTED -> maxResults = Math.max(1, maxResults / 2);
                default -> {
                    // May pass: what UNAVAILABLE hides was looked at before, and is again.
                }
            }
            if (failures >= budget.attempts()) {
                throw failure(
                        Kind.FAILED,
                        status,
                        "%d calls in a row brought nothing new".formatted(failures));
            }
            pause(budget.pause(Math.max(1, failures), random));
        }

        private TrackingException failure(Kind kind, Status status, String what) {
            return new TrackingException(
                    kind,
                    "asked %s for the %s, from byte %d on: %s (%s)"
                            .formatted(connection, query, folder.next(), what, text(status)),
                    status.getCause());
        }

        private void pause(Duration length) throws InterruptedIOException {
            long end = System.nanoTime() + length.toNanos();
            while (System.nanoTime() < end) {
                if (stop.getAsBoolean()) {
                    throw new InterruptedIOException("stopped while the storage was asked");
                }
                try {
                    Thread.sleep(
                            Math.min(
                                    STOP_LOOK.toMillis(),
                                    Math.max(1, (end - System.nanoTime()) / 1_000_000)));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while the storage was asked");
                }
            }
        }
    }
}
