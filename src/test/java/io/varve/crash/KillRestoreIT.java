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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: wherever the process of a restore dies, the same command completes it, without being
 * refused its own half-written target. Method: as {@link KillBackupIT}. All other moments: {@link
 * KillRestoreEverywhereIT}.
 */
@EveryDatabase
class KillRestoreIT {

    /** Two ranges of two chunks each: a chunk of a restore is 128 blocks. */
    private static final int BLOCKS = 300;

    private final Path folder;
    private final Victim victim;
    private final Path image;
    private final String backupId;

    KillRestoreIT(TestDatabase kind, @TempDir Path folder) throws IOException {
        this.folder = folder;
        this.victim = new Victim(kind, folder, 2);
        this.image = SeededImage.scattered(folder.resolve("disk.img"), BLOCKS, 8, 1).path();
        this.backupId =
                victim.succeed("backup", "run", "--json", "--device", image.toString())
                        .json()
                        .get("backupId")
                        .asString();
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheRestore() {
        return killed(CrashSite.inEachBuild(Run.Kind.RESTORE), "killed-restores");
    }

    @Exhaustive
    @TestFactory
    Stream<DynamicTest> soItDoesAtAShareOfAllSites() {
        return killed(CrashSite.share(Run.Kind.RESTORE), "killed-restores-too");
    }

    private Stream<DynamicTest> killed(Stream<CrashSite> sites, String kept) {
        return Stream.concat(
                sites.map(site -> dynamicTest(site.name(), () -> killAndRestore(site))),
                Stream.of(dynamicTest("what they left", () -> victim.end(kept))));
    }

    private void killAndRestore(CrashSite site) throws Exception {
        Path target = folder.resolve("restored-" + site.id());
        String[] restore = {
            "restore", "run", backupId, "--json", "--to-device", target.toString(), "--verify"
        };
        Death death = victim.kill(site.point(), restore);
        assertThat(death.over()).isEqualTo(site == CrashSite.RESTORE_AFTER_RELEASE);
        if (death.over()) {
            // It is what was asked for, and somebody's now.
            assertThat(Files.mismatch(image, target)).isEqualTo(-1);
            Files.delete(target);
        }

        Result result = death.runAgain(0);

        assertThat(result.json().get("verified").asBoolean()).isTrue();
        assertThat(Files.mismatch(image, target)).isEqualTo(-1);
        Files.delete(target);
    }
}
