package io.varve.cbt.csi;

import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.varve.Certificate;
import io.varve.cbt.csi.proto.BlockMetadata;
import io.varve.cbt.csi.proto.BlockMetadataType;
import io.varve.cbt.csi.proto.GetMetadataAllocatedRequest;
import io.varve.cbt.csi.proto.GetMetadataAllocatedResponse;
import io.varve.cbt.csi.proto.GetMetadataDeltaRequest;
import io.varve.cbt.csi.proto.GetMetadataDeltaResponse;
import io.varve.cbt.csi.proto.SnapshotMetadataGrpc;
import io.varve.volume.Extent;
import java.io.Closeable;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;

/** A metadata service over TLS that answers as it is told, truthfully or not. */
final class ScriptedMetadataServer implements Closeable {

    /**
     * What a call asked for.
     *
     * @param baseId empty for allocated blocks
     */
    record Asked(
            String token,
            String namespace,
            String snapshot,
            String baseId,
            long offset,
            int maxResults) {}

    /** Where an answer goes, whichever was asked for. */
    interface Answer {
        void message(BlockMetadataType type, long capacity, List<BlockMetadata> ranges);

        void ok();

        void fail(Status status);

        /** Whether the client still listens. */
        boolean wanted();
    }

    /** Answers the call with this number, from 0. */
    @FunctionalInterface
    interface Script {
        void answer(int call, Asked asked, Answer answer);
    }

    private final Server server;
    private final List<Asked> calls = new CopyOnWriteArrayList<>();
    private volatile Script script = (call, asked, answer) -> answer.fail(Status.INTERNAL);

    ScriptedMetadataServer(Certificate certificate) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(certificate.store(), Certificate.password());
            ServerCredentials tls =
                    TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build();
            server = Grpc.newServerBuilderForPort(0, tls).addService(new Service()).build().start();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot start a server", e);
        }
    }

    String address() {
        return "localhost:" + server.getPort();
    }

    List<Asked> calls() {
        return calls;
    }

    void answers(Script told) {
        calls.clear();
        script = told;
    }

    static BlockMetadata range(long offset, long bytes) {
        return BlockMetadata.newBuilder().setByteOffset(offset).setSizeBytes(bytes).build();
    }

    /** As a good driver: what ends behind the offset, so many ranges a message. */
    static void honestly(Asked asked, Answer answer, long capacity, List<Extent> all) {
        List<BlockMetadata> wanted =
                all.stream()
                        .filter(extent -> extent.end() > asked.offset())
                        .map(extent -> range(extent.offset(), extent.length()))
                        .toList();
        for (int from = 0; from < wanted.size(); from += asked.maxResults()) {
            int to = Math.min(wanted.size(), from + asked.maxResults());
            answer.message(BlockMetadataType.VARIABLE_LENGTH, capacity, wanted.subList(from, to));
        }
        answer.ok();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(Asked asked, Answer answer) {
        calls.add(asked);
        script.answer(calls.size() - 1, asked, answer);
    }

    private abstract static class To<T> implements Answer {
        private final ServerCallStreamObserver<T> observer;

        To(StreamObserver<T> observer) {
            this.observer = (ServerCallStreamObserver<T>) observer;
        }

        abstract T response(BlockMetadataType type, long capacity, List<BlockMetadata> ranges);

        @Override
        public void message(BlockMetadataType type, long capacity, List<BlockMetadata> ranges) {
            observer.onNext(response(type, capacity, ranges));
        }

        @Override
        public void ok() {
            observer.onCompleted();
        }

        @Override
        public void fail(Status status) {
            observer.onError(status.asRuntimeException());
        }

        @Override
        public boolean wanted() {
            return !observer.isCancelled();
        }
    }

    private final class Service extends SnapshotMetadataGrpc.SnapshotMetadataImplBase {
        @Override
        public void getMetadataAllocated(
                GetMetadataAllocatedRequest request,
                StreamObserver<GetMetadataAllocatedResponse> observer) {
            answer(
                    new Asked(
                            request.getSecurityToken(),
                            request.getNamespace(),
                            request.getSnapshotName(),
                            "",
                            request.getStartingOffset(),
                            request.getMaxResults()),
                    new To<>(observer) {
                        @Override
                        GetMetadataAllocatedResponse response(
                                BlockMetadataType type, long capacity, List<BlockMetadata> ranges) {
                            return GetMetadataAllocatedResponse.newBuilder()
                                    .setBlockMetadataType(type)
                                    .setVolumeCapacityBytes(capacity)
                                    .addAllBlockMetadata(ranges)
                                    .build();
                        }
                    });
        }

        @Override
        public void getMetadataDelta(
                GetMetadataDeltaRequest request,
                StreamObserver<GetMetadataDeltaResponse> observer) {
            answer(
                    new Asked(
                            request.getSecurityToken(),
                            request.getNamespace(),
                            request.getTargetSnapshotName(),
                            request.getBaseSnapshotId(),
                            request.getStartingOffset(),
                            request.getMaxResults()),
                    new To<>(observer) {
                        @Override
                        GetMetadataDeltaResponse response(
                                BlockMetadataType type, long capacity, List<BlockMetadata> ranges) {
                            return GetMetadataDeltaResponse.newBuilder()
                                    .setBlockMetadataType(type)
                                    .setVolumeCapacityBytes(capacity)
                                    .addAllBlockMetadata(ranges)
                                    .build();
                        }
                    });
        }
    }
}
