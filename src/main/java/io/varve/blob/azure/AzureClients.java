package io.varve.blob.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

/** Clients of a container, over the JDK's own HTTP client. */
final class AzureClients {

    /** A server that does not take a connection for so long is not there. */
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** Between two pieces of an answer, or of what is sent. */
    static final Duration SILENCE = Duration.ofSeconds(60);

    /** A whole pack at less than a megabit a second; a server that trickles is given up. */
    static final Duration CALL = Duration.ofMinutes(10);

    private AzureClients() {}

    static HttpClient http() {
        return new JdkHttpClientBuilder()
                .connectionTimeout(CONNECT)
                .writeTimeout(SILENCE)
                .readTimeout(SILENCE)
                // Counted from when the first byte is sent.
                .responseTimeout(CALL)
                .build();
    }

    static BlobContainerAsyncClient of(
            StorageLocation.AzureContainer location, AzureKeys keys, HttpClient http)
            throws IOException {
        BlobContainerClientBuilder client =
                new BlobContainerClientBuilder()
                        .endpoint(endpoint(location))
                        .containerName(location.name())
                        .httpClient(http)
                        // One try: what is tried again is decided in one place.
                        .retryOptions(
                                new RequestRetryOptions(
                                        RetryPolicyType.FIXED, 1, CALL, null, null, null));
        keys.giveTo(client, location, http);
        return client.buildAsyncClient();
    }

    /** Of the account. */
    static String endpoint(StorageLocation.AzureContainer location) {
        String server = location.server().replaceFirst("/$", "");
        String host = location.endpoint().map(URI::getHost).orElse("");
        boolean inPath = host.equals("localhost") || host.matches("[0-9.]+");
        return inPath ? server + "/" + location.account() : server;
    }
}
