package io.varve.blob.s3;

import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Clients of S3 and its compatibles. Credentials come from where the SDK looks for them: the
 * environment, {@code ~/.aws}, a web identity, the machine's metadata.
 */
final class S3Clients {

    /** Streams, what each has under way, and a listing; who finds none free waits. */
    private static final int CONNECTIONS = 64;

    /** A server of one's own takes part in the signature with any. */
    private static final String ANY_REGION = "us-east-1";

    private S3Clients() {}

    /**
     * @throws BlobStorageException.Denied if the file of certificates cannot be used
     */
    static S3Client of(StorageLocation.Bucket location, AwsCredentialsProvider credentials)
            throws IOException {
        return of(location, credentials, Patience.with(location));
    }

    static S3Client of(
            StorageLocation.Bucket location, AwsCredentialsProvider credentials, Patience patience)
            throws IOException {
        Apache5HttpClient.Builder http =
                Apache5HttpClient.builder()
                        .connectionTimeout(patience.connect())
                        .socketTimeout(patience.silence())
                        .connectionAcquisitionTimeout(patience.call())
                        .maxConnections(CONNECTIONS);
        if (location.certificates().isPresent()) {
            TrustManager[] trusted = trust(location, location.certificates().get());
            http.tlsTrustManagersProvider(() -> trusted);
        }
        S3ClientBuilder client =
                S3Client.builder()
                        .credentialsProvider(credentials)
                        .httpClientBuilder(http)
                        .forcePathStyle(location.pathStyle())
                        // Content-MD5 does that, everywhere; not all compatibles know the newer
                        // ones.
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        // What is tried again is decided in one place.
                        .overrideConfiguration(
                                all ->
                                        all.retryStrategy(AwsRetryStrategy.doNotRetry())
                                                .apiCallTimeout(patience.call()));
        location.endpoint()
                .ifPresent(server -> client.endpointOverride(server).region(Region.of(ANY_REGION)));
        try {
            location.region().map(Region::of).ifPresent(client::region);
            return client.build();
        } catch (SdkClientException | IllegalArgumentException e) {
            throw new BlobStorageException.Denied(
                    "set up a client, name a region with region=", location.toString(), e);
        }
    }

    /** Exactly those that the file holds, in PEM. */
    private static TrustManager[] trust(StorageLocation.Bucket location, Path file)
            throws IOException {
        try (InputStream certificates = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(certificates)) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            if (number == 0) {
                throw new GeneralSecurityException("there is no certificate in it");
            }
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (IOException | GeneralSecurityException e) {
            throw new BlobStorageException.Denied(
                    "read the certificates in " + file, location.toString(), e);
        }
    }
}
