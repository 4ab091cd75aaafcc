package io.varve.blob.google;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v5.Apache5HttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.Storage;
import io.varve.blob.StorageLocation;
import java.net.URI;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.Timeout;

/** Clients of Google Cloud Storage, and of what speaks its JSON protocol. */
final class GoogleClients {

    /** Streams, what each has under way, and a listing; who finds none free waits. */
    private static final int CONNECTIONS = 64;

    private GoogleClients() {}

    /** The caller shuts the transport down. */
    static HttpTransport transport(GoogleCalls calls) {
        ConnectionConfig connections =
                ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(Authorization.CONNECT))
                        .setSocketTimeout(Timeout.of(Authorization.SILENCE))
                        .build();
        return new Apache5HttpTransport(
                HttpClients.custom()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .useSystemProperties()
                                        .setMaxConnTotal(CONNECTIONS)
                                        .setMaxConnPerRoute(CONNECTIONS)
                                        .setDefaultConnectionConfig(connections)
                                        .build())
                        .useSystemProperties()
                        .addExecInterceptorFirst("calls", calls)
                        .disableAutomaticRetries()
                        .disableRedirectHandling()
                        .disableContentCompression()
                        .disableCookieManagement()
                        .disableAuthCaching()
                        .build());
    }

    static Storage of(
            StorageLocation.GoogleBucket location,
            HttpTransport transport,
            Authorization authorization) {
        Storage.Builder client =
                new Storage.Builder(transport, GsonFactory.getDefaultInstance(), authorization)
                        .setApplicationName("varve");
        location.endpoint().map(URI::toString).ifPresent(client::setRootUrl);
        return client.build();
    }
}
