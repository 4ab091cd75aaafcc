package io.varve.app;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.azure.AzureBlobStorage;
import io.varve.blob.azure.AzureServer;
import io.varve.blob.azure.NeedsAzureServer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@NeedsAzureServer
class AzureRepositoryTest extends ObjectStoreRepositoryContract {

    @TempDir private static Path servers;
    private static AzureServer server;

    @BeforeAll
    static void startServer() throws IOException {
        server = AzureServer.start(servers);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    StorageLocation.ObjectStore made(String name) throws IOException {
        return server.container(name);
    }

    @Override
    StorageLocation.ObjectStore absent() {
        return server.location("absent");
    }

    @Override
    BlobStorage open(StorageLocation.ObjectStore location) throws IOException {
        return AzureBlobStorage.open((StorageLocation.AzureContainer) location);
    }

    @Override
    String kind() {
        return "azure";
    }

    @Override
    String kopiaConnect(StorageLocation.ObjectStore location) {
        return "kopia repository connect azure --container %s --storage-account varvetests --prefix some/folder/ --override-username varve"
                .formatted(location.name());
    }
}
