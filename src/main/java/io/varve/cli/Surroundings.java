package io.varve.cli;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.job.Jobs;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What the commands need of the process around them.
 *
 * @param out gets results
 * @param err gets all else
 * @param terminal whether a person sees {@code err} on a terminal
 * @param trace whether failures are printed with their stack traces
 */
public record Surroundings(
        Settings settings,
        PrintWriter out,
        PrintWriter err,
        boolean terminal,
        boolean trace,
        Openers openers,
        InstantSource clock,
        RandomGenerator random) {

    /**
     * What opens the world outside, when a command needs it.
     *
     * @param storage opens a blob storage
     * @param jobs opens the database and what runs jobs on it
     */
    public record Openers(StorageOpener storage, JobsOpener jobs) {}

    /** Opens storages; the caller closes them. */
    public interface StorageOpener {

        /**
         * Opens what is there.
         *
         * @throws io.varve.repository.content.NoRepositoryException if there is no storage
         */
        BlobStorage open(StorageLocation location) throws IOException;

        /** Opens what is there, or makes it. */
        BlobStorage create(StorageLocation location) throws IOException;
    }

    /** Opens the database and what runs jobs on it; the caller closes it. */
    @FunctionalInterface
    public interface JobsOpener {
        Jobs open(DatabaseSettings database, int streams) throws IOException;
    }

    /** These surroundings with other settings. */
    public Surroundings with(Settings others) {
        return new Surroundings(others, out, err, terminal, trace, openers, clock, random);
    }

    /** These surroundings with results going elsewhere. */
    public Surroundings printingTo(PrintWriter other) {
        return new Surroundings(settings, other, err, terminal, trace, openers, clock, random);
    }
}
