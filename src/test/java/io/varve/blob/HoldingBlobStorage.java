package io.varve.blob;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/** Reads of some blobs wait until they are let go. */
public final class HoldingBlobStorage extends DelegatingBlobStorage {

    private final Predicate<BlobId> held;
    private final boolean remote;
    private final CountDownLatch let = new CountDownLatch(1);
    private final Semaphore arrived = new Semaphore(0);
    private final List<Thread> readers = new CopyOnWriteArrayList<>();
    private volatile boolean untilPack;

    /**
     * @param remote whether it says that its calls wait for a network
     */
    public HoldingBlobStorage(BlobStorage storage, Predicate<BlobId> held, boolean remote) {
        super(storage);
        this.held = held;
        this.remote = remote;
    }

    /** Holds all index blobs until a pack of blocks was put. */
    public static HoldingBlobStorage ofIndexes(BlobStorage storage, boolean remote) {
        HoldingBlobStorage holding =
                new HoldingBlobStorage(storage, id -> id.value().startsWith("xn"), remote);
        holding.untilPack = true;
        return holding;
    }

    public void letGo() {
        let.countDown();
    }

    /** Waits until so many reads are held. */
    public void awaitHeld(int reads) throws InterruptedException {
        arrived.acquire(reads);
    }

    /** Who is, or was, held. */
    public List<Thread> readers() {
        return readers;
    }

    private void hold(BlobId id) throws InterruptedIOException {
        if (held.test(id)) {
            readers.add(Thread.currentThread());
            arrived.release();
            try {
                let.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while it was held");
            }
        }
    }

    @Override
    public boolean isRemote() {
        return remote;
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        hold(id);
        return super.get(id);
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        hold(id);
        super.read(id, offset, target);
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        super.put(id, content);
        if (untilPack && id.value().startsWith("p")) {
            letGo();
        }
    }
}
