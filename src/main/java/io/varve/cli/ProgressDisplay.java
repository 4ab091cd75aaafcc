package io.varve.cli;

import io.varve.mover.block.TransferProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a transfer is, from a thread of its own: one repainted line on a terminal, else a
 * line every 30 s.
 */
final class ProgressDisplay {

    private static final Duration REPAINT = Duration.ofMillis(250);
    private static final Duration LINE = Duration.ofSeconds(30);

    private final Optional<ScheduledExecutorService> ticker;
    private final Optional<Painter> painter;

    private ProgressDisplay(Optional<ScheduledExecutorService> ticker, Optional<Painter> painter) {
        this.ticker = ticker;
        this.painter = painter;
    }

    /** Shows nothing. */
    static ProgressDisplay none() {
        return new ProgressDisplay(Optional.empty(), Optional.empty());
    }

    static ProgressDisplay start(
            String what, TransferProgress progress, Output output, boolean terminal) {
        Painter painter = terminal ? new Bar(what, progress) : new Lines(what, progress, output);
        ScheduledExecutorService ticker =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("progress").factory());
        long period = (terminal ? REPAINT : LINE).toMillis();
        // The future is dropped: a painter that throws ends the display, not the run.
        var _ = ticker.scheduleAtFixedRate(painter::paint, period, period, TimeUnit.MILLISECONDS);
        return new ProgressDisplay(Optional.of(ticker), Optional.of(painter));
    }

    /** Shows the last state and stops. */
    void end() {
        ticker.ifPresent(ScheduledExecutorService::shutdownNow);
        painter.ifPresent(Painter::end);
    }

    /** One way to show progress. */
    private interface Painter {
        void paint();

        void end();
    }

    /** A bar, percent, bytes, rate and time left, on one line. */
    private static final class Bar implements Painter {
        private static final long MIB = 1 << 20;

        private final String what;
        private final TransferProgress progress;
        private @Nullable ProgressBar bar;

        Bar(String what, TransferProgress progress) {
            this.what = what;
            this.progress = progress;
        }

        @Override
        public synchronized void paint() {
            long total = progress.totalBytes();
            if (total <= 0) {
                return;
            }
            ProgressBar painted = bar;
            if (painted == null) {
                painted = open(total, progress.doneBytes());
                bar = painted;
            }
            painted.maxHint(total);
            painted.stepTo(progress.doneBytes());
            painted.setExtraMessage("read " + Figures.bytes(progress.readBytes()));
        }

        private ProgressBar open(long total, long done) {
            // System.err and not the command's writer: a bar is only shown on a real terminal.
            return new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(total)
                    .startsFrom(done, Duration.ZERO)
                    .setUnit(" MiB", MIB)
                    .showSpeed()
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis((int) REPAINT.toMillis())
                    .setConsumer(
                            new DelegatingProgressBarConsumer(
                                    line -> System.err.print("\r" + line), 100))
                    .build();
        }

        @Override
        public synchronized void end() {
            ProgressBar painted = bar;
            if (painted != null) {
                paint();
                painted.close();
                System.err.println();
            }
        }
    }

    /** Plain lines. */
    private static final class Lines implements Painter {
        private final String what;
        private final TransferProgress progress;
        private final Output output;
        private final ProgressLine.Sample start;

        Lines(String what, TransferProgress progress, Output output) {
            this.what = what;
            this.progress = progress;
            this.output = output;
            this.start = sample();
        }

        private ProgressLine.Sample sample() {
            return new ProgressLine.Sample(
                    Instant.now(),
                    progress.doneBytes(),
                    progress.totalBytes(),
                    progress.readBytes());
        }

        @Override
        public void paint() {
            output.progress(ProgressLine.text(what, start, sample()));
        }

        /** Also of a run that is over before its first line is due. */
        @Override
        public void end() {
            if (progress.totalBytes() > 0) {
                paint();
            }
        }
    }
}
