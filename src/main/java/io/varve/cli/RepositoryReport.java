package io.varve.cli;

import io.varve.blob.ObjectLock;
import io.varve.cli.Output.Fact;
import io.varve.format.RepositoryFormat;
import io.varve.repository.Repository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a repository is: JSON of {@code repository create}.
 *
 * @param created whether this call created it
 */
record RepositoryReport(String uniqueId, String location, boolean created, Format format) {

    /**
     * What keeps its objects from being deleted.
     *
     * @param mode {@code GOVERNANCE} or {@code COMPLIANCE}
     * @param seconds from when an object is put
     */
    record Lock(String mode, long seconds) {

        static Lock of(ObjectLock lock) {
            return new Lock(lock.mode().name(), lock.period().toSeconds());
        }
    }

    /**
     * How it stores what it stores.
     *
     * @param readOnly why this program does not write to it, if it does not
     */
    record Format(
            int version,
            String hash,
            String encryption,
            String splitter,
            String ecc,
            int maxPackBytes,
            int indexVersion,
            boolean epochs,
            Optional<Lock> objectLock,
            Optional<String> readOnly) {

        static Format of(Repository repository) {
            RepositoryFormat format = repository.format();
            return new Format(
                    format.version(),
                    format.hash(),
                    format.encryption(),
                    format.splitter(),
                    format.ecc(),
                    format.maxPackBytes(),
                    format.indexVersion(),
                    format.epochs().enabled(),
                    repository.lock().map(Lock::of),
                    format.whyReadOnly());
        }

        List<Fact> facts() {
            List<Fact> facts = new ArrayList<>();
            facts.add(new Fact("format", "version %d, index %d".formatted(version, indexVersion)));
            facts.add(new Fact("hash", hash));
            facts.add(new Fact("encryption", encryption));
            facts.add(new Fact("splitter", splitter));
            objectLock.ifPresent(
                    lock ->
                            facts.add(
                                    new Fact(
                                            "object lock",
                                            "%s, %s"
                                                    .formatted(
                                                            lock.mode(),
                                                            Figures.time(
                                                                    Duration.ofSeconds(
                                                                            lock.seconds()))))));
            readOnly.ifPresent(why -> facts.add(new Fact("read-only", why)));
            return facts;
        }
    }

    static RepositoryReport of(Repository repository, boolean created) {
        return new RepositoryReport(
                repository.id(), repository.location(), created, Format.of(repository));
    }

    List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("location", location));
        facts.addAll(format.facts());
        return facts;
    }
}
