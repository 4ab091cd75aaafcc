package io.varve.blob.google;

import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpRequestInitializer;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpStatusCodes;
import com.google.api.client.http.HttpUnsuccessfulResponseHandler;
import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests, and sets what holds for all of them. A token that the server does not take is
 * asked for anew once. Credentials are looked for when the first request is made. Safe for many
 * threads.
 */
final class Authorization implements HttpRequestInitializer, HttpUnsuccessfulResponseHandler {

    /** The content of the file that {@code GOOGLE_APPLICATION_CREDENTIALS} would name. */
    static final String KEY_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS_JSON";

    /** A server that does not take a connection for so long is not there. */
    static final Duration CONNECT = Duration.ofSeconds(10);

    /** Between two pieces of an answer. */
    static final Duration SILENCE = Duration.ofSeconds(60);

    private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";

    private final Source source;
    private @Nullable Credentials found;

    /** Finds credentials. */
    @FunctionalInterface
    interface Source {
        /** The same at any time; null for none, where the server wants none. */
        @Nullable Credentials find() throws IOException;
    }

    /** What is wrong with the credentials, not with the storage. */
    static final class Failure extends IOException {
        private Failure(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    Authorization(Source source) {
        this.source = source;
    }

    /** For servers without TLS: a token that all who listen could use is not sent there. */
    static Authorization none() {
        return new Authorization(() -> null);
    }

    /**
     * Those of the environment.
     *
     * @param key of a service account, in JSON; null to let Google's library look where it does:
     *     the file that a variable names, {@code ~/.config/gcloud}, the machine's metadata
     */
    static Authorization of(@Nullable String key) {
        return new Authorization(
                () -> {
                    GoogleCredentials credentials =
                            key == null
                                    ? GoogleCredentials.getApplicationDefault()
                                    : GoogleCredentials.fromStream(
                                            new ByteArrayInputStream(
                                                    key.getBytes(StandardCharsets.UTF_8)));
                    return credentials.createScoped(SCOPE);
                });
    }

    private synchronized @Nullable Credentials credentials() throws IOException {
        if (found == null) {
            found = source.find();
        }
        return found;
    }

    @Override
    public void initialize(HttpRequest request) throws IOException {
        request.setConnectTimeout((int) CONNECT.toMillis());
        request.setReadTimeout((int) SILENCE.toMillis());
        // For the token. What else is tried again is decided in one place.
        request.setNumberOfRetries(1);
        request.setUnsuccessfulResponseHandler(this);
        sign(request);
    }

    private void sign(HttpRequest request) throws IOException {
        try {
            Credentials credentials = credentials();
            if (credentials != null) {
                Map<String, List<String>> headers =
                        credentials.getRequestMetadata(URI.create(request.getUrl().build()));
                headers.forEach((name, values) -> request.getHeaders().put(name, values));
            }
        } catch (IOException e) {
            throw new Failure(e);
        }
    }

    @Override
    public boolean handleResponse(HttpRequest request, HttpResponse response, boolean retrying)
            throws IOException {
        if (response.getStatusCode() != HttpStatusCodes.STATUS_CODE_UNAUTHORIZED || !retrying) {
            return false;
        }
        try {
            Credentials credentials = credentials();
            if (credentials == null) {
                return false;
            }
            credentials.refresh();
        } catch (IOException e) {
            throw new Failure(e);
        }
        sign(request);
        return true;
    }
}
