package io.varve.cbt.csi;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.varve.cbt.csi.TrackingException.Kind;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A channel to a metadata service, over TLS that trusts its authorities alone. For one thread. */
final class MetadataConnection implements Closeable {

    /** Some four thousand ranges take 60 KB; a driver that ignores the limit gets this far. */
    private static final int MOST_MESSAGE_BYTES = 16 << 20;

    /** A server takes more pings than one in five minutes for an attack. */
    private static final int KEEP_ALIVE_MINUTES = 6;

    private final MetadataAccess access;
    private @Nullable MetadataService service;
    private @Nullable ManagedChannel channel;

    MetadataConnection(MetadataAccess access) {
        this.access = access;
    }

    /** The service as it is now, and a channel to it. */
    ManagedChannel renew() throws IOException {
        MetadataService now = access.service();
        ManagedChannel open = channel;
        if (open == null || !now.equals(service)) {
            close();
            open = open(now);
            service = now;
            channel = open;
        }
        return open;
    }

    SecurityToken token() throws IOException {
        MetadataService known = service;
        return access.token(known == null ? access.service() : known);
    }

    private static ManagedChannel open(MetadataService service) throws TrackingException {
        try {
            ChannelCredentials tls =
                    TlsChannelCredentials.newBuilder()
                            .trustManager(
                                    new ByteArrayInputStream(
                                            service.authorities()
                                                    .getBytes(StandardCharsets.US_ASCII)))
                            .build();
            return Grpc.newChannelBuilder(service.address(), tls)
                    .maxInboundMessageSize(MOST_MESSAGE_BYTES)
                    .keepAliveTime(KEEP_ALIVE_MINUTES, TimeUnit.MINUTES)
                    .build();
        } catch (IOException | RuntimeException e) {
            throw new TrackingException(
                    Kind.FAILED,
                    "SnapshotMetadataService %s: cannot open a channel to %s with its caCert: %s"
                            .formatted(service.driver(), service.address(), e.getMessage()),
                    e);
        }
    }

    /** As errors name it. */
    @Override
    public String toString() {
        MetadataService known = service;
        return known == null
                ? "a metadata service"
                : "SnapshotMetadataService %s at %s".formatted(known.driver(), known.address());
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }
}
