package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.index.IndexEntry;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Sealed contents as they lie in packs. Where a read waits for a network, those that are {@link
 * #expect expected} are read ahead: several requests at a time, neighbours in one. For one thread,
 * but for the requests.
 */
final class PackReads {

    /** Bytes between two contents that are rather read than asked for twice. */
    private static final int GAP = 64 << 10;

    /** Of one request, in bytes: more take longer than a round trip anyway. */
    private static final int SPAN = 9 << 20;

    /** Batches that are held: the one that is used, and the next. */
    private static final int BATCHES = 2;

    private final BlobStorage storage;
    private final Deque<Batch> batches = new ArrayDeque<>();
    private ByteBuffer spare = ByteBuffer.allocate(0);

    /**
     * A request.
     *
     * @param bytes what it reads, from its beginning to its limit
     */
    private record Span(String pack, long offset, ByteBuffer bytes, NetworkCall read) {

        boolean covers(IndexEntry entry) {
            return entry.pack().equals(pack)
                    && entry.packOffset() >= offset
                    && Joined.endOf(entry) <= offset + bytes.limit();
        }
    }

    /** What was expected together. */
    private record Batch(ByteBuffer memory, List<Span> spans) {

        Optional<Span> covering(IndexEntry entry) {
            return spans.stream().filter(span -> span.covers(entry)).findFirst();
        }
    }

    /** Neighbours in a pack. */
    private record Joined(String pack, long from, long to) {

        Joined(IndexEntry entry) {
            this(entry.pack(), entry.packOffset(), endOf(entry));
        }

        static long endOf(IndexEntry entry) {
            return (long) entry.packOffset() + entry.packedLength();
        }

        Optional<Joined> with(IndexEntry next) {
            long end = endOf(next);
            boolean near =
                    next.pack().equals(pack) && next.packOffset() - to <= GAP && end - from <= SPAN;
            return near ? Optional.of(new Joined(pack, from, Math.max(to, end))) : Optional.empty();
        }

        int length() {
            return Math.toIntExact(to - from);
        }
    }

    PackReads(BlobStorage storage) {
        this.storage = storage;
    }

    /** Whether it pays to say what comes. */
    boolean readsAhead() {
        return storage.isRemote();
    }

    /**
     * Begins to read what {@link #read} is going to be asked for next, but one: so many bytes are
     * held as two calls tell of.
     */
    void expect(List<IndexEntry> entries) {
        if (entries.stream().allMatch(this::isExpected)) {
            return;
        }
        List<Joined> joined = joined(entries);
        if (batches.size() >= BATCHES) {
            retire(batches.remove());
        }
        int bytes = joined.stream().mapToInt(Joined::length).reduce(0, Math::addExact);
        ByteBuffer memory = spare.capacity() >= bytes ? spare : ByteBuffer.allocateDirect(bytes);
        spare = ByteBuffer.allocate(0);
        List<Span> spans = new ArrayList<>();
        int at = 0;
        for (Joined span : joined) {
            spans.add(begin(span, memory.slice(at, span.length())));
            at += span.length();
        }
        batches.add(new Batch(memory, spans));
    }

    private boolean isExpected(IndexEntry entry) {
        return batches.stream().anyMatch(batch -> batch.covering(entry).isPresent());
    }

    private static List<Joined> joined(List<IndexEntry> entries) {
        List<IndexEntry> sorted = new ArrayList<>(entries);
        sorted.sort(
                Comparator.comparing(IndexEntry::pack).thenComparingInt(IndexEntry::packOffset));
        Deque<Joined> joined = new ArrayDeque<>();
        for (IndexEntry entry : sorted) {
            Optional<Joined> longer =
                    Optional.ofNullable(joined.peekLast()).flatMap(last -> last.with(entry));
            if (longer.isPresent()) {
                joined.removeLast();
            }
            joined.add(longer.orElseGet(() -> new Joined(entry)));
        }
        return List.copyOf(joined);
    }

    private Span begin(Joined span, ByteBuffer bytes) {
        NetworkCall read =
                NetworkCall.begin(
                        () ->
                                storage.read(
                                        new BlobId(span.pack()), span.from(), bytes.duplicate()));
        return new Span(span.pack(), span.from(), bytes, read);
    }

    /** Its memory is free when nothing is read into it any more. */
    private void retire(Batch batch) {
        boolean free = batch.spans().stream().allMatch(span -> span.read().isDone());
        if (free && batch.memory().capacity() > spare.capacity()) {
            spare = batch.memory();
        }
    }

    /**
     * Fills {@code target} with the sealed bytes of a content.
     *
     * @throws IOException as {@link BlobStorage#read} does
     */
    void read(IndexEntry entry, ByteBuffer target) throws IOException {
        Optional<ByteBuffer> ahead = ahead(entry);
        if (ahead.isPresent()) {
            target.put(ahead.get());
        } else {
            storage.read(new BlobId(entry.pack()), entry.packOffset(), target);
        }
    }

    /**
     * What was read ahead; not if the pack is gone or short, since a request may be a wider one.
     */
    private Optional<ByteBuffer> ahead(IndexEntry entry) throws IOException {
        Optional<Span> span =
                batches.stream().flatMap(batch -> batch.covering(entry).stream()).findFirst();
        if (span.isEmpty() || !isRead(span.get().read())) {
            return Optional.empty();
        }
        int at = Math.toIntExact(entry.packOffset() - span.get().offset());
        return Optional.of(span.get().bytes().slice(at, entry.packedLength()));
    }

    /** As {@link BlobStorage#forgetCopy}, of the content's pack. */
    boolean forgetCopy(IndexEntry entry) {
        return storage.forgetCopy(new BlobId(entry.pack()));
    }

    private static boolean isRead(NetworkCall read) throws IOException {
        try {
            read.await();
            return true;
        } catch (BlobStorageException.NotFound | EOFException e) {
            return false;
        }
    }
}
