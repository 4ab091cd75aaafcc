package io.varve.blob.s3;

import io.varve.blob.StorageLocation;
import io.varve.blob.object.ServerProcess;
import io.varve.cluster.GoProgram;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A real S3 server over a folder: versitygw. The credentials of its root are those of this JVM, as
 * system properties, where the SDK finds them.
 */
public final class S3Server implements Closeable {

    /** Of all servers. */
    public static final String ACCESS_KEY = "varve-tests";

    public static final String SECRET_KEY = "only-for-tests";

    private final ServerProcess process;
    private final URI endpoint;

    private S3Server(ServerProcess process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts one whose objects lie below {@code folder}. */
    public static S3Server start(Path folder) throws IOException {
        System.setProperty("aws.accessKeyId", ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", SECRET_KEY);
        int port = ServerProcess.freePort();
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        ServerProcess process =
                ServerProcess.start(
                        List.of(
                                GoProgram.find("versitygw").toString(),
                                "--port",
                                "127.0.0.1:" + port,
                                "--health",
                                "/healthz",
                                "--quiet",
                                "posix",
                                "--sidecar",
                                Files.createDirectories(folder.resolve("sidecar")).toString(),
                                "--versioning-dir",
                                Files.createDirectories(folder.resolve("versions")).toString(),
                                Files.createDirectories(folder.resolve("objects")).toString()),
                        Map.of("ROOT_ACCESS_KEY", ACCESS_KEY, "ROOT_SECRET_KEY", SECRET_KEY),
                        folder.resolve("server.log"),
                        endpoint.resolve("/healthz"),
                        HttpURLConnection.HTTP_OK);
        return new S3Server(process, endpoint);
    }

    /** Where it answers, such as {@code http://127.0.0.1:1234}. */
    public URI endpoint() {
        return endpoint;
    }

    /** Makes a bucket and returns its location. */
    public StorageLocation.Bucket bucket(String name) throws IOException {
        StorageLocation.Bucket location = location(name);
        try (S3Client client = S3Clients.of(location, RenewedCredentials.found())) {
            client.createBucket(request -> request.bucket(name));
        }
        return location;
    }

    /** Makes a bucket that locks objects. */
    public StorageLocation.Bucket lockedBucket(String name) throws IOException {
        StorageLocation.Bucket location = location(name);
        try (S3Client client = S3Clients.of(location, RenewedCredentials.found())) {
            client.createBucket(request -> request.bucket(name).objectLockEnabledForBucket(true));
        }
        return location;
    }

    /** Until when each blob of a location is locked; those that are not are left out. */
    public Map<String, Instant> locks(StorageLocation.Bucket location) throws IOException {
        Map<String, Instant> locks = new TreeMap<>();
        try (S3Client client = S3Clients.of(location, RenewedCredentials.found())) {
            for (S3Object object :
                    client.listObjectsV2Paginator(
                                    request ->
                                            request.bucket(location.bucket())
                                                    .prefix(location.prefix()))
                            .contents()) {
                HeadObjectResponse head =
                        client.headObject(
                                request -> request.bucket(location.bucket()).key(object.key()));
                if (head.objectLockRetainUntilDate() != null) {
                    locks.put(
                            object.key().substring(location.prefix().length()),
                            head.objectLockRetainUntilDate());
                }
            }
        }
        return locks;
    }

    /** Deletes a version of a blob, as somebody with its keys could; false if that is refused. */
    public boolean deleteVersion(StorageLocation.Bucket location, String id) throws IOException {
        String key = location.prefix() + id;
        try (S3Client client = S3Clients.of(location, RenewedCredentials.found())) {
            HeadObjectResponse head =
                    client.headObject(request -> request.bucket(location.bucket()).key(key));
            client.deleteObject(
                    request ->
                            request.bucket(location.bucket()).key(key).versionId(head.versionId()));
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return false;
            }
            throw new IOException(e);
        }
    }

    /** The location of a bucket, whether there is one or not. */
    public StorageLocation.Bucket location(String name) {
        return (StorageLocation.Bucket)
                StorageLocation.parse("s3://%s/some/folder?endpoint=%s".formatted(name, endpoint));
    }

    @Override
    public void close() {
        process.close();
    }
}
