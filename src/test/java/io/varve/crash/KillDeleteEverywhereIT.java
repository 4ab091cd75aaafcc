package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** As {@link KillBackupEverywhereIT}, of a deletion. */
@Exhaustive
@EveryDatabase
class KillDeleteEverywhereIT {

    private final KilledDeletions deletions;

    KillDeleteEverywhereIT(TestDatabase kind, @TempDir Path folder) throws IOException {
        deletions = new KilledDeletions(kind, folder);
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheDeletion() throws Exception {
        List<String> points = deletions.points();
        return Stream.concat(
                points.stream()
                        .map(point -> dynamicTest(point, () -> deletions.killAndDelete(point))),
                Stream.of(
                        dynamicTest(
                                "what they left",
                                () -> {
                                    assertThat(deletions.survived())
                                            .isLessThanOrEqualTo(
                                                    Victim.mostSurvivors(points.size()));
                                    deletions.end("killed-deletions-everywhere");
                                })));
    }
}
