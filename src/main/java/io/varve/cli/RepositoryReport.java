package io.varve.cli;

import io.varve.cli.Output.Fact;
import io.varve.format.RepositoryFormat;
import io.varve.repository.Repository;
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
            Optional<String> readOnly) {

        static Format of(RepositoryFormat format) {
            return new Format(
                    format.version(),
                    format.hash(),
                    format.encryption(),
                    format.splitter(),
                    format.ecc(),
                    format.maxPackBytes(),
                    format.indexVersion(),
                    format.epochs().enabled(),
                    format.whyReadOnly());
        }

        List<Fact> facts() {
            List<Fact> facts = new ArrayList<>();
            facts.add(new Fact("format", "version %d, index %d".formatted(version, indexVersion)));
            facts.add(new Fact("hash", hash));
            facts.add(new Fact("encryption", encryption));
            facts.add(new Fact("splitter", splitter));
            readOnly.ifPresent(why -> facts.add(new Fact("read-only", why)));
            return facts;
        }
    }

    static RepositoryReport of(Repository repository, boolean created) {
        return new RepositoryReport(
                repository.id(), repository.location(), created, Format.of(repository.format()));
    }

    List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("location", location));
        facts.addAll(format.facts());
        return facts;
    }
}
