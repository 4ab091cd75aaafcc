package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.catalog.Run;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: wherever the process of a deletion dies, the same command completes it, and no other backup
 * suffers. Method: as {@link KillBackupIT}. All other moments: {@link KillDeleteEverywhereIT}.
 */
@EveryDatabase
class KillDeleteIT {

    private final KilledDeletions deletions;

    KillDeleteIT(TestDatabase kind, @TempDir Path folder) throws IOException {
        deletions = new KilledDeletions(kind, folder);
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheDeletion() {
        return killed(CrashSite.inEachBuild(Run.Kind.DELETE), "killed-deletions");
    }

    @Exhaustive
    @TestFactory
    Stream<DynamicTest> soItDoesAtAShareOfAllSites() {
        return killed(CrashSite.share(Run.Kind.DELETE), "killed-deletions-too");
    }

    private Stream<DynamicTest> killed(Stream<CrashSite> sites, String kept) {
        return Stream.concat(
                sites.map(
                        site ->
                                dynamicTest(
                                        site.name(), () -> deletions.killAndDelete(site.point()))),
                Stream.of(
                        dynamicTest(
                                "what they left",
                                () -> {
                                    assertThat(deletions.survived()).isZero();
                                    deletions.end(kept);
                                })));
    }
}
