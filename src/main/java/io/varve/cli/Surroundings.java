package io.varve.cli;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.job.DatabaseOwner;
import io.varve.job.Jobs;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
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
     * @param owners asks a process that has the embedded database open
     * @param schemas looks after the database's tables
     */
    public record Openers(
            StorageOpener storage,
            JobsOpener jobs,
            OwnerOfDatabase owners,
            DatabaseSchemas schemas) {

        /** For commands that only look at a database which is open already, and stays open. */
        public static Openers of(Jobs open) {
            return new Openers(
                    new NoStorage(),
                    settings -> open,
                    (owner, words, out, err) -> OptionalInt.empty(),
                    new NoSchemas());
        }
    }

    private static final class NoStorage implements StorageOpener {
        @Override
        public BlobStorage open(StorageLocation location) throws IOException {
            throw new UsageException("the process that is asked opens no repository for others");
        }

        @Override
        public BlobStorage create(StorageLocation location) throws IOException {
            return open(location);
        }
    }

    private static final class NoSchemas implements DatabaseSchemas {
        @Override
        public DatabaseSchema look(DatabaseSettings settings) throws IOException {
            throw new UsageException("the process that is asked has the database open");
        }

        @Override
        public DatabaseSchema migrate(DatabaseSettings settings) throws IOException {
            return look(settings);
        }
    }

    /** Asks the process that has an embedded database open to carry out a command there. */
    @FunctionalInterface
    public interface OwnerOfDatabase {

        /**
         * Prints what it answers and returns its exit code; nothing if it does not answer.
         *
         * @param words of the whole command
         */
        OptionalInt ask(DatabaseOwner owner, List<String> words, PrintWriter out, PrintWriter err);
    }

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
        Jobs open(JobsSettings settings) throws IOException;
    }

    /** Looks after the tables of the jobs' database. */
    public interface DatabaseSchemas {

        /** Which version they have. Changes nothing. */
        DatabaseSchema look(DatabaseSettings settings) throws IOException;

        /**
         * Brings them up to date.
         *
         * @return how they were before
         * @throws UsageException if a newer program has made them
         */
        DatabaseSchema migrate(DatabaseSettings settings) throws IOException;
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
