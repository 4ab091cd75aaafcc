package io.varve.format.hash;

import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether this process hashes several contents, or chunks of one, at once. That takes vectors,
 * which the JVM has to be started with ({@code --add-modules jdk.incubator.vector}), and half a
 * second of two processors until it is compiled: so a transfer asks for it if it is large, and goes
 * on one by one until it is ready. It is used only if it is right and faster than the plain way.
 * Safe for many threads.
 */
public final class LaneSupport {

    /** Below so many bytes the plain way is done before the other one is compiled. */
    static final long WORTH_BYTES = 256L << 20;

    /** A JVM with vectors starts more slowly, in the image without its AOT cache. */
    static final long WORTH_A_START_BYTES = 4L << 30;

    private static final String MODULE = "jdk.incubator.vector";

    /** So often it is tried; the compiler takes some hundred. */
    private static final int ROUNDS = 1000;

    /** So long the plain way is measured first: it too is faster once it is compiled. */
    private static final long PLAIN_NANOS = 100_000_000;

    /** So often in a row it has to be faster, by a fifth. */
    private static final int FASTER = 8;

    private static final int PIECE_BYTES = 32 * 1024;

    /** As many contents as a transfer hashes at once. */
    private static final int PIECES = 8;

    private static final Map<HashAlgorithm, LaneSupport> ASKED = new ConcurrentHashMap<>();

    private final HashAlgorithm algorithm;
    private volatile boolean ready;
    private volatile boolean wrong;
    private volatile String state = "being compiled";
    private final Thread compiler;

    private LaneSupport(HashAlgorithm algorithm) {
        this.algorithm = algorithm;
        this.compiler =
                Thread.ofPlatform()
                        .daemon()
                        .name("hash-lanes-" + algorithm.formatName())
                        .unstarted(this::compile);
    }

    /** Whether so many bytes are worth a JVM that starts more slowly because it has vectors. */
    public static boolean isWorthAStart(HashAlgorithm algorithm, long bytes) {
        return bytes >= WORTH_A_START_BYTES && algorithm.hasLanes();
    }

    /** Begins to compile, if so many bytes are worth it; once a process. Returns at once. */
    public static void prepare(HashAlgorithm algorithm, long bytes) {
        if (bytes >= WORTH_BYTES && isPresent() && algorithm.hasLanes()) {
            ASKED.computeIfAbsent(algorithm, LaneSupport::begin);
        }
    }

    /**
     * Waits until what was begun is done, and says what came of it, in words.
     *
     * @throws InterruptedIOException if this thread was interrupted
     */
    public static String await(HashAlgorithm algorithm) throws InterruptedIOException {
        LaneSupport asked = ASKED.get(algorithm);
        if (asked != null) {
            try {
                asked.compiler.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while hash code was compiled");
            }
        }
        return state(algorithm);
    }

    /** What came of it, in words. */
    static String state(HashAlgorithm algorithm) {
        LaneSupport asked = ASKED.get(algorithm);
        return asked == null ? "one by one" : asked.state;
    }

    static boolean isPresent() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    /**
     * Whether several contents are to be hashed at once.
     *
     * @throws WrongHashException if that gave a wrong hash: nothing that such a machine computes is
     *     to be relied on
     */
    static boolean isReady(HashAlgorithm algorithm) {
        LaneSupport asked = ASKED.get(algorithm);
        if (asked != null && asked.wrong) {
            throw new WrongHashException(
                    "several contents, hashed at once, had wrong hashes: this machine or its JVM computes wrongly; test its memory, and run on another one");
        }
        return asked != null && asked.ready;
    }

    private static LaneSupport begin(HashAlgorithm algorithm) {
        LaneSupport support = new LaneSupport(algorithm);
        support.compiler.start();
        return support;
    }

    /** What fails here, memory too, fails nothing: blocks are hashed one by one. */
    private void compile() {
        try {
            state = outcome();
        } catch (WrongHashException e) {
            wrong = true;
            state = "several at once gave wrong hashes";
        } catch (RuntimeException | Error e) {
            state = "one by one: several at once failed with " + e;
        }
    }

    private String outcome() {
        byte[] secret = random(32);
        ContentHasher single = algorithm.hasher(secret, () -> false);
        ContentHasher several = algorithm.hasher(secret, () -> true);
        if (!(several instanceof BatchHasher batch) || !batch.hasLanes(PIECE_BYTES)) {
            return "one by one: vectors are too narrow here";
        }
        ByteBuffer contents = ByteBuffer.allocateDirect(PIECES * PIECE_BYTES);
        contents.put(random(contents.capacity())).clear();
        int[] offsets = new int[PIECES];
        Arrays.setAll(offsets, piece -> piece * PIECE_BYTES);
        Runnable plain = () -> single.hash(contents, offsets, PIECE_BYTES);
        byte[][] expected = single.hash(contents, offsets, PIECE_BYTES);
        long best = Long.MAX_VALUE;
        for (long begun = System.nanoTime(); System.nanoTime() - begun < PLAIN_NANOS; ) {
            best = Math.min(best, nanos(plain));
        }
        int faster = 0;
        for (int round = 0; round < ROUNDS && faster < FASTER; round++) {
            if (round % 16 == 0) {
                best = Math.min(best, nanos(plain));
            }
            AtomicReference<byte[][]> found = new AtomicReference<>();
            long took = nanos(() -> found.set(several.hash(contents, offsets, PIECE_BYTES)));
            if (!Arrays.deepEquals(found.get(), expected)) {
                wrong = true;
                return "several at once gave wrong hashes";
            }
            faster = took < best * 4 / 5 ? faster + 1 : 0;
        }
        ready = faster == FASTER;
        return ready ? "several at once" : "one by one: several at once are not faster here";
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static long nanos(Runnable work) {
        long begun = System.nanoTime();
        work.run();
        return System.nanoTime() - begun;
    }
}
