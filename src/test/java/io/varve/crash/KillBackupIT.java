package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.catalog.Run;
import io.varve.crash.Victim.Death;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: wherever the process of a backup dies, nothing that is listed is less than whole, and the
 * same command completes the run, with one backup in the end. Method: a second JVM runs the program
 * and kills itself at a {@link CrashSite}; then the plain program runs the same command. Each site
 * has a volume of its own in the one repository. All other moments: {@link KillBackupEverywhereIT}.
 */
@EveryDatabase
class KillBackupIT {

    /** Two ranges of 24 blocks with data: two chunks, and a pack and a half. */
    private static final int BLOCKS = 96;

    private static final Set<CrashSite> LAST =
            EnumSet.of(
                    CrashSite.BACKUP_AFTER_RELEASE,
                    CrashSite.BACKUP_AFTER_THE_LAST_STEP_IS_RECORDED);

    private final Path folder;
    private final Victim victim;

    KillBackupIT(TestDatabase kind, @TempDir Path folder) {
        this.folder = folder;
        this.victim = new Victim(kind, folder, 2);
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheRun() {
        return killed(CrashSite.inEachBuild(Run.Kind.BACKUP), "killed-backups");
    }

    @Exhaustive
    @TestFactory
    Stream<DynamicTest> soItDoesAtAShareOfAllSites() {
        return killed(CrashSite.share(Run.Kind.BACKUP), "killed-backups-too");
    }

    private Stream<DynamicTest> killed(Stream<CrashSite> sites, String kept) {
        return Stream.concat(
                sites.map(site -> dynamicTest(site.name(), () -> killAndBackUp(site))),
                Stream.of(dynamicTest("what they left", () -> victim.end(kept))));
    }

    private void killAndBackUp(CrashSite site) throws Exception {
        Path image = folder.resolve(site.id());
        SeededImage.scattered(image, BLOCKS, 2, site.id().hashCode());
        Death death =
                victim.kill(
                        site.point(),
                        "backup",
                        "run",
                        "--json",
                        "--volume",
                        site.id(),
                        "--device",
                        image.toString());
        assertWhole(site, image);

        Result result = death.runAgain(0);

        assertThat(result.json().get("status").asString()).isEqualTo("COMPLETED");
        // A run whose last step was committed is over: the same command makes the next backup.
        assertThat(death.over()).isEqualTo(LAST.contains(site));
        assertThat(assertWhole(site, image)).isEqualTo(death.over() ? 2 : 1);
        // All data of all sites is read once, at the end.
        victim.succeed("verify", "run");
    }

    /** Returns how many backups of the image are listed, each of which is whole. */
    private int assertWhole(CrashSite site, Path image) throws IOException {
        JsonNode listed = victim.succeed("backup", "list", "--json", "--volume", site.id()).json();
        for (JsonNode backup : listed) {
            victim.assertRestores(backup.get("backupId").asString(), image);
        }
        return listed.size();
    }
}
