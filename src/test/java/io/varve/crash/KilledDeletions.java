package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.crash.Victim.Death;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** Deletions of the middle one of three backups of a volume, which share most of their blocks. */
final class KilledDeletions {

    private static final int BLOCKS = 4;

    private final Path folder;
    private final Victim victim;
    private final SeededImage first;
    private final String firstId;
    private int made = 1;

    KilledDeletions(TestDatabase kind, Path folder) throws IOException {
        this.folder = folder;
        victim = new Victim(kind, folder, 2);
        first = SeededImage.create(folder.resolve("first.img"), BLOCKS, 1);
        firstId = backUp(first.path());
    }

    int survived() {
        return victim.survived();
    }

    private String backUp(Path image) {
        return victim.succeed(
                        "backup", "run", "--json", "--volume", "disk", "--device", image.toString())
                .json()
                .get("backupId")
                .asString();
    }

    private String backUpAnother(String name) throws IOException {
        made++;
        SeededImage image = SeededImage.create(folder.resolve(name), BLOCKS, 1);
        image.change(made, 0);
        return backUp(image.path());
    }

    private List<String> listed() {
        return StreamSupport.stream(
                        victim.succeed("backup", "list", "--json").json().spliterator(), false)
                .map(backup -> backup.get("backupId").asString())
                .toList();
    }

    List<String> points() throws Exception {
        String id = backUpAnother("recorded.img");
        List<String> points = victim.points("backup", "delete", id);
        assertThat(listed()).containsExactly(firstId);
        return points;
    }

    /** Kills the deletion at a point, and completes it. */
    void killAndDelete(String point) throws Exception {
        Path middle = folder.resolve("middle%d.img".formatted(made));
        String doomed = backUpAnother(middle.getFileName().toString());
        Path last = folder.resolve("last%d.img".formatted(made));
        String lastId = backUpAnother(last.getFileName().toString());

        Death death = victim.killOrMiss(point, "backup", "delete", doomed);
        if (listed().contains(doomed)) {
            victim.assertRestores(doomed, middle);
        }

        // A deletion that was over but could not say so any more says it now.
        death.runAgain(0);

        assertThat(listed()).containsExactlyInAnyOrder(firstId, lastId);
        assertThat(victim.catalog()).containsExactlyInAnyOrder(firstId, lastId);
        victim.assertRestores(firstId, first.path());
        victim.assertRestores(lastId, last);
        victim.assertVerifies();
        victim.succeed("backup", "delete", lastId);
    }

    void end(String name) throws IOException {
        victim.end(name);
    }
}
