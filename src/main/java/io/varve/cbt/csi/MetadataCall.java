package io.varve.cbt.csi;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.varve.cbt.csi.proto.GetMetadataAllocatedRequest;
import io.varve.cbt.csi.proto.GetMetadataAllocatedResponse;
import io.varve.cbt.csi.proto.GetMetadataDeltaRequest;
import io.varve.cbt.csi.proto.GetMetadataDeltaResponse;
import io.varve.cbt.csi.proto.SnapshotMetadataGrpc;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One streaming call. Messages are folded as they come: the server's deadline counts for the whole
 * stream, and it is held up by a slow reader.
 *
 * @param timeout of the whole call
 * @param stop asked a few times a second
 */
record MetadataCall(Channel channel, Duration timeout, BooleanSupplier stop) {

    private static final Duration LOOK = Duration.ofMillis(200);

    /**
     * Asks, and returns how the stream ended.
     *
     * @param maxResults most ranges in one message
     * @throws TrackingException if a message cannot be right
     * @throws InterruptedIOException if it was stopped
     */
    Status run(
            MetadataQuery query, SecurityToken token, long offset, int maxResults, RangeFolder into)
            throws IOException {
        var stub =
                SnapshotMetadataGrpc.newStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
        switch (query) {
            case MetadataQuery.Allocated(String namespace, String snapshot) -> {
                Answer<GetMetadataAllocatedRequest, GetMetadataAllocatedResponse> answer =
                        new Answer<>(
                                message ->
                                        into.add(
                                                message.getBlockMetadataType(),
                                                message.getVolumeCapacityBytes(),
                                                message.getBlockMetadataList()));
                stub.getMetadataAllocated(
                        GetMetadataAllocatedRequest.newBuilder()
                                .setSecurityToken(token.value())
                                .setNamespace(namespace)
                                .setSnapshotName(snapshot)
                                .setStartingOffset(offset)
                                .setMaxResults(maxResults)
                                .build(),
                        answer);
                return await(answer);
            }
            case MetadataQuery.Changed(String namespace, String snapshot, String baseId) -> {
                Answer<GetMetadataDeltaRequest, GetMetadataDeltaResponse> answer =
                        new Answer<>(
                                message ->
                                        into.add(
                                                message.getBlockMetadataType(),
                                                message.getVolumeCapacityBytes(),
                                                message.getBlockMetadataList()));
                stub.getMetadataDelta(
                        GetMetadataDeltaRequest.newBuilder()
                                .setSecurityToken(token.value())
                                .setNamespace(namespace)
                                .setBaseSnapshotId(baseId)
                                .setTargetSnapshotName(snapshot)
                                .setStartingOffset(offset)
                                .setMaxResults(maxResults)
                                .build(),
                        answer);
                return await(answer);
            }
        }
    }

    private Status await(Answer<?, ?> answer) throws IOException {
        boolean stopped = false;
        while (true) {
            try {
                Status status = answer.end.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                if (answer.wrong != null) {
                    throw answer.wrong;
                }
                if (stopped) {
                    throw new InterruptedIOException("stopped while the storage was asked");
                }
                return status;
            } catch (TimeoutException e) {
                if (!stopped && stop.getAsBoolean()) {
                    stopped = true;
                    answer.cancel();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                answer.cancel();
                throw new InterruptedIOException("interrupted while the storage was asked");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What is done with a message. */
    @FunctionalInterface
    private interface Fold<T> {
        void add(T message) throws TrackingException;
    }

    /** Takes messages until the stream ends, or one is wrong. gRPC calls it one at a time. */
    private static final class Answer<Q, A> implements ClientResponseObserver<Q, A> {

        private final Fold<A> fold;
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private volatile Optional<ClientCallStreamObserver<Q>> call = Optional.empty();
        private volatile @Nullable TrackingException wrong;

        Answer(Fold<A> fold) {
            this.fold = fold;
        }

        void cancel() {
            call.ifPresent(running -> running.cancel("no longer wanted", null));
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> stream) {
            call = Optional.of(stream);
        }

        @Override
        public void onNext(A message) {
            if (wrong != null) {
                return;
            }
            try {
                fold.add(message);
            } catch (TrackingException e) {
                wrong = e;
                cancel();
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }
}
