package io.varve.repository.object;

import io.varve.format.ContentId;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The last chunks that were read of an object, so that one which is written again as it was need
 * not be hashed again: comparing bytes takes a twentieth of that. For one thread.
 */
public final class RecentChunks {

    /** Whoever copies an object is one chunk behind its reader, or two where lengths differ. */
    private static final int KEPT = 3;

    private final ContentId[] ids;
    private final ByteBuffer[] chunks;
    private int next;

    public RecentChunks() {
        this(KEPT);
    }

    private RecentChunks(int kept) {
        this.ids = new ContentId[kept];
        this.chunks = new ByteBuffer[kept];
    }

    /** Keeps none, for who only reads or only writes. */
    static RecentChunks none() {
        return new RecentChunks(0);
    }

    /**
     * Keeps a chunk.
     *
     * @param id what it was checked against when it was read
     * @param plain stays as it is
     */
    void keep(ContentId id, ByteBuffer plain) {
        if (ids.length > 0) {
            ids[next] = id;
            chunks[next] = plain;
            next = (next + 1) % ids.length;
        }
    }

    /** The id of {@code plain}, if it is one of the chunks that are kept. */
    Optional<ContentId> idOf(char prefix, ByteBuffer plain) {
        for (int i = 0; i < ids.length; i++) {
            if (chunks[i] != null && ids[i].prefix() == prefix && plain.equals(chunks[i])) {
                return Optional.of(ids[i]);
            }
        }
        return Optional.empty();
    }
}
