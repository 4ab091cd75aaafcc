package io.varve.repository;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.index.IndexEntry;
import io.varve.format.manifest.ManifestContainer;
import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.content.ContentReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Predicate;

/**
 * A content with manifests in which one bit is wrong.
 *
 * @param content where the index says it lies
 */
public record DamagedManifest(BlobStorage storage, IndexEntry content) {

    /** Flips one bit of the first content, in the order of ids, with such an item. */
    public static DamagedManifest with(Repository repository, Predicate<ManifestEntry> item)
            throws IOException {
        ContentReader reader = repository.newContentReader();
        for (IndexEntry content :
                repository.refreshIndex().liveWithPrefix(ManifestContainer.CONTENT_PREFIX)) {
            ByteBuffer plain = reader.read(content.id());
            if (ManifestContainer.decode(plain, content.id().toString()).stream().anyMatch(item)) {
                DamagedManifest damaged = new DamagedManifest(repository.storage(), content);
                damaged.flip();
                return damaged;
            }
        }
        throw new AssertionError("no content holds such an item");
    }

    /** The bit as it was. */
    public void mend() throws IOException {
        flip();
    }

    private void flip() throws IOException {
        BlobId pack = new BlobId(content.pack());
        ByteBuffer sound = storage.get(pack);
        ByteBuffer bytes = ByteBuffer.allocate(sound.remaining()).put(sound).flip();
        int at = content.packOffset() + content.packedLength() / 2;
        bytes.put(at, (byte) (bytes.get(at) ^ 1));
        storage.put(pack, bytes);
    }

    /** What a message that tells of it says. */
    public String[] place() {
        return new String[] {
            content.id().toString(), content.pack(), "at byte " + content.packOffset()
        };
    }
}
