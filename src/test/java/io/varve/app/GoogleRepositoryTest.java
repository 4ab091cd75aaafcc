package io.varve.app;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.google.GoogleBlobStorage;
import io.varve.blob.google.GoogleServer;
import io.varve.blob.google.NeedsGoogleServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@NeedsGoogleServer
class GoogleRepositoryTest extends ObjectStoreRepositoryContract {

    @TempDir private static Path servers;
    private static GoogleServer server;

    @BeforeAll
    static void startServer() throws IOException {
        server = GoogleServer.start(servers);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    StorageLocation.ObjectStore made(String name) throws IOException {
        return server.bucket(name);
    }

    @Override
    StorageLocation.ObjectStore absent() {
        return server.location("absent");
    }

    @Override
    BlobStorage open(StorageLocation.ObjectStore location) {
        return GoogleBlobStorage.open((StorageLocation.GoogleBucket) location);
    }

    @Override
    String kind() {
        return "google";
    }

    @Override
    String kopiaConnect(StorageLocation.ObjectStore location) {
        return "STORAGE_EMULATOR_HOST=%s kopia repository connect gcs --bucket %s --prefix some/folder/ --override-username varve"
                .formatted(server.endpoint(), location.name());
    }
}
