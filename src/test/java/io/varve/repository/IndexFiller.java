package io.varve.repository;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.SessionId;
import io.varve.format.crypto.BlobCrypto;
import io.varve.format.index.IndexBlobName;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndexWriter;
import io.varve.repository.content.FormatStore;
import io.varve.repository.content.RepositoryCrypto;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Adds index blobs with millions of entries to a repository, so that memory can be measured beside
 * a large index. The contents lie nowhere: nothing but a look-up may ask for them.
 */
final class IndexFiller {

    private static final int PACK_ENTRIES = 20;

    private IndexFiller() {}

    /**
     * Arguments: folder of the repository, number of entries of a blob, number of blobs if not one.
     * The password is in VARVE_PASSWORD.
     */
    static void main(String[] args) throws Exception {
        SecureRandom random = new SecureRandom();
        char[] password = System.getenv("VARVE_PASSWORD").toCharArray();
        try (BlobStorage storage = FilesystemBlobStorage.open(Path.of(args[0]))) {
            FormatStore formats = FormatStore.open(storage, password, InstantSource.system());
            RepositoryCrypto crypto = new RepositoryCrypto(formats.format());
            SessionId session = SessionId.of(bytes(random, SessionId.RANDOM_BYTES), Instant.now());
            int blobs = args.length > 2 ? Integer.parseInt(args[2]) : 1;
            for (int blob = 0; blob < blobs; blob++) {
                BlobCrypto.SealedBlob sealed =
                        crypto.sealBlob(
                                IndexBlobName.prefix(0),
                                PackIndexWriter.encode(entries(random, Integer.parseInt(args[1]))),
                                IndexBlobName.suffix(session, 1),
                                bytes(random, 12));
                storage.put(new BlobId(sealed.name()), sealed.body());
            }
        }
    }

    private static List<IndexEntry> entries(SecureRandom seeds, int count) {
        // The secure ones would take most of the time.
        SplittableRandom random = new SplittableRandom(seeds.nextLong());
        List<IndexEntry> entries = new ArrayList<>(count);
        String pack = "";
        long now = Instant.now().getEpochSecond();
        for (int i = 0; i < count; i++) {
            if (i % PACK_ENTRIES == 0) {
                pack = "p%032x-s0011223344556677147".formatted(i);
            }
            ContentId id = ContentId.of(ContentId.NO_PREFIX, bytes(random, 16));
            int offset = 32 + i % PACK_ENTRIES * 1_048_604;
            entries.add(new IndexEntry(id, pack, offset, 1_048_604, 1 << 20, 0, 3, now, false));
        }
        return entries;
    }

    private static byte[] bytes(RandomGenerator random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
