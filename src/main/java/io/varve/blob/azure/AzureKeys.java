package io.varve.blob.azure;

import com.azure.core.credential.AzureSasCredential;
import com.azure.core.credential.TokenCredential;
import com.azure.core.http.HttpClient;
import com.azure.core.http.policy.FixedDelayOptions;
import com.azure.core.http.policy.RetryOptions;
import com.azure.identity.ClientSecretCredentialBuilder;
import com.azure.identity.ManagedIdentityCredentialBuilder;
import com.azure.identity.WorkloadIdentityCredentialBuilder;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where the key to an account comes from: the first that the environment has of a key of the
 * account, a shared access signature, a service principal's secret, a workload's identity; else the
 * machine's own identity. What is half there is not passed over.
 *
 * @param environment of this process
 */
record AzureKeys(Map<String, String> environment) {

    static final String KEY = "AZURE_STORAGE_KEY";
    static final String SIGNATURE = "AZURE_STORAGE_SAS_TOKEN";
    private static final String TENANT = "AZURE_TENANT_ID";
    private static final String CLIENT = "AZURE_CLIENT_ID";
    private static final String SECRET = "AZURE_CLIENT_SECRET";
    private static final String TOKEN_FILE = "AZURE_FEDERATED_TOKEN_FILE";
    private static final String AUTHORITY = "AZURE_AUTHORITY_HOST";

    private static final Pattern QUERY = Pattern.compile("[A-Za-z0-9%&=_.~:+/*,$!'()-]+");

    /** What is tried again is decided in one place. */
    private static final RetryOptions ONCE =
            new RetryOptions(new FixedDelayOptions(0, Duration.ofSeconds(1)));

    /**
     * @param http that tokens are asked for with
     * @throws BlobStorageException.Denied if what there is cannot be used
     */
    void giveTo(
            BlobContainerClientBuilder client,
            StorageLocation.AzureContainer location,
            HttpClient http)
            throws IOException {
        if (has(KEY)) {
            client.credential(
                    new StorageSharedKeyCredential(
                            location.account(), checked(location, value(KEY))));
        } else if (has(SIGNATURE)) {
            client.credential(new AzureSasCredential(signature(location)));
        } else {
            boolean plain =
                    location.endpoint()
                            .filter(server -> "http".equals(server.getScheme()))
                            .isPresent();
            if (plain) {
                throw refused(
                        location,
                        "tokens are not sent to an endpoint without TLS; set %s or %s"
                                .formatted(KEY, SIGNATURE));
            }
            client.credential(token(location, http));
        }
    }

    private TokenCredential token(StorageLocation.AzureContainer location, HttpClient http)
            throws IOException {
        if (has(SECRET)) {
            ClientSecretCredentialBuilder principal =
                    new ClientSecretCredentialBuilder()
                            .tenantId(needed(location, TENANT, SECRET))
                            .clientId(needed(location, CLIENT, SECRET))
                            .clientSecret(value(SECRET))
                            .httpClient(http)
                            .retryOptions(ONCE);
            if (has(AUTHORITY)) {
                principal.authorityHost(value(AUTHORITY));
            }
            return principal.build();
        }
        if (has(TOKEN_FILE)) {
            WorkloadIdentityCredentialBuilder workload =
                    new WorkloadIdentityCredentialBuilder()
                            .tenantId(needed(location, TENANT, TOKEN_FILE))
                            .clientId(needed(location, CLIENT, TOKEN_FILE))
                            .tokenFilePath(value(TOKEN_FILE))
                            .httpClient(http)
                            .retryOptions(ONCE);
            if (has(AUTHORITY)) {
                workload.authorityHost(value(AUTHORITY));
            }
            return workload.build();
        }
        ManagedIdentityCredentialBuilder machine =
                new ManagedIdentityCredentialBuilder().httpClient(http);
        return has(CLIENT) ? machine.clientId(value(CLIENT)).build() : machine.build();
    }

    private boolean has(String variable) {
        return !value(variable).isEmpty();
    }

    /** Empty if it is not set. */
    private String value(String variable) {
        return environment.getOrDefault(variable, "");
    }

    private String needed(StorageLocation.AzureContainer location, String variable, String with)
            throws IOException {
        if (!has(variable)) {
            throw refused(location, "%s is set, and %s is not".formatted(with, variable));
        }
        return value(variable);
    }

    private static String checked(StorageLocation.AzureContainer location, String key)
            throws IOException {
        try {
            Base64.getDecoder().decode(key);
            return key;
        } catch (IllegalArgumentException e) {
            // Not as the cause: it repeats a character of the key.
            throw refused(location, KEY + " is no key of an account, which is in Base64");
        }
    }

    /** The SDK would repeat what is no part of an address, with the signature. */
    private String signature(StorageLocation.AzureContainer location) throws IOException {
        String signature = value(SIGNATURE).replaceFirst("^\\?", "");
        if (!isQuery(signature)) {
            throw refused(
                    location,
                    SIGNATURE
                            + " is no shared access signature: it holds what cannot stand in an address, such as a space or a quotation mark");
        }
        return signature;
    }

    private static boolean isQuery(String text) {
        try {
            URI _ = new URI("https://x/?" + text);
            return QUERY.matcher(text).matches();
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static IOException refused(StorageLocation.AzureContainer location, String why) {
        return new BlobStorageException.Denied(
                "find credentials", location.toString(), new IOException(why));
    }
}
