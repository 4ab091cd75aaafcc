package io.varve.crash;

import io.varve.app.Varve;
import io.varve.app.VarveInProcess;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** The program, which holds still before its second pack until it is told to end. */
final class HeldVarve {

    private static final int LONGEST_SECONDS = 60;

    private HeldVarve() {}

    static void main(String[] args) {
        Path held = Path.of(System.getProperty("varve.held"));
        CountDownLatch goOn = new CountDownLatch(1);
        // Hooks run side by side: this one lets the run go on to its checkpoint.
        Runtime.getRuntime().addShutdownHook(new Thread(goOn::countDown));
        AtomicInteger packs = new AtomicInteger();
        System.exit(
                Varve.run(
                        args,
                        WatchedOpeners.watchedBy(
                                moment -> {
                                    boolean pack =
                                            moment.event() == Event.PUT
                                                    && moment.when() == When.BEFORE
                                                    && moment.name().startsWith("p");
                                    if (pack && packs.incrementAndGet() == 2) {
                                        Files.createFile(held);
                                        await(goOn);
                                    }
                                })));
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(LONGEST_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("no signal came");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Starts it in another JVM. */
    static Process start(VarveInProcess varve, Path folder, String... args) throws IOException {
        ProcessBuilder builder =
                ChildJvm.of(
                        varve,
                        HeldVarve.class,
                        List.of("-Dvarve.held=" + folder.resolve("held")),
                        args);
        // Who builds in the background may have it ignored.
        builder.command().addAll(0, List.of("env", "--default-signal=INT"));
        return builder.redirectOutput(folder.resolve("held.out").toFile())
                .redirectError(folder.resolve("held.err").toFile())
                .start();
    }

    /** Waits until it holds still. */
    static void awaitHeld(Path folder, Process process) throws Exception {
        Awaitility.await()
                .atMost(LONGEST_SECONDS, TimeUnit.SECONDS)
                .until(() -> Files.exists(folder.resolve("held")) || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException(Files.readString(folder.resolve("held.err")));
        }
    }
}
