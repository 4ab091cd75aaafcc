package io.varve.blob.filesystem;

import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all storages, in every layout that a repository of Kopia's may have. */
class FilesystemBlobStorageTest {

    @TempDir Path root;

    @Nested
    class InANewFolder extends BlobStorageContract {
        @Override
        protected BlobStorage storage() throws IOException {
            return FilesystemBlobStorage.create(root.resolve("a/new/folder"));
        }
    }

    @Nested
    class WithoutShardsFile extends BlobStorageContract {
        @Override
        protected BlobStorage storage() throws IOException {
            return FilesystemBlobStorage.open(root);
        }
    }

    @Nested
    class Flat extends BlobStorageContract {
        @Override
        protected BlobStorage storage() throws IOException {
            return withShards("{\"default\":[],\"maxNonShardedLength\":20}");
        }
    }

    @Nested
    class WithOverrides extends BlobStorageContract {
        @Override
        protected BlobStorage storage() throws IOException {
            return withShards(
                    """
                    {"default":[2,2],"maxNonShardedLength":10,
                     "overrides":[{"prefix":"p","shards":[3,3,3]},{"prefix":"q","shards":[1]}]}
                    """);
        }
    }

    /** Here even {@code xe1} lies in a folder, whose name is the start of a file's. */
    @Nested
    class WithFoldersForShortNames extends BlobStorageContract {
        @Override
        protected BlobStorage storage() throws IOException {
            return withShards("{\"default\":[1,1,30],\"overrides\":[{\"prefix\":\"xn\"}]}");
        }
    }

    private BlobStorage withShards(String json) throws IOException {
        Files.writeString(root.resolve(".shards"), json);
        return FilesystemBlobStorage.open(root);
    }
}
